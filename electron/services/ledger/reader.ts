import { setImmediate } from 'node:timers/promises';
import type { LedgerHead } from '../../../shared/model/entry.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { LedgerReader, StepVerifier } from './api.ts';
import { entryOf } from './entry-row.ts';
import { chainRows, hashAt } from './segments.ts';
import type { LedgerStore } from './store.ts';
import { unionOf, unionOfKinds } from './union.ts';
import { FIRST_PREVIOUS, type KnownHead } from './verify.ts';
import { type Verdicts, walkChains, type WalkedChain, type WalkVerdict } from './walk.ts';

/** Longest that a walk in steps keeps everything else waiting, milliseconds. */
const STEP_MS = 10;
/** Digits of a device's id in a sentence. */
const SHOWN = 8;

/** Heads that are known from elsewhere than the store: an end that is cut off shows against them. */
export type KnownHeads = (device: string) => KnownHead | undefined;

/** A reader that also tells what the last walk found of each chain. */
export interface ChainsReader extends LedgerReader, StepVerifier {
  verdict(device: string): WalkVerdict | null;
}

/** The device whose folder a store is; throws `ledger` when there is none, or more than one to choose from. */
export function ownDevice(store: LedgerStore): string {
  const own = store.own();
  if (own !== null) return own;
  const devices = store.devices();
  const device = devices[0];
  if (device === undefined) throw new ScramError('ledger', 'the ledger has no entries');
  if (devices.length > 1) throw new ScramError('ledger', `the ledger does not say whose it is: ${devices.join(', ')}`);
  return device;
}

/** Reads the chains of a store as those of one device's ledger. */
export function createLedgerReader(store: LedgerStore, device: string, known?: KnownHeads): ChainsReader {
  let verdicts: Verdicts | null = null;

  function* chains(): Generator<WalkedChain> {
    const devices = store.devices();
    // What is known to have been there and is not there at all is missed as well.
    for (const one of [device, ...devices.filter((other) => other !== device)]) {
      yield { device: one, rows: (after) => chainRows(store, one, after), expected: { head: known?.(one) } };
    }
  }

  const walk = () => walkChains(chains(), device, (of, sequence) => hashAt(store, of, sequence));

  function head(): LedgerHead {
    const last = store.last(device);
    const problem = problemOf(verdicts, device, 'problem');
    return {
      device,
      entries: last?.sequence ?? 0,
      hash: last?.hash ?? FIRST_PREVIOUS,
      verified: verdicts === null ? 'unverified' : problem === null ? 'verified' : 'broken',
      problem: problem ?? problemOf(verdicts, device, 'told'),
    };
  }

  return {
    device,
    head,
    *all() {
      for (const row of unionOf(store)) yield entryOf(row);
    },
    *of(kinds) {
      for (const row of unionOfKinds(store, kinds)) yield entryOf(row);
    },
    page: (query) => store.page(device, query).map(entryOf),
    verdict: (of) => verdicts?.get(of) ?? null,
    verify() {
      const steps = walk();
      let step = steps.next();
      while (step.done !== true) step = steps.next();
      verdicts = step.value;
      return head();
    },
    async verifyInSteps(signal) {
      const steps = walk();
      let until = performance.now() + STEP_MS;
      for (let step = steps.next(); ; step = steps.next()) {
        if (step.done === true) {
          verdicts = step.value;
          return head();
        }
        if (performance.now() < until) continue;
        await setImmediate();
        if (signal?.aborted) throw new ScramError('cancelled', 'verifying the ledger was cancelled');
        until = performance.now() + STEP_MS;
      }
    },
  };
}

/** The first problem in words, or what could not be looked at: of the ledger's own chain, or else of another. */
function problemOf(verdicts: Verdicts | null, own: string, which: 'problem' | 'told'): string | null {
  const words = (device: string): string | null => {
    const verdict = verdicts?.get(device);
    if (which === 'told') return verdict?.told ?? null;
    const problem = verdict?.problem ?? null;
    return problem === null ? null : `entry ${problem.sequence} ${problem.what}`;
  };
  const ours = words(own);
  if (ours !== null) return ours;
  for (const device of verdicts?.keys() ?? []) {
    const found = words(device);
    if (found !== null) return `device ${device.slice(0, SHOWN)}: ${found}`;
  }
  return null;
}
