import { encodeQR } from 'qr';
import { base32Of } from './base32.ts';
import { checksumOf, titleOf, unpack } from './armour.ts';

/** Characters that the largest code (version 40) holds in alphanumeric mode, ISO/IEC 18004:2024 table 7. */
const CAPACITY = { medium: 3391, low: 4296 } as const;

/**
 * A text block as a QR code (D4): rows of modules, true for dark, with the quiet border that scanners need; null when
 * it does not fit. The code holds the block in its compact form, capitals and digits alone, which `unarmour` reads too:
 * a fifth fewer modules than the lines of base64 would take.
 */
export function qrOf(text: string): boolean[][] | null {
  const compact = compactOf(text);
  if (compact.length > CAPACITY.low) return null;
  return encodeQR(compact, 'raw', {
    ecc: compact.length > CAPACITY.medium ? 'low' : 'medium',
    encoding: 'alphanumeric',
    border: 4,
  });
}

/** `SCRAM:REQUEST:` and the bytes in base32, then `:` and the checksum. */
export function compactOf(text: string): string {
  const packed = unpack(text);
  const title = titleOf(packed.kind).replaceAll(' ', '-');
  return `SCRAM:${title}:${base32Of(packed.bytes)}:${checksumOf(packed).toUpperCase()}`;
}
