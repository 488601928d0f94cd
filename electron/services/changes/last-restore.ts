import type { Entry } from '../../../shared/model/entry.ts';
import { takesAway } from '../../../shared/rules/policy.ts';
import type { FlagRef } from '../flags/api.ts';
import { followLedger, type Ledger, type Projection } from '../ledger/api.ts';

interface Restores {
  /** Proposed changes that give a feature to more users, and have no accepted result yet: by hash. */
  readonly open: Map<string, { readonly place: string; readonly device: string }>;
  /** By place, epoch ms. */
  readonly lastAtMs: Map<string, number>;
}

const restores: Projection<Restores> = {
  initial: () => ({ open: new Map(), lastAtMs: new Map() }),
  apply(state, { body: { data, atMs, device } }: Entry) {
    if (data.kind === 'change.proposed') {
      const { hash, payload } = data.change;
      const place = placeOf({ ...payload, key: payload.flag }, payload.environment);
      if (payload.device === device && !takesAway(payload)) state.open.set(hash, { place, device });
    } else if (data.kind === 'change.result' && data.outcome === 'accepted') {
      // What becomes of a change is told by the console that it runs on, and by no other (D8).
      const found = state.open.get(data.hash);
      if (found?.device !== device) return state;
      const { place } = found;
      state.open.delete(data.hash);
      state.lastAtMs.set(place, Math.max(atMs, state.lastAtMs.get(place) ?? atMs));
    }
    return state;
  },
};

/** One reading of a ledger serves every configuration that is loaded while it is open. */
const followed = new WeakMap<Ledger, () => Restores>();

/** When the flag was last given to more users in this environment, by the ledger, epoch ms; null when never. */
export function lastRestoreAtMs(ledger: Ledger, ref: FlagRef, environment: string): number | null {
  let state = followed.get(ledger);
  if (state === undefined) {
    state = followLedger(ledger, restores).state;
    followed.set(ledger, state);
  }
  return state().lastAtMs.get(placeOf(ref, environment)) ?? null;
}

function placeOf({ connection, key }: FlagRef, environment: string): string {
  return JSON.stringify([connection, key, environment]);
}
