import { setImmediate } from 'node:timers/promises';
import { type Entry, entrySchema, type LedgerHead } from '../../../shared/model/entry.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { LedgerReader, StepVerifier } from './api.ts';
import type { LedgerRow, LedgerStore } from './store.ts';
import { type ChainVerdict, FIRST_PREVIOUS, createChainVerifier, type KnownHead, verifyChain } from './verify.ts';

/** Longest that a walk in steps keeps everything else waiting, milliseconds. */
const STEP_MS = 10;

/** A row as an entry. Throws `ledger` when it is of a kind that this version does not know, or no entry at all. */
export function entryOf(row: LedgerRow): Entry {
  let body: unknown;
  try {
    body = JSON.parse(row.body);
  } catch {
    body = null;
  }
  const parsed = entrySchema.safeParse({ body, hash: row.hash, signature: row.signature });
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new ScramError('ledger', `ledger entry ${row.sequence} cannot be read (at ${where})`, {
    action: 'Run: scram ledger verify. When it verifies, a newer version of Scram wrote it: start that version.',
  });
}

/** The device whose chain a store holds; throws `ledger` when there is none, or more than one to choose from. */
export function onlyDevice(store: LedgerStore): string {
  const devices = store.devices();
  const device = devices[0];
  if (device === undefined) throw new ScramError('ledger', 'the ledger has no entries');
  if (devices.length > 1) throw new ScramError('ledger', `the ledger holds several devices: ${devices.join(', ')}`);
  return device;
}

/** Reads one device's chain. `known` tells a head from elsewhere, against which a cut-off end shows. */
export function createLedgerReader(
  store: LedgerStore,
  device: string,
  known?: () => KnownHead,
): LedgerReader & StepVerifier {
  let verdict: ChainVerdict | null = null;

  function head(): LedgerHead {
    const last = store.last(device);
    return {
      device,
      entries: last?.sequence ?? 0,
      hash: last?.hash ?? FIRST_PREVIOUS,
      verified: verdict === null ? 'unverified' : verdict.problem === null ? 'verified' : 'broken',
      problem: problemText(verdict),
    };
  }

  return {
    device,
    head,
    *all() {
      for (const row of store.rows(device)) yield entryOf(row);
    },
    page: (query) => store.page(device, query).map(entryOf),
    verify() {
      verdict = verifyChain(store.rows(device), { device, head: known?.() });
      return head();
    },
    async verifyInSteps(signal) {
      const verifier = createChainVerifier({ device, head: known?.() });
      let until = performance.now() + STEP_MS;
      for (const row of store.rows(device)) {
        if (!verifier.take(row)) break;
        if (performance.now() < until) continue;
        await setImmediate();
        if (signal?.aborted) throw new ScramError('cancelled', 'verifying the ledger was cancelled');
        until = performance.now() + STEP_MS;
      }
      verdict = verifier.end();
      return head();
    },
  };
}

export function problemText(verdict: ChainVerdict | null): string | null {
  const problem = verdict?.problem ?? null;
  return problem === null ? null : `entry ${problem.sequence} ${problem.what}`;
}
