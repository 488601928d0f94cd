import type { Baseline, Series } from '../model/sli.ts';
import { ascending, quantile, samplesOf } from './samples.ts';

export interface BaselineOptions {
  /** Fewer samples than this give no baseline. */
  readonly minimumSamples?: number;
  /** How far back from `beforeMs` to look, milliseconds; by default everything held. */
  readonly windowMs?: number;
}

/** Makes the median absolute deviation an estimate of the standard deviation of a normal distribution. */
const MAD_TO_SIGMA = 1.4826;

/**
 * Normal behaviour of an SLI from the samples before `beforeMs` (the breach's first sample, or the change). Median and
 * a band of three robust deviations, widened to the 5th and 95th percentile: a few outliers in the past move neither,
 * and a skewed series such as a p99 is not called abnormal at its ordinary peaks. Null with too few samples.
 */
export function baselineOf(series: Series, beforeMs: number, options: BaselineOptions = {}): Baseline | null {
  const fromMs = options.windowMs === undefined ? -Infinity : beforeMs - options.windowMs;
  const samples = samplesOf(series, fromMs, beforeMs).filter((sample) => sample.atMs < beforeMs);
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || samples.length < (options.minimumSamples ?? 10)) return null;
  const values = ascending(samples.map((sample) => sample.value));
  const median = quantile(values, 0.5);
  const spread = 3 * MAD_TO_SIGMA * quantile(ascending(values.map((value) => Math.abs(value - median))), 0.5);
  const low = Math.min(median - spread, quantile(values, 0.05));
  const high = Math.max(median + spread, quantile(values, 0.95));
  if (![median, low, high].every(Number.isFinite)) return null;
  const neverNegative = (values[0] ?? 0) >= 0;
  return {
    fromMs: first.atMs,
    toMs: last.atMs,
    samples: samples.length,
    median,
    low: neverNegative ? Math.max(0, low) : low,
    high,
  };
}
