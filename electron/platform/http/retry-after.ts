/** No service is waited for longer than this on its own word, milliseconds. */
const LONGEST_MS = 10 * 60_000;
/** A bare number beyond these is no duration but a time: milliseconds or seconds since 1970. */
const EPOCH_MS_FROM = 1e11;
const EPOCH_S_FROM = 1e9;

type Headers = Readonly<Record<string, string>>;

/**
 * The time until another try, milliseconds, from `Retry-After` (seconds or a date, RFC 9110 10.2.3; `Retry-Later` in
 * OFREP's bulk evaluation), else from the rate limit's own reset; null when none tells. `nowMs`: the service's clock.
 */
export function retryAfterMs(headers: Headers, nowMs: number): number | null {
  return waitOf(headers['retry-after'] ?? headers['retry-later'], nowMs) ?? resetMs(headers, nowMs);
}

/**
 * The time until requests are allowed again, milliseconds; null while they are. From a 429, or from what is left of the
 * limit being zero: `RateLimit-Remaining` and `RateLimit` (IETF httpapi drafts), `X-RateLimit-Remaining`, and
 * LaunchDarkly's `X-Ratelimit-Global-Remaining` and `X-Ratelimit-Route-Remaining`.
 */
export function rateLimitPause(status: number, headers: Headers, nowMs: number): number | null {
  if (status === 429) return retryAfterMs(headers, nowMs) ?? 1000;
  return isUsedUp(headers) ? resetMs(headers, nowMs) : null;
}

function isUsedUp(headers: Headers): boolean {
  const told = Object.entries(headers).some(
    ([name, value]) => /^(x-)?ratelimit-(.+-)?remaining$/.test(name) && /^\s*0\s*(;|,|$)/.test(value),
  );
  return told || /(^|[;,\s])(r|remaining)=0\b/.test(headers.ratelimit ?? '');
}

/** From `RateLimit-Reset` and `RateLimit` (seconds), `X-RateLimit-Reset` (seconds, or a time in seconds or milliseconds). */
function resetMs(headers: Headers, nowMs: number): number | null {
  const combined = /(?:^|[;,\s])(?:t|reset)=(\d+)/.exec(headers.ratelimit ?? '')?.[1];
  return waitOf(headers['ratelimit-reset'] ?? combined ?? headers['x-ratelimit-reset'], nowMs);
}

function waitOf(told: string | undefined, nowMs: number): number | null {
  if (told === undefined || told.trim() === '') return null;
  const number = Number(told);
  const ms = Number.isNaN(number) ? Date.parse(told) - nowMs : fromNumber(number, nowMs);
  return Number.isNaN(ms) ? null : Math.min(LONGEST_MS, Math.max(0, ms));
}

function fromNumber(number: number, nowMs: number): number {
  if (number >= EPOCH_MS_FROM) return number - nowMs;
  return number >= EPOCH_S_FROM ? number * 1000 - nowMs : number * 1000;
}
