import { sha256Hex } from '../signing/canonical.ts';
import { readRow } from './lines.ts';
import type { LedgerRow, LedgerStore, Segment } from './store.ts';

/** Part of a chain whose file cannot be read: the chain goes on after it, from the hash that was recorded. */
export interface Gap {
  readonly segment: Segment;
  /** True when the file is there, and is another than was sealed. */
  readonly altered: boolean;
  /** Entries of it that stayed in the ledger. */
  readonly kept: readonly LedgerRow[];
}

/** Entries of a segment, from its file. */
function segmentRows(store: LedgerStore, segment: Segment): LedgerRow[] | 'missing' | 'altered' {
  const text = store.readSegment(segment.file);
  if (text === null) return 'missing';
  if (sha256Hex(text) !== segment.digest) return 'altered';
  const rows = text.split('\n').flatMap((line) => (line === '' ? [] : [readRow(line)]));
  return rows.every((row) => row !== null) ? rows : 'altered';
}

/** Oldest first. */
export function segmentsOf(store: LedgerStore, device: string): Segment[] {
  return store.segments().filter((segment) => segment.device === device);
}

/** A chain after an entry, with what lies in segments; a gap in place of a segment that cannot be read. */
export function* chainRows(store: LedgerStore, device: string, after = 0): Generator<LedgerRow | Gap> {
  let from = after;
  for (const segment of segmentsOf(store, device)) {
    if (segment.to <= from) continue;
    const rows = segmentRows(store, segment);
    if (Array.isArray(rows)) {
      for (const row of rows) if (row.sequence > from) yield row;
    } else {
      const kept = store.rowsAfter(device, segment.from - 1, segment.to - segment.from + 1);
      yield { segment, altered: rows === 'altered', kept: kept.filter(({ sequence }) => sequence <= segment.to) };
    }
    from = segment.to;
  }
  yield* store.rows(device, from);
}

/** Hash of a device's entry; null: there is none; undefined: it lies in a segment that cannot be read. */
export function hashAt(store: LedgerStore, device: string, sequence: number): string | null | undefined {
  const row = store.at(device, sequence);
  if (row !== null) return row.hash;
  const segment = segmentsOf(store, device).find(({ from, to }) => from <= sequence && sequence <= to);
  if (segment === undefined) return null;
  if (segment.to === sequence) return segment.hash;
  const rows = segmentRows(store, segment);
  return Array.isArray(rows) ? (rows[sequence - segment.from]?.hash ?? null) : undefined;
}
