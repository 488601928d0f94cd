const FREE_TRIES = 5;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;

/**
 * When the next passphrase may be tried after wrong ones, epoch ms; null: now. Five are free, then each further one
 * doubles the wait from one second to a minute. The wait is counted from the last wrong one; it never locks anybody
 * out for good, and nothing is lost by it. A clock that was set back does not make the wait longer than its length.
 */
export function nextTryAtMs(failures: readonly number[], nowMs: number): number | null {
  const beyond = failures.length - FREE_TRIES;
  if (beyond < 0) return null;
  const waitMs = Math.min(FIRST_WAIT_MS * 2 ** Math.min(beyond, 32), LONGEST_WAIT_MS);
  const lastMs = Math.min(Math.max(...failures.slice(-FREE_TRIES)), nowMs);
  const atMs = lastMs + waitMs;
  return atMs > nowMs ? atMs : null;
}
