import { createHash, timingSafeEqual } from 'node:crypto';
import { combine, split } from 'shamir-secret-sharing';
import { ScramError } from '../../../shared/model/error.ts';
import { type PublicKey, readPublicKey } from '../signing/public-key.ts';
import type { SealedShare } from './api.ts';
import { sealBox } from './box.ts';

const THRESHOLD = 2;
const MOST_PEOPLE = 255;
const CHECK_BYTES = 32;

export interface Holder {
  readonly operator: string;
  /** `scram1:…` */
  readonly publicKey: string;
}

/**
 * Splits a credential so that any two people open it (E3). A person with keys on several consoles gets one and the same
 * share for each of them: two keys of one person are still one share.
 */
export async function splitCredential(name: string, value: string, holders: readonly Holder[]): Promise<SealedShare[]> {
  const keys = readHolders(holders);
  const people = [...new Set(keys.map(({ operator }) => operator))];
  if (people.length < THRESHOLD || people.length > MOST_PEOPLE) {
    throw new ScramError('invalid-input', 'a credential is sealed to two different people or more', {
      action: `name two people: scram vault seal ${name} --with A --with B`,
    });
  }
  const text = Buffer.from(value, 'utf8');
  // The library takes plain arrays of bytes alone, not Buffers.
  const secret = Uint8Array.from([...checkOf(name, text), ...text]);
  const shares = await split(secret, people.length, THRESHOLD);
  try {
    return keys.map(({ operator, key }) => {
      const share = shares[people.indexOf(operator)];
      if (share === undefined) throw new ScramError('internal', 'a share is missing');
      return { operator, key: key.id, box: sealBox(key.sealing, name, share) };
    });
  } finally {
    for (const bytes of [text, secret, ...shares]) bytes.fill(0);
  }
}

/** Puts it together again and proves that it is the credential of that name. Throws `credential`. */
export async function combineShares(name: string, shares: readonly Uint8Array[]): Promise<string> {
  const copies = shares.map((share) => Uint8Array.from(share));
  let secret: Buffer | null = null;
  try {
    secret = Buffer.from(await combine(copies));
    const text = secret.subarray(CHECK_BYTES);
    if (secret.length > CHECK_BYTES && timingSafeEqual(secret.subarray(0, CHECK_BYTES), checkOf(name, text))) {
      return text.toString('utf8');
    }
  } catch {
    // Too few, twice the same, or of different lengths; the library's words name no credential.
  } finally {
    for (const bytes of [...copies, ...(secret === null ? [] : [secret])]) bytes.fill(0);
  }
  throw new ScramError('credential', `these shares do not open the credential ${name}`, {
    action: 'two different people are needed, with shares of the same sealing',
  });
}

function readHolders(holders: readonly Holder[]): { operator: string; key: PublicKey }[] {
  const seen = new Set<string>();
  return holders.flatMap(({ operator, publicKey }) => {
    const key = readPublicKey(publicKey);
    if (key === null) throw new ScramError('invalid-input', `the public key of ${operator} cannot be read`);
    if (seen.has(key.id)) return [];
    seen.add(key.id);
    return [{ operator, key }];
  });
}

/** Shamir's shares prove nothing by themselves: two that do not belong together give some other bytes. */
function checkOf(name: string, text: Uint8Array): Buffer {
  return createHash('sha256').update(`scram-sealed-v1\n${name}\n`, 'utf8').update(text).digest();
}
