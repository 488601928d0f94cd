import type { ScramError } from '../../../shared/model/error.ts';

const FIRST_MS = 2_000;
const LONGEST_MS = 5 * 60_000;
/** After this a message is told as failed: what is half an hour old may say what is no longer so, milliseconds. */
export const GIVE_UP_MS = 30 * 60_000;

export interface Failed {
  /** How often it has failed, this time included. */
  readonly tries: number;
  /** Since the message was to be sent, milliseconds. */
  readonly sinceMs: number;
  /** From 0 up to 1. */
  readonly random: number;
}

/**
 * Time until the next try, milliseconds: twice as long each time, with jitter, and no shorter than the target asks for.
 * Null: it is not tried again, because it cannot help or because there is no time left.
 */
export function pauseAfter(error: Pick<ScramError, 'retryable' | 'retryAfterMs'>, failed: Failed): number | null {
  if (!error.retryable) return null;
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failed.tries - 1));
  const pause = Math.max(error.retryAfterMs ?? 0, full * (0.5 + failed.random / 2));
  return failed.sinceMs + pause > GIVE_UP_MS ? null : pause;
}
