import type { Recovery, Verdict } from '../model/recovery.ts';
import type { Baseline, Objective, Series } from '../model/sli.ts';
import { type Message, message } from '../model/text.ts';
import { defaultStaleAfterMs, meetsObjective, type Sample, samplesOf } from './samples.ts';

export interface RecoveryOptions {
  /** Good samples in a row that prove a recovery; never fewer than two. */
  readonly consecutive?: number;
  /** Samples after the change without which nothing is said about it. */
  readonly minimumSamples?: number;
  /** How long the watch goes on before it gives up, milliseconds. */
  readonly timeLimitMs?: number;
  readonly staleAfterMs?: number;
}

export interface RecoveryQuestion {
  readonly series: Series;
  /** When the provider accepted the change, epoch ms. */
  readonly changedAtMs: number;
  /** First sample of the breach at the moment of the change; null when there was none. */
  readonly breachedSinceMs: number | null;
  readonly objective: Objective | null;
  readonly baseline: Baseline | null;
  readonly options?: RecoveryOptions;
  readonly nowMs: number;
}

export const RECOVERY_TIME_LIMIT_MS = 10 * 60_000;
const CONSECUTIVE = 5;
/** How far before the change an SLI without a recorded breach is searched for something to recover from. */
const LOOK_BACK_MS = 5 * 60_000;

/**
 * Did the change help (A4)? Recovered means: enough samples in a row after the change, the latest of them fresh, each
 * within the baseline's band (with slack) and on the good side of the objective. Silence, NaN and a single good sample
 * prove nothing. From the deadline on the verdict no longer depends on `nowMs`: later samples are not looked at.
 */
export function assessRecovery(question: RecoveryQuestion): Omit<Recovery, 'sli'> {
  const { series, changedAtMs, objective, baseline, nowMs } = question;
  const options = question.options ?? {};
  const needed = Math.max(2, options.consecutive ?? CONSECUTIVE);
  const minimum = Math.max(needed, options.minimumSamples ?? needed);
  const deadlineMs = changedAtMs + (options.timeLimitMs ?? RECOVERY_TIME_LIMIT_MS);
  const staleAfterMs = options.staleAfterMs ?? defaultStaleAfterMs(series.stepMs);
  const untilMs = Math.min(nowMs, deadlineMs);

  const after = samplesOf(series, changedAtMs, untilMs);
  const before = samplesOf(series, (question.breachedSinceMs ?? changedAtMs - LOOK_BACK_MS) - 1, changedAtMs);
  const bounds = boundsOf(objective, baseline);
  const good = (sample: Sample): boolean =>
    sample.value >= bounds.low && sample.value <= bounds.high && meetsObjective(sample.value, objective);
  const run = trailingRun(after, good, 3 * series.stepMs);
  const latest = after.at(-1);
  const fresh = latest !== undefined && untilMs - latest.atMs <= staleAfterMs;
  const over = nowMs >= deadlineMs;
  const worse =
    question.breachedSinceMs !== null || [...before, ...after].filter((sample) => !good(sample)).length >= 2;
  const judged = objective !== null || baseline !== null;

  const [verdict, reason] = ((): [Verdict, Message] => {
    const count = { samples: after.length, minimum, good: run.length, needed };
    const enough = after.length >= minimum;
    if (!judged && enough) return ['cannot-tell', message('recovery.no-limit', count)];
    if (enough && fresh && run.length >= needed) {
      return worse
        ? ['recovered', message('recovery.recovered', count)]
        : ['cannot-tell', message('recovery.was-not-worse', count)];
    }
    if (over) {
      if (!enough) return ['cannot-tell', message('recovery.too-few-samples', count)];
      if (!fresh) return ['cannot-tell', message('recovery.samples-stopped', count)];
      return ['not-recovered', message(failing(latest, objective, good, 'recovery.time-over'), count)];
    }
    if (latest === undefined) return ['watching', message('recovery.waiting-for-samples', count)];
    if (!fresh) return ['watching', message('recovery.samples-stopped', count)];
    return ['watching', message(failing(latest, objective, good, 'recovery.good-samples'), count)];
  })();

  const recoveredAtMs = verdict === 'recovered' ? (run[0]?.atMs ?? null) : null;
  return {
    verdict,
    reason,
    changedAtMs,
    deadlineMs,
    recoveredAtMs,
    tookMs: recoveredAtMs === null ? null : recoveredAtMs - changedAtMs,
    baselineMedian: baseline?.median ?? null,
    limit: limitOf(objective, bounds, [...before, ...after]),
    worst: worstOf([...before, ...after], objective, baseline),
    latest: latest?.value ?? null,
    goodSamples: run.length,
    neededSamples: needed,
    samples: after.length,
  };
}

interface Bounds {
  readonly low: number;
  readonly high: number;
}

/**
 * What a good sample keeps to, beside the objective: the baseline's band plus the band's own half width, and at least a
 * quarter of the median, since a service is not ill for being a little slower than its best hour. Without an
 * objective both sides count, because nothing says which side is the good one.
 */
function boundsOf(objective: Objective | null, baseline: Baseline | null): Bounds {
  const open = { low: -Infinity, high: Infinity };
  if (baseline === null) return open;
  const slack = 0.25 * Math.abs(baseline.median);
  const high = baseline.high + Math.max(slack, baseline.high - baseline.median);
  const low = baseline.low - Math.max(slack, baseline.median - baseline.low);
  if (objective === null) return { low, high };
  return 'below' in objective ? { ...open, high } : { ...open, low };
}

/** The number shown as the limit: the stricter of objective and band, on the side that the samples left. */
function limitOf(objective: Objective | null, bounds: Bounds, samples: readonly Sample[]): number | null {
  if (objective !== null) {
    return 'below' in objective ? Math.min(objective.below, bounds.high) : Math.max(objective.above, bounds.low);
  }
  if (!Number.isFinite(bounds.high)) return null;
  return samples.some((sample) => sample.value < bounds.low) ? bounds.low : bounds.high;
}

/** Good samples at the end, without a hole longer than `maxGapMs`. */
function trailingRun(samples: readonly Sample[], good: (sample: Sample) => boolean, maxGapMs: number): Sample[] {
  let from = samples.length;
  let nextMs: number | null = null;
  for (let index = samples.length - 1; index >= 0; index -= 1) {
    const sample = samples[index];
    if (sample === undefined || !good(sample) || (nextMs !== null && nextMs - sample.atMs > maxGapMs)) break;
    nextMs = sample.atMs;
    from = index;
  }
  return samples.slice(from);
}

/** Says by which of the two measures the latest sample is bad; `otherwise` when it is not. */
function failing(
  latest: Sample | undefined,
  objective: Objective | null,
  good: (sample: Sample) => boolean,
  otherwise: string,
): string {
  if (latest === undefined || good(latest)) return otherwise;
  return meetsObjective(latest.value, objective) ? 'recovery.outside-baseline' : 'recovery.still-breached';
}

function worstOf(samples: readonly Sample[], objective: Objective | null, baseline: Baseline | null): number | null {
  const badness = (value: number): number => {
    if (objective !== null) return 'below' in objective ? value : -value;
    return Math.abs(value - (baseline?.median ?? 0));
  };
  let worst: number | null = null;
  for (const { value } of samples) if (worst === null || badness(value) > badness(worst)) worst = value;
  return worst;
}
