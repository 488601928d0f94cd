/** No service is waited for longer than this on its own word, milliseconds. */
const LONGEST_MS = 10 * 60_000;

/**
 * The time until another try, milliseconds, from `Retry-After` (seconds or a date, RFC 9110 10.2.3), else from
 * `RateLimit-Reset` (seconds left); null when neither tells. Services with other headers read them themselves.
 */
export function retryAfterMs(headers: Readonly<Record<string, string>>, nowMs: number): number | null {
  const told = headers['retry-after'] ?? headers['ratelimit-reset'];
  if (told === undefined || told.trim() === '') return null;
  const seconds = Number(told);
  const ms = Number.isNaN(seconds) ? Date.parse(told) - nowMs : seconds * 1000;
  return Number.isNaN(ms) ? null : Math.min(LONGEST_MS, Math.max(0, ms));
}
