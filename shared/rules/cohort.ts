import type { Objective, Series } from '../model/sli.ts';
import { ascending, quantile, samplesOf } from './samples.ts';

export interface Separation {
  /** Median over the moments at which both cohorts have a sample. */
  readonly on: number;
  readonly off: number;
  /** How many times worse the cohort with the flag on fares: 3 is three times as bad, 1 is alike. 0.01 to 100. */
  readonly ratio: number;
  readonly samples: number;
  /** True when enough samples show the cohort with the flag on clearly worse. */
  readonly separated: boolean;
}

const SEPARATED_FROM = 1.5;
const MINIMUM_SAMPLES = 3;

/** Compares users with the flag on and off (A6) from `sinceMs` on. Null when no moment has a sample of both. */
export function separationOf(
  cohorts: { on: Series; off: Series },
  objective: Objective | null,
  sinceMs: number,
  nowMs: number,
): Separation | null {
  const offAt = new Map(samplesOf(cohorts.off, sinceMs - 1, nowMs).map((sample) => [sample.atMs, sample.value]));
  const pairs = samplesOf(cohorts.on, sinceMs - 1, nowMs).flatMap((sample) => {
    const off = offAt.get(sample.atMs);
    return off === undefined ? [] : [{ on: sample.value, off }];
  });
  if (pairs.length === 0) return null;
  const on = quantile(ascending(pairs.map((pair) => pair.on)), 0.5);
  const off = quantile(ascending(pairs.map((pair) => pair.off)), 0.5);
  const ratio = objective !== null && 'above' in objective ? ratioOf(off, on) : ratioOf(on, off);
  return {
    on,
    off,
    ratio,
    samples: pairs.length,
    separated: pairs.length >= MINIMUM_SAMPLES && ratio >= SEPARATED_FROM,
  };
}

/** A zero on one side (no errors at all with the flag off) is as far apart as we say, not infinitely far. */
function ratioOf(worse: number, better: number): number {
  if (worse === better) return 1;
  if (better <= 0) return worse > better ? 100 : 0.01;
  return Math.min(100, Math.max(0.01, worse / better));
}
