import fc from 'fast-check';
import { expect, it } from 'vitest';
import { GIVE_UP_MS, pauseAfter } from '../../../electron/services/notify/backoff.ts';

const error = (retryable: boolean, retryAfterMs: number | null = null) => ({ retryable, retryAfterMs });

it('what cannot help is not tried again', () => {
  expect(pauseAfter(error(false), { tries: 1, sinceMs: 0, random: 1 })).toBeNull();
});

it('doubles from two seconds to five minutes, with jitter down to half', () => {
  const pauses = [1, 2, 3, 8, 9, 20].map((tries) => pauseAfter(error(true), { tries, sinceMs: 0, random: 1 }));
  expect(pauses).toEqual([2_000, 4_000, 8_000, 256_000, 300_000, 300_000]);
  expect(pauseAfter(error(true), { tries: 1, sinceMs: 0, random: 0 })).toBe(1_000);
});

it('is never shorter than the target asks for, and never beyond half an hour in all', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.integer({ min: 0, max: 2 * GIVE_UP_MS }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.option(fc.integer({ min: 0, max: 2 * GIVE_UP_MS })),
      (tries, sinceMs, random, asked) => {
        const pause = pauseAfter(error(true, asked), { tries, sinceMs, random });
        if (pause === null) return;
        expect(pause).toBeGreaterThanOrEqual(asked ?? 0);
        expect(sinceMs + pause).toBeLessThanOrEqual(GIVE_UP_MS);
      },
    ),
  );
});
