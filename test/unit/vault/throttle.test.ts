import { describe, expect, it } from 'vitest';
import { nextTryAtMs } from '../../../electron/services/operators/throttle.ts';

const fails = (count: number, atMs = 1000) => Array.from({ length: count }, () => atMs);

describe('E2: wrong passphrases are slowed down', () => {
  it('five are free, then the wait doubles from one second to a minute', () => {
    expect([0, 1, 4].map((count) => nextTryAtMs(fails(count), 1000))).toEqual([null, null, null]);
    const waits = [5, 6, 7, 8, 9, 10, 11, 12, 100, 5000].map((count) => (nextTryAtMs(fails(count), 1000) ?? 0) - 1000);
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000, 60_000]);
  });

  it('the wait counts from the last one, and ends', () => {
    const failures = [0, 1, 2, 3, 4, 10_000];
    expect(nextTryAtMs(failures, 10_500)).toBe(12_000);
    expect(nextTryAtMs(failures, 11_999)).toBe(12_000);
    expect(nextTryAtMs(failures, 12_000)).toBeNull();
  });

  it('a clock that was set back makes the wait no longer than it is', () => {
    expect(nextTryAtMs(fails(5, 9_000_000), 1000)).toBe(2000);
  });
});
