import type { LedgerRow, LedgerStore } from './store.ts';

interface Head {
  readonly device: string;
  row: LedgerRow;
  readonly rest: Iterator<LedgerRow>;
}

/**
 * The rows of every chain as one: by time, then device and sequence, but never a row before its predecessor (D8). A clock
 * that was ahead holds back what its own device wrote after that, and nothing of the others.
 */
export function unionOf(store: LedgerStore): Generator<LedgerRow> {
  return merged(store.devices().map((device) => [device, store.rows(device)]));
}

/** The same order for rows of some kinds alone: what a service is rebuilt from need not read everything else. */
export function unionOfKinds(store: LedgerStore, kinds: readonly string[]): Generator<LedgerRow> {
  const found = kinds.flatMap((kind) => [...store.ofKind(kind)]);
  const chains = [...Map.groupBy(found, ({ device }) => device)];
  for (const [, rows] of chains) rows.sort((a, b) => a.sequence - b.sequence);
  return merged(chains.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function* merged(chains: Iterable<readonly [string, Iterable<LedgerRow>]>): Generator<LedgerRow> {
  const heads: Head[] = [];
  for (const [device, rows] of chains) {
    const rest = rows[Symbol.iterator]();
    const first = rest.next();
    if (first.done !== true) heads.push({ device, row: first.value, rest });
  }
  while (heads.length > 0) {
    // Devices are in order: of equal times the first one found stays.
    let at = 0;
    for (let index = 1; index < heads.length; index += 1) {
      if ((heads[index]?.row.atMs ?? 0) < (heads[at]?.row.atMs ?? 0)) at = index;
    }
    const head = heads[at];
    if (head === undefined) return;
    yield head.row;
    const next = head.rest.next();
    if (next.done === true) heads.splice(at, 1);
    else head.row = next.value;
  }
}
