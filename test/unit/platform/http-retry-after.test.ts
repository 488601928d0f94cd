import { describe, expect, it } from 'vitest';
import { rateLimitPause, retryAfterMs } from '../../../electron/platform/http/retry-after.ts';

const NOW = Date.UTC(2026, 0, 1);

describe('time until another try', () => {
  it.each<[string, Record<string, string>, number | null]>([
    ['seconds', { 'retry-after': '7' }, 7000],
    ['a date', { 'retry-after': new Date(NOW + 5000).toUTCString() }, 5000],
    ['a date that is past', { 'retry-after': new Date(NOW - 5000).toUTCString() }, 0],
    ["OFREP's Retry-Later", { 'retry-later': '4' }, 4000],
    ['nonsense, and a reset that is none', { 'retry-after': 'soon', 'ratelimit-reset': '6' }, 6000],
    ['no more than ten minutes', { 'retry-after': '86400' }, 600_000],
    ["LaunchDarkly's reset, milliseconds since 1970", { 'x-ratelimit-reset': String(NOW + 2500) }, 2500],
    ['seconds since 1970', { 'x-ratelimit-reset': String(NOW / 1000 + 9) }, 9000],
    ['nothing', {}, null],
    ['an empty header', { 'retry-after': ' ' }, null],
  ])('is told by %s', (_, headers, expected) => expect(retryAfterMs(headers, NOW)).toBe(expected));
});

describe('pause of a rate limit', () => {
  it.each<[string, number, Record<string, string>, number | null]>([
    ['a 429 with Retry-After', 429, { 'retry-after': '2' }, 2000],
    ['a 429 that says nothing', 429, {}, 1000],
    ['nothing left', 200, { 'ratelimit-remaining': '0', 'ratelimit-reset': '3' }, 3000],
    ['nothing left, X-', 200, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '3' }, 3000],
    [
      "nothing left of LaunchDarkly's route",
      200,
      { 'x-ratelimit-global-remaining': '5', 'x-ratelimit-route-remaining': '0', 'x-ratelimit-reset': `${NOW + 1500}` },
      1500,
    ],
    ['nothing left, one header', 200, { ratelimit: '"default";r=0;t=8' }, 8000],
    ['nothing left, one header of an older draft', 200, { ratelimit: 'limit=10, remaining=0, reset=8' }, 8000],
    ['some left', 200, { 'ratelimit-remaining': '1', 'ratelimit-reset': '3' }, null],
    ['ten left, one header', 200, { ratelimit: '"default";r=10;t=8' }, null],
    ['nothing left, no time told', 200, { 'ratelimit-remaining': '0' }, null],
    ['no limit', 200, {}, null],
  ])('is read from %s', (_, status, headers, expected) => expect(rateLimitPause(status, headers, NOW)).toBe(expected));
});
