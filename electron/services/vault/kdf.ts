import { scrypt } from 'node:crypto';
import { ScramError } from '../../../shared/model/error.ts';

/** Parameters of scrypt (RFC 7914): memory is 128·N·r bytes, work grows with N·r·p. */
export interface ScryptCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** About 0.3 s and 128 MiB on a machine of 2026: what a new key is wrapped with, and old ones are raised to. */
export const PRODUCT_COST: ScryptCost = { N: 2 ** 17, r: 8, p: 1 };

const KEY_BYTES = 32;
const LOWEST_N = 2 ** 14;
const HIGHEST_N = 2 ** 20;
const HIGHEST_R = 16;
const HIGHEST_P = 4;
/** A file that was tampered with must not make the console use up the machine. */
const MOST_MEMORY = 1024 * 1024 * 1024;

/** Whether a stored cost may be used at all: neither worthless nor ruinous. `target` may be lower in tests. */
export function costInBounds({ N, r, p }: ScryptCost, target: ScryptCost): boolean {
  const whole = [N, r, p].every((value) => Number.isSafeInteger(value) && value > 0);
  if (!whole || !Number.isInteger(Math.log2(N))) return false;
  const lowestN = Math.min(LOWEST_N, target.N);
  const inRange = N >= lowestN && N <= HIGHEST_N && r <= HIGHEST_R && p <= HIGHEST_P;
  return inRange && r >= Math.min(8, target.r) && 128 * N * r <= MOST_MEMORY;
}

/** True when the stored cost asks an attacker for less work than the target. */
export function costIsLow(stored: ScryptCost, target: ScryptCost): boolean {
  return workOf(stored) < workOf(target);
}

function workOf({ N, r, p }: ScryptCost): number {
  return N * r * p;
}

/** The key that a passphrase gives; the same text typed on another keyboard gives the same key (Unicode NFKC). */
export function deriveKey(passphrase: string, salt: Uint8Array, { N, r, p }: ScryptCost): Promise<Buffer> {
  const secret = Buffer.from(passphrase.normalize('NFKC'), 'utf8');
  const maxmem = 128 * r * (N + p + 2) + 1024 * 1024;
  return new Promise((resolve, reject) => {
    scrypt(secret, salt, KEY_BYTES, { N, r, p, maxmem }, (error, key) => {
      secret.fill(0);
      if (error === null) resolve(key);
      else reject(new ScramError('internal', 'the key could not be derived from the passphrase', { cause: error }));
    });
  });
}
