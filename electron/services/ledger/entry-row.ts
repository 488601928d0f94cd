import { randomBytes } from 'node:crypto';
import { type Entry, type EntryData, entryDataSchema, entrySchema } from '../../../shared/model/entry.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { isJsonObject, type JsonObject } from '../../../shared/model/json.ts';
import type { Actor } from '../signing/actor.ts';
import { canonicalText, sha256Hex } from '../signing/canonical.ts';
import type { LedgerRow, Signer } from './store.ts';
import { actText, type RowContent, signedText } from './verify.ts';

/** Without it, words that were redacted could be guessed by their hash, bytes. */
const SALT = 16;
const REDACTED: EntryData = { kind: 'redacted' };

export interface Written {
  readonly entry: Entry;
  readonly row: LedgerRow;
}

/** Writes entries of version 2 for one device. */
export function createEntryWriter(device: string, signer: Signer) {
  /** The entry that comes after `previous`, and the row that keeps it. Throws `internal` on data that is no entry's. */
  return (
    data: EntryData,
    actor: Actor | null,
    atMs: number,
    previous: Pick<LedgerRow, 'sequence' | 'hash'>,
  ): Written => {
    const parsed = entryDataSchema.safeParse(data);
    if (!parsed.success || data.kind === 'redacted') {
      throw new ScramError('internal', `a ledger entry of kind ${data.kind} is not well formed`, {
        cause: parsed.error,
      });
    }
    const kept = canonicalText({ salt: randomBytes(SALT).toString('base64url'), data: parsed.data });
    const sequence = previous.sequence + 1;
    const act = { version: 2, device, sequence, atMs, previous: previous.hash, dataHash: sha256Hex(kept) } as const;
    const by = actor === null ? null : { ...actor.person, signature: actor.sign(actText(act)) };
    const body = canonicalText(by === null ? act : { ...act, by });
    const hash = sha256Hex(body);
    const signature = signer.sign(signedText(hash));
    const { dataHash: _, ...said } = act;
    return {
      entry: { body: { ...said, ...(by === null ? {} : { by }), data: parsed.data }, hash, signature },
      row: { device, sequence, atMs, hash, signature, body, data: kept },
    };
  };
}

/** A row as an entry. Throws `ledger` when it is of a kind that this version does not know, or no entry at all. */
export function entryOf(row: LedgerRow): Entry {
  const found = readEntry(row, contentOf(row));
  if (!('unreadable' in found)) return found;
  throw new ScramError('ledger', `ledger entry ${row.sequence} cannot be read (at ${found.unreadable})`, {
    action: 'Run: scram ledger verify. When it verifies, a newer version of Scram wrote it: start that version.',
  });
}

/** The entry of a row whose JSON is known; where in it reading failed, when this version cannot read it. */
export function readEntry(row: LedgerRow, { body, data }: RowContent): Entry | { unreadable: string } {
  if (data?.kind === 'redacted') return { unreadable: 'body.data.kind' };
  const { dataHash: _, ...said } = body;
  const parsed = entrySchema.safeParse({
    body: { ...said, data: data ?? REDACTED },
    hash: row.hash,
    signature: row.signature,
  });
  return parsed.success ? parsed.data : { unreadable: parsed.error.issues[0]?.path.join('.') ?? '' };
}

/** The JSON of a row of this ledger, unverified. */
export function contentOf(row: LedgerRow): RowContent {
  const body = objectOf(row.body);
  if (body.version === 1) return { body, data: isJsonObject(body.data) ? body.data : {} };
  if (row.data === null) return { body, data: null };
  const { data } = objectOf(row.data);
  return { body, data: isJsonObject(data) ? data : {} };
}

function objectOf(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}
