/** Crockford's alphabet: no I, L, O, U, so that it can be read aloud, and is QR's alphanumeric mode. */
export const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Crockford base32 of bytes, without padding; the last character is filled with zero bits. */
export function base32Of(bytes: Uint8Array): string {
  let text = '';
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(held >> bits) & 31] ?? '';
    }
    held &= (1 << bits) - 1;
  }
  return bits > 0 ? text + (ALPHABET[(held << (5 - bits)) & 31] ?? '') : text;
}

/** The bytes again; null for what `base32Of` would not have written. Reads the letters that are easily mistaken. */
export function fromBase32(text: string): Uint8Array | null {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  const plain = plainBase32(text);
  let length = 0;
  let held = 0;
  let bits = 0;
  for (const c of plain) {
    const value = ALPHABET.indexOf(c);
    if (value < 0) return null;
    held = (held << 5) | value;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes[length] = held >> bits;
    length += 1;
    held &= (1 << bits) - 1;
  }
  return bits < 5 && held === 0 ? bytes : null;
}

/** Capitals, with I and L read as 1, and O as 0. */
export function plainBase32(text: string): string {
  return text.toUpperCase().replace(/[IL]/g, '1').replaceAll('O', '0');
}
