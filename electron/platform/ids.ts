import { randomBytes } from 'node:crypto';
import type { Ids } from '../services/ports.ts';

/** Crockford's alphabet: no I, L, O, U, so that an id can be read aloud. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_LENGTH = 10;
const RANDOM_LENGTH = 16;

function encode(value: bigint, length: number): string {
  let text = '';
  let rest = value;
  for (let index = 0; index < length; index += 1) {
    text = (ALPHABET[Number(rest & 31n)] ?? '0') + text;
    rest >>= 5n;
  }
  return text;
}

/**
 * ULIDs (https://github.com/ulid/spec): 48 bits of epoch ms, 80 random bits, 26 characters. They sort by time; within
 * one millisecond, and when the clock is set back, the random part counts up, so that the order of calls is kept.
 */
export function createIds(now: () => number, random: () => Uint8Array = () => randomBytes(10)): Ids {
  let lastMs = -1;
  let tail = 0n;
  return {
    next() {
      const ms = now();
      if (ms > lastMs) {
        lastMs = ms;
        // The top bit is left clear: room to count up without running over.
        tail = BigInt(`0x${Buffer.from(random()).toString('hex')}`) >> 1n;
      } else {
        tail += 1n;
      }
      return encode(BigInt(lastMs), TIME_LENGTH) + encode(tail, RANDOM_LENGTH);
    },
  };
}
