import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { isJsonObject, type JsonObject } from '../../../shared/model/json.ts';
import { parseCanonical, sha256Hex } from './canonical.ts';
import type { LedgerRow } from './store.ts';

export const FIRST_PREVIOUS = '0'.repeat(64);
const DEVICE_ID_LENGTH = 32;

/** The first 128 bits of the SHA-256 of the public key (SPKI bytes), hex: an id that only this key can have. */
export function deviceIdOf(publicKey: string): string {
  return sha256Hex(Buffer.from(publicKey, 'base64url')).slice(0, DEVICE_ID_LENGTH);
}

/** What is signed: the prefix keeps a signature from standing for anything but an entry. */
export function signedText(hash: string): string {
  return `scram-entry-v1\n${hash}`;
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

/** What a chain is held against; both come from elsewhere than the chain. */
export interface Expected {
  readonly device?: string | undefined;
  readonly head?: KnownHead | undefined;
}

/**
 * Checks one device's chain from its first entry, entry by entry (D6). Offline: the key stands in the first entry, and
 * its hash is the device's id. Alteration, deletion, insertion and reordering are found by themselves; that the end was
 * cut off can only be told against a head that is known from elsewhere.
 */
export function createChainVerifier(expected: Expected = {}) {
  let device = expected.device ?? null;
  let key: KeyObject | null = null;
  let hash = FIRST_PREVIOUS;
  let entries = 0;
  let problem: ChainProblem | null = null;

  function problemOf(row: LedgerRow): string | null {
    const sequence = entries + 1;
    if (row.sequence > sequence) return 'is missing';
    if (row.sequence < sequence) return `is not there; entry ${row.sequence} stands in its place`;
    if (sha256Hex(row.body) !== row.hash) return 'does not match its hash: it was altered';
    const body = parseCanonical(row.body);
    if (!isJsonObject(body)) return 'is not canonical JSON';
    const wrong = misplaced(body, row, hash);
    if (wrong !== null) return wrong;
    if (key === null) {
      const founder = founderOf(body, device);
      if (typeof founder === 'string') return founder;
      key = founder.key;
      device = row.device;
    }
    if (row.device !== device) return `belongs to another device, ${row.device}`;
    if (!signatureHolds(key, row)) return 'has a signature that its device did not make';
    if (expected.head?.entries === sequence && expected.head.hash !== row.hash) {
      return 'is not the entry that the known head names';
    }
    return null;
  }

  return {
    /** Takes the next entry; false once something is wrong, and the rest need not be read. */
    take(row: LedgerRow): boolean {
      const what = problemOf(row);
      if (what !== null) {
        problem = { sequence: entries + 1, what };
        return false;
      }
      hash = row.hash;
      entries = row.sequence;
      return true;
    },
    /** The verdict, once every entry was taken. */
    end(): ChainVerdict {
      if (problem === null && expected.head !== undefined && entries < expected.head.entries) {
        problem = { sequence: entries + 1, what: 'is missing: the end was cut off' };
      }
      return { device, entries, hash, problem };
    },
  };
}

/** Checks a whole chain at once; 100,000 entries take about 12 s of one core, so long ones are better taken in steps. */
export function verifyChain(rows: Iterable<LedgerRow>, expected: Expected = {}): ChainVerdict {
  const verifier = createChainVerifier(expected);
  for (const row of rows) if (!verifier.take(row)) break;
  return verifier.end();
}

/** Checks that the body says what its row says, and that it follows the entry before it. */
function misplaced(body: JsonObject, row: LedgerRow, previous: string): string | null {
  if (body.version !== 1) return `is of version ${JSON.stringify(body.version)}, expected 1`;
  if (body.sequence !== row.sequence)
    return `is out of order: it was written as entry ${JSON.stringify(body.sequence)}`;
  if (body.device !== row.device) return `was written by another device, ${JSON.stringify(body.device)}`;
  if (body.previous !== previous) return 'does not follow the entry before it';
  if (body.atMs !== row.atMs) return 'is filed under another time than it was written';
  return isJsonObject(body.data) ? null : 'has no data';
}

/** The key of a chain, from its first entry; a sentence when it is not a first entry. */
function founderOf(body: JsonObject, expectedDevice: string | null): { key: KeyObject } | string {
  const data = body.data;
  if (!isJsonObject(data) || data.kind !== 'device.created' || typeof data.publicKey !== 'string') {
    return 'does not carry the key of the device';
  }
  if (deviceIdOf(data.publicKey) !== body.device) return 'carries a key that is not the key of its device';
  if (expectedDevice !== null && expectedDevice !== body.device) {
    return `is of device ${String(body.device)}, expected ${expectedDevice}`;
  }
  try {
    const key = createPublicKey({ key: Buffer.from(data.publicKey, 'base64url'), format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ed25519' ? { key } : 'carries a key that is not Ed25519';
  } catch {
    return 'carries a key that cannot be read';
  }
}

function signatureHolds(key: KeyObject, row: LedgerRow): boolean {
  const signature = Buffer.from(row.signature, 'base64url');
  // One text per signature: what base64 readers forgive (padding, other alphabets) would otherwise be an alteration.
  return (
    signature.toString('base64url') === row.signature && verify(null, Buffer.from(signedText(row.hash)), key, signature)
  );
}
