import type { EntryKind } from '../../../shared/model/entry.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { sha256Hex } from '../signing/canonical.ts';
import { entryOf } from './entry-row.ts';
import { lineOf } from './lines.ts';
import { whyNotEnded } from './redaction.ts';
import type { LedgerRow, LedgerStore, Segment } from './store.ts';
import { segmentsOf } from './segments.ts';

/** Newer entries are never sealed: views, undo and reviews reach back this far, milliseconds. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1000;
/** Entries of one segment: its file is read whole. */
const MOST = 20_000;

/**
 * Kinds that also stay in the ledger when their segment is sealed: by these the console knows whom it trusts, what it
 * took away, what it put outside and what lies where. Everything else begins after the segment.
 */
export const LASTING: readonly EntryKind[] = [
  'device.created',
  'operator.enrolled',
  'roster.pinned',
  'roster.accepted',
  'credential.sealed',
  'entry.redacted',
  'anchor.made',
  'segment.sealed',
];

/** Throws `refused` for a time that is too near. */
export function requireOld(beforeMs: number, nowMs: number): void {
  if (beforeMs <= nowMs - KEPT_MS) return;
  throw new ScramError('refused', 'entries of the last 30 days are not sealed', {
    action: 'give a time that is further back',
  });
}

/** The next segment of a chain and its text; null when nothing of it may be sealed. */
export function nextSegment(
  store: LedgerStore,
  device: string,
  beforeMs: number,
  nowMs: number,
): { segment: Segment; text: string } | null {
  const from = (segmentsOf(store, device).at(-1)?.to ?? 0) + 1;
  const newest = store.last(device)?.sequence ?? 0;
  const rows: LedgerRow[] = [];
  const entries: ReturnType<typeof entryOf>[] = [];
  for (const row of store.rows(device, from - 1)) {
    // The newest entry stays: a chain is gone on with from it.
    if (row.atMs >= beforeMs || row.sequence === newest || rows.length === MOST) break;
    const entry = entryOf(row);
    entries.push(entry);
    if (whyNotEnded(store, entry, entries, nowMs) !== null) break;
    rows.push(row);
  }
  const last = rows.at(-1);
  if (last === undefined) return null;
  const text = rows.map(lineOf).join('');
  const file = `${device}-${from}-${last.sequence}.jsonl`;
  return { segment: { device, from, to: last.sequence, hash: last.hash, file, digest: sha256Hex(text) }, text };
}
