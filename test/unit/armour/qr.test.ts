import fc from 'fast-check';
import { decodeQR } from 'qr/decode.js';
import { describe, expect, it } from 'vitest';
import { armour, unarmour } from '../../../electron/services/armour/armour.ts';
import { base32Of, fromBase32 } from '../../../electron/services/armour/base32.ts';
import { compactOf, qrOf } from '../../../electron/services/armour/qr.ts';
import { sha256Hex } from '../../../electron/services/signing/canonical.ts';
import { DECISION, FLAGD_REQUEST, UNLEASH_REQUEST } from './samples.ts';

const SCALE = 4;

/** As a camera sees it: black and white pixels. */
function imageOf(rows: readonly (readonly boolean[])[]) {
  const size = rows.length * SCALE;
  const data = new Uint8Array(size * size * 4).fill(255);
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      if (rows[Math.floor(y / SCALE)]?.[Math.floor(x / SCALE)])
        data.fill(0, (y * size + x) * 4, (y * size + x) * 4 + 3);
    }
  }
  return { width: size, height: size, data };
}

describe('QR codes', () => {
  it.each([
    ['decision' as const, DECISION],
    ['request' as const, FLAGD_REQUEST],
    ['request' as const, UNLEASH_REQUEST],
  ])('D4: a %s comes back from the pixels of its code', (kind, value) => {
    const text = armour(kind, value);
    const rows = qrOf(text) ?? [];
    expect(rows.length).toBeGreaterThan(21);
    expect(rows.every((row) => row.length === rows.length)).toBe(true);
    expect(rows[0]?.some(Boolean)).toBe(false);
    const read = decodeQR(imageOf(rows));
    expect(read).toBe(compactOf(text));
    expect(unarmour(read)).toEqual(unarmour(text));
  });

  it('D4: capitals and digits alone, so that a code takes fewer modules than the text would', () => {
    for (const kind of ['request', 'open-share'] as const) {
      expect(compactOf(armour(kind, DECISION))).toMatch(/^SCRAM:[A-Z-]+:[0-9A-Z]+:[0-9A-F]{8}$/);
    }
  });

  it('D4: what takes more than medium correction allows has low, and past the largest code there is none', () => {
    const noise = (length: number) =>
      armour(
        'request',
        Array.from({ length }, (_, n) => sha256Hex(String(n))),
      );
    const sizes = Array.from({ length: 110 }, (_, n) => compactOf(noise(n)).length);
    const medium = sizes.findIndex((size) => size > 3_391);
    const low = sizes.findIndex((size) => size > 4_296);
    for (const count of [medium - 1, medium, low - 1]) {
      const text = noise(count);
      expect(decodeQR(imageOf(qrOf(text) ?? []))).toBe(compactOf(text));
    }
    expect(qrOf(noise(low))).toBeNull();
  });

  it('base32 gives back any bytes, and refuses what it would not have written', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(fromBase32(base32Of(bytes))).toEqual(bytes);
        expect(fromBase32(base32Of(bytes).toLowerCase())).toEqual(bytes);
      }),
    );
    for (const text of ['0', '000', '01', 'U0', '0!']) expect(fromBase32(text)).toBeNull();
  });
});
