import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { isJsonObject, type JsonObject } from '../../../shared/model/json.ts';
import type { Trust } from './api.ts';
import { canonicalText, parseCanonical, sha256Hex } from '../signing/canonical.ts';
import { deviceIdOf } from '../signing/device-id.ts';
import type { LedgerRow } from './store.ts';

export const FIRST_PREVIOUS = '0'.repeat(64);
const HASH = /^[0-9a-f]{64}$/;
const BODY_FIELDS = ['version', 'device', 'sequence', 'atMs', 'previous', 'dataHash', 'by'];

/** What is signed: the prefix keeps a signature from standing for anything but an entry. */
export function signedText(hash: string): string {
  return `scram-entry-v1\n${hash}`;
}

/** What a person signs of an entry (D5): all of its body but the signature itself. `body` is without `by`. */
export function actText(body: unknown): string {
  return `scram-act-v1\n${sha256Hex(canonicalText(body))}`;
}

export interface ChainProblem {
  readonly sequence: number;
  readonly what: string;
}

export interface ChainVerdict {
  readonly device: string | null;
  /** Entries found good, from the first on. */
  readonly entries: number;
  /** Hash of the last good entry. */
  readonly hash: string;
  /** First thing that is wrong; null when the whole chain is good. */
  readonly problem: ChainProblem | null;
}

export interface KnownHead {
  readonly entries: number;
  readonly hash: string;
}

/** Where a chain is gone on with: an entry that was verified before, and the key of its device. */
export interface ChainStart extends KnownHead {
  readonly publicKey: string;
}

/** What a chain is held against; all of it comes from elsewhere than the chain. */
export interface Expected {
  readonly device?: string | undefined;
  readonly head?: KnownHead | undefined;
  readonly start?: ChainStart | undefined;
  /** Holds the signatures of people, where a roster tells their keys. */
  readonly signedBy?: Trust['signedBy'] | undefined;
}

/** The JSON of a row, once its texts were found to be what was signed. `data` is null where it was redacted. */
export interface RowContent {
  readonly body: JsonObject;
  readonly data: JsonObject | null;
}

/**
 * Checks one device's chain from its first entry, entry by entry (D6). Offline: the key stands in the first entry, and
 * its hash is the device's id. Alteration, deletion, insertion and reordering are found by themselves; that the end was
 * cut off can only be told against a head that is known from elsewhere.
 */
export function createChainVerifier(expected: Expected = {}) {
  const { start } = expected;
  let device = expected.device ?? (start === undefined ? null : deviceIdOf(start.publicKey));
  let key: KeyObject | null = start === undefined ? null : ed25519Of(start.publicKey);
  let hash = start?.hash ?? FIRST_PREVIOUS;
  let entries = start?.entries ?? 0;
  let problem: ChainProblem | null = null;

  /** What the next entry says; a sentence when the row is not that entry. Nothing is remembered. */
  function check(row: LedgerRow): RowContent | string {
    const sequence = entries + 1;
    if (row.sequence > sequence) return 'is missing';
    if (row.sequence < sequence) return `is not there; entry ${row.sequence} stands in its place`;
    if (sha256Hex(row.body) !== row.hash) return 'does not match its hash: it was altered';
    const body = parseCanonical(row.body);
    if (!isJsonObject(body)) return 'is not canonical JSON';
    const wrong = misplaced(body, row, hash);
    if (wrong !== null) return wrong;
    const data = dataOf(body, row);
    if (typeof data === 'string') return data;
    const signer = key ?? founderOf(body, data, device);
    if (typeof signer === 'string') return signer;
    if (row.device !== (device ?? body.device)) return `belongs to another device, ${row.device}`;
    if (!signatureHolds(signer, row)) return 'has a signature that its device did not make';
    if (expected.head?.entries === sequence && expected.head.hash !== row.hash) {
      return 'is not the entry that the known head names';
    }
    return personProblem(body, expected.signedBy) ?? { body, data };
  }

  /** Goes on after a row that was checked. */
  function accept(row: LedgerRow, { body, data }: RowContent): void {
    if (key === null) {
      const founder = founderOf(body, data, device);
      if (typeof founder !== 'string') key = founder;
      device = row.device;
    }
    hash = row.hash;
    entries = row.sequence;
  }

  return {
    check,
    accept,
    /** Takes the next entry, and shows its data; false once something is wrong, and the rest need not be read. */
    take(row: LedgerRow, look?: (data: JsonObject | null) => void): boolean {
      const content = check(row);
      if (typeof content === 'string') {
        problem = { sequence: entries + 1, what: content };
        return false;
      }
      accept(row, content);
      look?.(content.data);
      return true;
    },
    /** Something is wrong with an entry before the next. */
    failed: () => problem !== null,
    /** Ends the walk with what is wrong with the next entry. */
    fail(what: string): false {
      problem = { sequence: entries + 1, what };
      return false;
    },
    /**
     * Goes on after a run of entries that cannot be looked at, but for those that were kept: these must have been signed
     * by the device.
     */
    skip(
      run: { readonly to: number; readonly hash: string },
      kept: readonly LedgerRow[],
      look: (row: LedgerRow, data: JsonObject | null) => void,
    ): boolean {
      for (const row of kept) {
        const content = aloneContent(row, key, device);
        if (typeof content === 'string') {
          problem = { sequence: row.sequence, what: content };
          return false;
        }
        if (key === null) accept(row, content);
        look(row, content.data);
      }
      hash = run.hash;
      entries = run.to;
      return true;
    },
    /** The verdict, once every entry was taken. */
    end(): ChainVerdict {
      const cutOff = expected.head !== undefined && entries < expected.head.entries;
      const missing = cutOff ? { sequence: entries + 1, what: 'is missing: the end was cut off' } : null;
      return { device, entries, hash, problem: problem ?? missing };
    },
  };
}

/** What an entry says that stands by itself, with what was before it gone; a sentence when the device did not write it. */
function aloneContent(row: LedgerRow, known: KeyObject | null, device: string | null): RowContent | string {
  if (sha256Hex(row.body) !== row.hash) return 'does not match its hash: it was altered';
  const body = parseCanonical(row.body);
  if (!isJsonObject(body)) return 'is not canonical JSON';
  const wrong = misplaced(body, row, String(body.previous));
  if (wrong !== null) return wrong;
  const data = dataOf(body, row);
  if (typeof data === 'string') return data;
  const key = known ?? founderOf(body, data, device);
  if (typeof key === 'string') return key;
  return signatureHolds(key, row) ? { body, data } : 'has a signature that its device did not make';
}

/** Checks a whole chain at once; 100,000 entries take about 12 s of one core, so long ones are better taken in steps. */
export function verifyChain(rows: Iterable<LedgerRow>, expected: Expected = {}): ChainVerdict {
  const verifier = createChainVerifier(expected);
  for (const row of rows) if (!verifier.take(row)) break;
  return verifier.end();
}

/** Checks that the body says what its row says, and that it follows the entry before it. */
function misplaced(body: JsonObject, row: LedgerRow, previous: string): string | null {
  if (body.version !== 1 && body.version !== 2) {
    return `is of version ${JSON.stringify(body.version)}, expected 1 or 2`;
  }
  if (body.sequence !== row.sequence)
    return `is out of order: it was written as entry ${JSON.stringify(body.sequence)}`;
  if (body.device !== row.device) return `was written by another device, ${JSON.stringify(body.device)}`;
  if (body.previous !== previous) return 'does not follow the entry before it';
  return body.atMs === row.atMs ? null : 'is filed under another time than it was written';
}

/** The data of an entry, null where it was redacted; a sentence when it is not what the body says. */
function dataOf(body: JsonObject, row: LedgerRow): JsonObject | null | string {
  if (body.version === 1) {
    if (row.data !== null) return 'has words beside it that nobody signed';
    return isJsonObject(body.data) ? body.data : 'has no data';
  }
  const { dataHash } = body;
  if (typeof dataHash !== 'string' || !HASH.test(dataHash)) return 'does not say the hash of its data';
  const strange = Object.keys(body).find((name) => !BODY_FIELDS.includes(name));
  if (strange !== undefined) return `has a field that version 2 does not have, ${strange}`;
  if (row.data === null) return null;
  if (sha256Hex(row.data) !== dataHash) return 'has other words than those that were signed: they were altered';
  const kept = parseCanonical(row.data);
  if (!isJsonObject(kept) || typeof kept.salt !== 'string' || !isJsonObject(kept.data)) return 'has no data';
  return Object.keys(kept).length === 2 ? kept.data : 'has more beside its data';
}

/** The key of a chain, from its first entry; a sentence when it is not a first entry. */
function founderOf(body: JsonObject, data: JsonObject | null, expectedDevice: string | null): KeyObject | string {
  if (data === null || data.kind !== 'device.created' || typeof data.publicKey !== 'string') {
    return 'does not carry the key of the device';
  }
  if (deviceIdOf(data.publicKey) !== body.device) return 'carries a key that is not the key of its device';
  if (expectedDevice !== null && expectedDevice !== body.device) {
    return `is of device ${String(body.device)}, expected ${expectedDevice}`;
  }
  return ed25519Of(data.publicKey) ?? 'carries a key that cannot be read as Ed25519';
}

/** Null when it is no such key. */
export function ed25519Of(publicKey: string): KeyObject | null {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64url'), format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ed25519' ? key : null;
  } catch {
    return null;
  }
}

/** Whether the device with the key signed the row's hash. */
export function signatureHolds(key: KeyObject, row: Pick<LedgerRow, 'hash' | 'signature'>): boolean {
  return textSigned(key, signedText(row.hash), row.signature);
}

export function textSigned(key: KeyObject, text: string, signatureText: string): boolean {
  const signature = Buffer.from(signatureText, 'base64url');
  // One text per signature: what base64 readers forgive (padding, other alphabets) would otherwise be an alteration.
  return signature.toString('base64url') === signatureText && verify(null, Buffer.from(text), key, signature);
}

/** What is wrong with the person's signature; null also where no person acted, or nobody can tell their keys. */
function personProblem(body: JsonObject, signedBy: Trust['signedBy'] | undefined): string | null {
  const { by, ...act } = body;
  if (by === undefined) return null;
  if (body.version !== 2 || !isJsonObject(by) || Object.keys(by).length !== 3) return 'names a person in another form';
  const { operator, key, signature } = by;
  if (typeof operator !== 'string' || typeof key !== 'string' || typeof signature !== 'string') {
    return 'names a person in another form';
  }
  if (signedBy === undefined || signedBy({ operator, key }, actText(act), signature)) return null;
  return `has a signature that ${operator} did not make, or by a key that the roster does not have`;
}
