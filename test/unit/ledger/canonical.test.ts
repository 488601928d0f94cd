import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalText, parseCanonical, sha256Hex } from '../../../electron/services/signing/canonical.ts';

describe('canonical form', () => {
  it.each([
    ['keys out of order', '{"b":1,"a":2}'],
    ['keys out of order, deep', '[{"x":{"b":1,"a":2}}]'],
    ['a repeated key', '{"a":1,"a":2}'],
    ['white space', '{"a": 1}'],
    ['a trailing line feed', '{"a":1}\n'],
    ['another form of a number', '{"a":1.0}'],
    ['an exponent', '1e2'],
    ['a negative zero', '-0'],
    ['a number beyond range', '1e400'],
    ['an escape that is not needed', '"\\u0061"'],
    ['an escape in capitals', '"\\u001F"'],
    ['an escaped slash', '"\\/"'],
    ['a lone surrogate', '"\\ud800"'],
    ['a surrogate pair that is escaped', '"\\ud83d\\ude00"'],
    ['numeric keys in the order of numbers', '{"9":1,"10":2}'],
    ['no JSON', '{"a":'],
    ['nothing', ''],
  ])('refuses %s', (_, text) => {
    expect(parseCanonical(text)).toBeNull();
  });

  it.each([
    '{"10":2,"9":1}',
    '{"__proto__":{"a":1},"b":[]}',
    '"a \\\\ud text"',
    '{"":0,"a":[null,true,1e+30,"é\\u001f"]}',
  ])('takes %s', (text) => {
    expect(parseCanonical(text)).toEqual(JSON.parse(text));
  });

  it('is exactly what the reference makes of any value, and of no other text', () => {
    const key = fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer({ min: 0, max: 99 }).map(String));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, true, false),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.string({ unit: 'grapheme' }),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(key, tie('value'), { maxKeys: 5 }),
      ),
    }));
    fc.assert(
      fc.property(value, (sample) => {
        const text = canonicalText(sample);
        expect(text).toBe(canonicalize(sample));
        expect(parseCanonical(text)).toEqual(JSON.parse(text));
        const plain = JSON.stringify(sample);
        expect(parseCanonical(plain) === null).toBe(plain !== text || text === 'null');
      }),
      { numRuns: 500 },
    );
  });

  it('cannot be made of what JSON cannot carry', () => {
    expect(() => canonicalText({ a: Number.NaN })).toThrow('cannot be written as JSON');
    expect(() => canonicalText('\udc00')).toThrow('cannot be written as JSON');
    expect(() => canonicalText(undefined)).toThrow('cannot be written as JSON');
  });
});

describe('hash and canonical JSON', () => {
  it('match the published examples', () => {
    expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    // RFC 8785, 3.2.3: property sorting is by UTF-16 code units.
    expect(
      canonicalText({ '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 }),
    ).toBe('{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}');
    expect(canonicalText([1e30, 4.5, 0.002, 1e-27, -0])).toBe('[1e+30,4.5,0.002,1e-27,0]');
  });
});
