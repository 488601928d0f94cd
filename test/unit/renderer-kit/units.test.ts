import { describe, expect, it } from 'vitest';
import { decodePathPart, flagPath } from '../../../renderer/kit/flag-path.ts';
import { formatValue } from '../../../renderer/kit/units.ts';

describe('formatValue', () => {
  it('writes each unit with its sign', () => {
    expect(formatValue(1.9, 's')).toBe('1.9 s');
    expect(formatValue(0.6, 's')).toBe('600 ms');
    expect(formatValue(0.9999, 's')).toBe('1 s');
    expect(formatValue(0, 's')).toBe('0 s');
    expect(formatValue(243.4, 'ms')).toBe('243 ms');
    expect(formatValue(0.0042, 'ratio')).toBe('0.42 %');
    expect(formatValue(5, 'percent')).toBe('5 %');
    expect(formatValue(1234, 'per_second')).toBe('1,230 /s');
    expect(formatValue(1.9e9, 'bytes')).toBe('1.9 GB');
    expect(formatValue(12, 'bytes')).toBe('12 B');
  });

  it('H2: uses the decimal sign of the language', () => {
    expect(formatValue(1.9, 's', 'de')).toBe('1,9 s');
  });
});

describe('addresses of flags', () => {
  it('survive the router for any key', () => {
    for (const key of ['plain', 'a/b', 'ä ö', 'a?b#c', '50%', '%2F']) {
      const part = flagPath({ connection: 'c', key }).split('/')[3] ?? '';
      expect(decodePathPart(part)).toBe(key);
    }
    expect(decodePathPart('50%')).toBe('50%');
  });
});
