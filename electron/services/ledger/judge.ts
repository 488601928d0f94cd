import type { Entry } from '../../../shared/model/entry.ts';
import type { Refusal, Trust } from './api.ts';
import { sha256Hex } from '../signing/canonical.ts';
import { readEntry } from './entry-row.ts';
import type { LedgerRow } from './store.ts';
import { type ChainStart, createChainVerifier, ed25519Of, signatureHolds } from './verify.ts';

/** Characters of a row at most: a bulk kill of hundreds of flags stays far below. */
const MOST_CHARACTERS = 16 * 1024 * 1024;
const DEVICE = /^[0-9a-f]{32}$/;
const HASH = /^[0-9a-f]{64}$/;

export interface TakenRow {
  readonly row: LedgerRow;
  readonly entry: Entry;
}

export interface Judgement {
  readonly taken: readonly TakenRow[];
  readonly refused: readonly Refusal[];
}

/** Whether what somebody gave as a row is one by its form; anything else is not even kept. */
export function isRow(row: LedgerRow): boolean {
  return (
    DEVICE.test(row.device) &&
    HASH.test(row.hash) &&
    Number.isSafeInteger(row.sequence) &&
    row.sequence > 0 &&
    Number.isSafeInteger(row.atMs) &&
    typeof row.signature === 'string' &&
    typeof row.body === 'string' &&
    (row.data === null || typeof row.data === 'string') &&
    row.signature.length + row.body.length + (row.data?.length ?? 0) <= MOST_CHARACTERS
  );
}

/**
 * Judges rows of one other device, by sequence, against its chain as it is held: those that follow are to be taken.
 * `heldAt` gives rows that are held already; null where there is none, or where it lies in a segment.
 */
export function judgeRows(
  device: string,
  rows: readonly LedgerRow[],
  start: ChainStart | null,
  heldAt: (sequence: number) => LedgerRow | null,
  trust: Trust,
): Judgement {
  const verifier = createChainVerifier({ device, start: start ?? undefined, signedBy: trust.signedBy });
  const taken: TakenRow[] = [];
  const refused: Refusal[] = [];
  const first = start?.entries ?? 0;
  let publicKey = start?.publicKey ?? null;

  for (const row of rows) {
    const next = first + taken.length + 1;
    // What is missing before it is to come first.
    if (row.sequence > next) continue;
    if (row.sequence < next) {
      const held = row.sequence > first ? taken[row.sequence - first - 1]?.row : heldAt(row.sequence);
      const what = held ? differenceOf(row, held, publicKey) : null;
      if (what !== null) refused.push({ row, what });
      continue;
    }
    const content = verifier.check(row);
    if (typeof content === 'string') {
      refused.push({ row, what: content });
      continue;
    }
    const entry = readEntry(row, content);
    if ('unreadable' in entry) {
      const what = `cannot be read (at ${entry.unreadable}): a newer version of Scram wrote it, or it is malformed`;
      refused.push({ row, what });
      continue;
    }
    verifier.accept(row, content);
    taken.push({ row, entry });
    if (publicKey === null && content.data !== null) publicKey = String(content.data.publicKey);
  }
  return { taken, refused };
}

/** Rows of this device that come back, such as from the team's store: they must be ours. */
export function judgeOwn(
  rows: readonly LedgerRow[],
  publicKey: string,
  entries: number,
  heldAt: (sequence: number) => LedgerRow | null,
): readonly Refusal[] {
  return rows.flatMap((row) => {
    const held = heldAt(row.sequence);
    const what =
      held !== null
        ? differenceOf(row, held, publicKey)
        : row.sequence <= entries
          ? null
          : (forgery(row, publicKey) ??
            'is of this console, which does not have it: its data folder was copied, or put back from a backup');
    return what === null ? [] : [{ row, what }];
  });
}

/** Why a row is not the one that is held in its place; null when it is. Data that was redacted on either side is no difference. */
function differenceOf(row: LedgerRow, held: LedgerRow, publicKey: string | null): string | null {
  const same = row.hash === held.hash && row.body === held.body && row.signature === held.signature;
  if (same && row.atMs === held.atMs && (row.data === null || held.data === null || row.data === held.data))
    return null;
  const forged = forgery(row, publicKey);
  if (forged !== null) return forged;
  return row.hash === held.hash
    ? 'is not what it was when it was taken: it was altered'
    : 'is another entry than the one that is held in its place: the chain was forked';
}

function forgery(row: LedgerRow, publicKey: string | null): string | null {
  if (sha256Hex(row.body) !== row.hash) return 'does not match its hash: it was altered';
  const key = publicKey === null ? null : ed25519Of(publicKey);
  return key !== null && signatureHolds(key, row) ? null : 'has a signature that its device did not make';
}
