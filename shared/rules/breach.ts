import type { Objective, Series, SliStatus } from '../model/sli.ts';
import { defaultStaleAfterMs, meetsObjective, samplesOf } from './samples.ts';

export interface BreachOptions {
  /** Samples in a row that begin a breach, and that end it. */
  readonly consecutive?: number;
  /** Age of the latest sample past which the state is `stale`, milliseconds. A longer gap also ends a breach. */
  readonly staleAfterMs?: number;
}

/**
 * State of an SLI at `nowMs` from its samples alone (A3). Two samples in a row past the objective begin a breach and
 * two good ones end it, so that one outlier neither raises nor hides an alarm. Short gaps do not interrupt a breach.
 */
export function assessSli(
  series: Series,
  objective: Objective | null,
  nowMs: number,
  options: BreachOptions = {},
): SliStatus {
  const consecutive = Math.max(1, options.consecutive ?? 2);
  const staleAfterMs = options.staleAfterMs ?? defaultStaleAfterMs(series.stepMs);
  // One step ahead of our clock is the grid's own rounding; more is not the present.
  const samples = samplesOf(series, -Infinity, nowMs + series.stepMs);
  const latest = samples.at(-1) ?? null;
  if (latest === null) return { state: 'no-data', latest: null, breachedSinceMs: null, problem: null };
  if (nowMs - latest.atMs > staleAfterMs) return { state: 'stale', latest, breachedSinceMs: null, problem: null };

  let breachedSinceMs: number | null = null;
  let good = 0;
  let bad = 0;
  let firstBadMs = 0;
  let previousMs = -Infinity;
  for (const { atMs, value } of samples) {
    if (atMs - previousMs > staleAfterMs) {
      breachedSinceMs = null;
      good = bad = 0;
    }
    previousMs = atMs;
    if (meetsObjective(value, objective)) {
      good += 1;
      bad = 0;
      if (good >= consecutive) breachedSinceMs = null;
    } else {
      if (bad === 0) firstBadMs = atMs;
      bad += 1;
      good = 0;
      if (bad >= consecutive) breachedSinceMs ??= firstBadMs;
    }
  }
  return { state: breachedSinceMs === null ? 'ok' : 'breached', latest, breachedSinceMs, problem: null };
}
