import type { Baseline, Objective } from '../../../shared/model/sli.ts';
import type { Row } from './buckets.ts';

export interface Scale {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
}

/** Distance of ticks, 1, 2, 2.5 or 5 times a power of ten, so that about `count` fit into the span. */
export function niceStep(span: number, count: number): number {
  const raw = span / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = [1, 2, 2.5, 5, 10].find((candidate) => candidate * power >= raw * 0.999) ?? 10;
  return factor * power;
}

/**
 * Value axis that shows every value, the objective and the baseline. It starts at zero, unless the good side is above
 * (an availability of 0.999): then the distance to the objective is what must be seen. `count`: wanted ticks.
 */
export function valueScale(
  rows: readonly Row[],
  objective: Objective | null,
  baseline: Baseline | null,
  count = 4,
): Scale {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  const see = (value: number | null | undefined) => {
    if (value === null || value === undefined || !Number.isFinite(value)) return;
    if (value < low) low = value;
    if (value > high) high = value;
  };
  for (const row of rows) {
    see(row.all);
    see(row.on);
    see(row.off);
  }
  see(baseline?.high);
  see(baseline?.low);
  if (objective) see('below' in objective ? objective.below * 1.1 : objective.above);
  if (low > high) return { low: 0, high: 1, ticks: [0, 0.5, 1] };
  const fromZero = !(objective && 'above' in objective);
  if (fromZero && low > 0) low = 0;
  if (low === high) high = low + (Math.abs(low) || 1);
  const step = niceStep(high - low, count);
  const first = Math.floor(low / step + 1e-9) * step;
  const last = Math.ceil(high / step - 1e-9) * step;
  const ticks = Array.from({ length: Math.round((last - first) / step) + 1 }, (_, index) => tidy(first + index * step));
  return { low: tidy(first), high: tidy(last), ticks };
}

/** Takes off what binary fractions add: 0.30000000000000004 is 0.3. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}

const MINUTE_MS = 60_000;
const TIME_STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 240, 720, 1440].map((minutes) => minutes * MINUTE_MS);

/** Whole minutes between the ends, about `count` of them. The same for every chart of one time axis. */
export function timeTicks(fromMs: number, toMs: number, count = 6): number[] {
  const step = TIME_STEPS_MS.find((candidate) => (toMs - fromMs) / candidate <= count) ?? 1440 * MINUTE_MS;
  const ticks: number[] = [];
  for (let atMs = Math.ceil(fromMs / step) * step; atMs <= toMs; atMs += step) ticks.push(atMs);
  return ticks;
}
