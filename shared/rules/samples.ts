import type { Objective, Series } from '../model/sli.ts';

export interface Sample {
  readonly atMs: number;
  readonly value: number;
}

/** Samples with a value, oldest first, in `(afterMs, toMs]`. Gaps and what is not a finite number are left out. */
export function samplesOf(series: Series, afterMs = -Infinity, toMs = Infinity): Sample[] {
  const samples: Sample[] = [];
  const first = Math.max(0, Math.floor((afterMs - series.startMs) / series.stepMs));
  for (let index = first; index < series.values.length; index += 1) {
    const atMs = series.startMs + index * series.stepMs;
    if (atMs > toMs) break;
    const value = series.values[index];
    if (atMs > afterMs && value !== null && value !== undefined && Number.isFinite(value))
      samples.push({ atMs, value });
  }
  return samples;
}

/** True on the good side of the objective; the bound itself is a breach. Without an objective nothing is bad. */
export function meetsObjective(value: number, objective: Objective | null): boolean {
  if (objective === null) return true;
  return 'below' in objective ? value < objective.below : value > objective.above;
}

/** Age past which the latest sample no longer speaks for the present: five steps, and at least 15 s. */
export function defaultStaleAfterMs(stepMs: number): number {
  return Math.max(5 * stepMs, 15_000);
}

/** The `share` quantile (0 to 1) of values in ascending order, interpolated. NaN for none. */
export function quantile(ascending: readonly number[], share: number): number {
  const position = (ascending.length - 1) * share;
  const low = ascending[Math.floor(position)];
  const high = ascending[Math.ceil(position)];
  if (low === undefined || high === undefined) return Number.NaN;
  return low + (high - low) * (position - Math.floor(position));
}

export function ascending(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}
