import type { ChangePayload } from '../../../shared/model/change.ts';
import type { Entry } from '../../../shared/model/entry.ts';
import type { MadeChange } from '../../../shared/rules/drift.ts';
import { ByArea } from './by-area.ts';

/**
 * The newest accepted change of each flag: a projection of the ledger. An undo is a change like any other and so takes
 * the place of what it undid.
 */
export class MadeChanges {
  readonly #proposed = new Map<string, ChangePayload>();
  readonly #newest = new ByArea<MadeChange>();

  /** Gives the payload of the change that the entry says was accepted; null for every other entry. */
  apply({ body: { data, atMs, device } }: Entry): ChangePayload | null {
    if (data.kind === 'change.proposed') {
      if (data.change.payload.device !== device) return null;
      this.#proposed.set(data.change.hash, data.change.payload);
      return null;
    }
    if (data.kind !== 'change.result') return null;
    const payload = this.#proposed.get(data.hash);
    // Another console's change counts like our own, told by that console alone (D8).
    if (payload === undefined || payload.device !== device || data.outcome !== 'accepted') return null;
    this.#proposed.delete(data.hash);
    const { exposure, percentage, serves, targeting, killed } = payload.after;
    const after = { exposure, percentage, serves, targeting, killed };
    this.of(payload.connection, payload.environment).set(payload.flag, { hash: data.hash, after, acceptedAtMs: atMs });
    return payload;
  }

  /** By flag. */
  of(connection: string, environment: string): Map<string, MadeChange> {
    return this.#newest.of(connection, environment);
  }
}
