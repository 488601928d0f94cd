import type { SliView } from '../../../shared/contract/slis.ts';
import { axisEnd, bucketWidth } from './buckets.ts';

/** The time axis that every chart of one view shares. */
export interface TimeAxis {
  readonly fromMs: number;
  readonly toMs: number;
  /** Width of the buckets that samples are drawn in. */
  readonly widthMs: number;
}

const SPAN_MS = 3_600_000;

/** The hour up to `latestMs`. Moves in steps of a bucket: within one step nothing but the newest points changes. */
export function timeAxis(latestMs: number, stepMs: number): TimeAxis {
  const widthMs = bucketWidth(SPAN_MS, stepMs);
  const toMs = axisEnd(latestMs, widthMs);
  return { fromMs: toMs - SPAN_MS, toMs, widthMs };
}

/**
 * The axis for these SLIs: up to the newest sample of any of them. It is the sources' time, not the browser's, so a
 * wrong clock on the operator's machine cannot push the lines off the chart. `nowMs` serves where there is no sample.
 */
export function axisOf(views: readonly SliView[], nowMs: number): TimeAxis {
  let latestMs = 0;
  let stepMs = 0;
  for (const view of views) {
    for (const series of Object.values(view.series)) {
      if (!series) continue;
      latestMs = Math.max(latestMs, series.startMs + (series.values.length - 1) * series.stepMs);
      stepMs = Math.max(stepMs, series.stepMs);
    }
  }
  return timeAxis(latestMs || nowMs, stepMs || 1000);
}
