import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkCodeOf, readCheckCode, spokenOf } from '../../../electron/services/armour/check-code.ts';

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));

describe('check codes, to read over a phone', () => {
  it('D4: are the first 40 bits of the hash in eight characters that sound unlike each other', () => {
    expect(checkCodeOf('00'.repeat(32))).toBe('0000-0000');
    expect(checkCodeOf('ff'.repeat(32))).toBe('ZZZZ-ZZZZ');
    // 4F7K92QX: 00100 01111 00111 10011 01001 00010 10111 11101
    expect(checkCodeOf(`23cf348afd${'0'.repeat(54)}`)).toBe('4F7K-92QX');
  });

  it('D4: differ when any of the 40 bits does', () => {
    fc.assert(
      fc.property(hash, fc.nat(39), (text, bit) => {
        const bytes = Buffer.from(text, 'hex');
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(checkCodeOf(bytes.toString('hex'))).not.toBe(checkCodeOf(text));
      }),
    );
  });

  it('D4: are spoken in the words of the NATO alphabet', () => {
    expect(spokenOf('4F7K-92QX')).toBe('four foxtrot seven kilo, nine two quebec x-ray');
    const words = new Set([...'0123456789ABCDEFGHJKMNPQRSTVWXYZ'].map(spokenOf));
    expect(words.size).toBe(32);
    for (const word of words) expect(word).toMatch(/^[a-z-]{3,8}$/);
  });

  it('D4: are read as people type them', () => {
    fc.assert(
      fc.property(hash, (text) => {
        expect(readCheckCode(checkCodeOf(text))).toBe(checkCodeOf(text));
      }),
    );
    expect(readCheckCode('4f7k 92qx')).toBe('4F7K-92QX');
    expect(readCheckCode('OIL0-1111')).toBe('0110-1111');
    for (const text of ['', '4F7K-92Q', '4F7K-92QXX', '4F7K-92QU', 'hello']) expect(readCheckCode(text)).toBeNull();
  });

  it('are made from hex alone', () => {
    expect(() => checkCodeOf('no hash')).toThrow(/hash in hex/);
  });
});
