import { describe, expect, it } from 'vitest';
import { createIds } from '../../../electron/platform/ids.ts';

describe('ids', () => {
  it('are 26 characters of Crockford base 32 that begin with the time', () => {
    // Known pair from the ULID specification's reference implementation: 1469918176385 → 01ARYZ6S41.
    const ids = createIds(() => 1_469_918_176_385);
    expect(ids.next()).toMatch(/^01ARYZ6S41[0-9A-HJKMNP-TV-Z]{16}$/);
  });

  it('sort in the order of the calls, within a millisecond and when the clock is set back', () => {
    const times = [5, 5, 5, 7, 3, 3, 8];
    const ids = createIds(
      () => times.shift() ?? 9,
      () => new Uint8Array(10).fill(0xff),
    );
    const made = Array.from({ length: 9 }, () => ids.next());
    expect([...made].sort()).toEqual(made);
    expect(new Set(made).size).toBe(made.length);
  });

  it('differ between two makers at the same time', () => {
    expect(createIds(() => 1).next()).not.toBe(createIds(() => 1).next());
  });
});
