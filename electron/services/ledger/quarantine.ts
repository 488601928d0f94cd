import type { Refusal } from './api.ts';
import { isRow } from './judge.ts';
import type { LedgerRow, LedgerStore, QuarantinedRow } from './store.ts';

/** Rows that are kept of one device, and in all: a flood of forgeries must fill neither the disk nor the record. */
const MOST_OF_DEVICE = 100;
const MOST = 1_000;
/** Characters of a row that is kept. Longer ones are refused all the same, and told by whoever gave them. */
const MOST_CHARACTERS = 256 * 1024;

/** What was not taken over, and lies aside as it came (D8). */
export function createQuarantine(store: LedgerStore) {
  /** Refusals that are to be kept, and told, for the first time. */
  function fresh(refused: readonly Refusal[]): Refusal[] {
    if (refused.length === 0) return [];
    const kept = Map.groupBy(store.quarantined(), ({ device }) => device);
    let all = [...kept.values()].reduce((sum, { length }) => sum + length, 0);
    return refused.filter((refusal) => {
      const { row, what } = refusal;
      if (!isRow(row) || row.body.length + (row.data?.length ?? 0) > MOST_CHARACTERS) return false;
      const known = kept.get(row.device) ?? [];
      if (all >= MOST || known.length >= MOST_OF_DEVICE || known.some((one) => sameRow(one, row))) return false;
      kept.set(row.device, [...known, { ...row, what, keptAtMs: 0 }]);
      all += 1;
      return true;
    });
  }

  /** Those that still are not in their chain: what an unknown device wrote is taken once the roster names it. */
  function standing(): QuarantinedRow[] {
    return store.quarantined().filter((row) => {
      const held = store.at(row.device, row.sequence);
      return held === null || held.hash !== row.hash || held.body !== row.body || held.signature !== row.signature;
    });
  }

  /**
   * Chains with an entry that came without its words while no redaction of it has: it may be on its way, or somebody who
   * passes the chain on withholds them. Taken all the same: two chains may each redact an entry of the other.
   */
  function wordless(): Map<string, string> {
    const found = new Map<string, string>();
    for (const { device, sequence, hash } of store.ofKind('redacted')) {
      if (found.has(device) || store.isRedacted(device, sequence, hash)) continue;
      found.set(device, `entry ${sequence} came without its words, and no redaction of it is known here`);
    }
    return found;
  }

  return { fresh, standing, wordless };
}

function sameRow(a: LedgerRow, b: LedgerRow): boolean {
  return (
    a.sequence === b.sequence &&
    a.hash === b.hash &&
    a.signature === b.signature &&
    a.body === b.body &&
    (a.data === b.data || a.data === null)
  );
}
