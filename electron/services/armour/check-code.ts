import { ScramError } from '../../../shared/model/error.ts';
import { base32Of, plainBase32 } from './base32.ts';

/** 40 bits: eight characters, in two groups as people read them out. */
const BYTES = 5;
const GROUP = 4;

const DIGITS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const LETTERS: Readonly<Record<string, string>> = {
  A: 'alfa',
  B: 'bravo',
  C: 'charlie',
  D: 'delta',
  E: 'echo',
  F: 'foxtrot',
  G: 'golf',
  H: 'hotel',
  J: 'juliett',
  K: 'kilo',
  M: 'mike',
  N: 'november',
  P: 'papa',
  Q: 'quebec',
  R: 'romeo',
  S: 'sierra',
  T: 'tango',
  V: 'victor',
  W: 'whiskey',
  X: 'x-ray',
  Y: 'yankee',
  Z: 'zulu',
};

/** What two people compare over a phone (D4): the first 40 bits of a hash in hex, as `4F7K-92QX`. */
export function checkCodeOf(hash: string): string {
  if (!/^[0-9a-f]{10,}$/.test(hash)) throw new ScramError('internal', 'a check code is made from a hash in hex');
  const code = base32Of(Buffer.from(hash.slice(0, 2 * BYTES), 'hex'));
  return `${code.slice(0, GROUP)}-${code.slice(GROUP)}`;
}

/** The code in words of the NATO alphabet: `four foxtrot seven kilo, nine two quebec x-ray`. */
export function spokenOf(code: string): string {
  const group = (text: string) => [...text].map((c) => LETTERS[c] ?? DIGITS[Number(c)] ?? c).join(' ');
  return code.split('-').map(group).join(', ');
}

/** A code as somebody typed it, in the one way it is written; null when it is none. */
export function readCheckCode(text: string): string | null {
  const code = plainBase32(text.replace(/[\s-]/g, ''));
  return /^[0-9A-HJKMNP-TV-Z]{8}$/.test(code) ? `${code.slice(0, GROUP)}-${code.slice(GROUP)}` : null;
}
