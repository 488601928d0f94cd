import type { Series, SeriesName } from '../../../shared/model/sli.ts';

export const SERIES_NAMES: readonly SeriesName[] = ['all', 'on', 'off'];
export type SeriesSet = { readonly [K in SeriesName]?: Series | undefined };

/** One point on the time axis: a value per line, null where there is a gap. */
export interface Row {
  readonly atMs: number;
  readonly all: number | null;
  readonly on: number | null;
  readonly off: number | null;
}

const MOST_BUCKETS = 120;
const WIDTHS_MS = [1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000];

/** Width of a bucket: at most 240 over the span, and never narrower than the samples' own distance. Milliseconds. */
export function bucketWidth(spanMs: number, stepMs: number): number {
  const least = Math.max(spanMs / MOST_BUCKETS, stepMs);
  return WIDTHS_MS.find((width) => width >= least) ?? least;
}

/** End of the bucket that `atMs` falls into: the right end of the time axis moves in steps, not every second. */
export function axisEnd(atMs: number, widthMs: number): number {
  return (Math.floor(atMs / widthMs) + 1) * widthMs;
}

interface Extremes {
  readonly first: number;
  readonly second: number;
}

/**
 * The lowest and the highest value of each bucket, in the order in which they came, so that no spike is lost.
 * A bucket starts at a whole multiple of its width since the epoch: what lies in the past keeps its points while new
 * samples come. A bucket without a value is a gap; nothing is filled in.
 */
export function extremesByBucket(series: Series, fromMs: number, toMs: number, widthMs: number): Map<number, Extremes> {
  const buckets = new Map<number, Extremes>();
  const { startMs, stepMs, values } = series;
  const begin = Math.max(0, Math.ceil((fromMs - startMs) / stepMs));
  let bucket = Number.NaN;
  let low = 0;
  let high = 0;
  let lowFirst = true;
  let filled = false;
  const flush = () => {
    if (filled) buckets.set(bucket, lowFirst ? { first: low, second: high } : { first: high, second: low });
  };
  for (let index = begin; index < values.length; index += 1) {
    const atMs = startMs + index * stepMs;
    if (atMs >= toMs) break;
    const own = Math.floor(atMs / widthMs) * widthMs;
    if (own !== bucket) {
      flush();
      bucket = own;
      filled = false;
    }
    const value = values[index];
    if (value === null || value === undefined || !Number.isFinite(value)) continue;
    if (!filled) {
      low = value;
      high = value;
      lowFirst = true;
      filled = true;
    } else if (value < low) {
      low = value;
      lowFirst = false;
    } else if (value > high) {
      high = value;
      lowFirst = true;
    }
  }
  flush();
  return buckets;
}

/** Two rows per bucket, at a quarter and three quarters of it, over the whole span: gaps included. */
export function chartRows(set: SeriesSet, fromMs: number, toMs: number, widthMs: number): Row[] {
  const extremes = SERIES_NAMES.map((name) => {
    const series = set[name];
    return series ? extremesByBucket(series, fromMs, toMs, widthMs) : null;
  });
  const [all, on, off] = extremes;
  const rows: Row[] = [];
  for (let bucket = Math.floor(fromMs / widthMs) * widthMs; bucket < toMs; bucket += widthMs) {
    const own = { all: all?.get(bucket), on: on?.get(bucket), off: off?.get(bucket) };
    rows.push({
      atMs: bucket + widthMs / 4,
      all: own.all?.first ?? null,
      on: own.on?.first ?? null,
      off: own.off?.first ?? null,
    });
    rows.push({
      atMs: bucket + (widthMs * 3) / 4,
      all: own.all?.second ?? null,
      on: own.on?.second ?? null,
      off: own.off?.second ?? null,
    });
  }
  return rows;
}

/** When the newest sample of any line was taken, gaps included, epoch ms; 0 when there is none. */
export function newestMs(set: SeriesSet): number {
  const ends = SERIES_NAMES.map((name) => {
    const series = set[name];
    return series ? series.startMs + (series.values.length - 1) * series.stepMs : 0;
  });
  return Math.max(...ends);
}

const ENDED_AFTER_STEPS = 3;

/**
 * Latest value of a line that is not a gap; null when it has none, and when the line ended while the others went on: a
 * cohort that is gone (nobody has the flag any more) has no latest value.
 */
export function lastValue(set: SeriesSet, name: SeriesName): number | null {
  const series = set[name];
  if (!series) return null;
  const oldest = (newestMs(set) - series.startMs) / series.stepMs - ENDED_AFTER_STEPS;
  for (let index = series.values.length - 1; index >= Math.max(0, oldest); index -= 1) {
    const value = series.values[index];
    if (value !== null && value !== undefined && Number.isFinite(value)) return value;
  }
  return null;
}

/** Value of the sample at `atMs`, or of the one before it within one step; null at a gap and outside. */
export function valueAt(series: Series | undefined, atMs: number): number | null {
  if (!series) return null;
  return series.values[Math.floor((atMs - series.startMs) / series.stepMs)] ?? null;
}
