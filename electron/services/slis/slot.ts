import type { SliView } from '../../../shared/contract/slis.ts';
import type { Baseline, SeriesName, SliStatus } from '../../../shared/model/sli.ts';
import { baselineOf } from '../../../shared/rules/baseline.ts';
import { assessSli } from '../../../shared/rules/breach.ts';
import type { PlacedSli } from './lines.ts';
import { Ring } from './ring.ts';

export const HELD_MS = 60 * 60_000;
const BASELINE_EVERY_MS = 15_000;
/** The time after a breach in which its samples would still colour a new baseline. */
const BASELINE_HOLD_MS = 10 * 60_000;

/** One query of an SLI and the samples held of it. */
export interface Line {
  readonly name: SeriesName;
  readonly query: string;
  ring: Ring;
  /** Place of the grid up to which the source was asked; null before the first answer. */
  coveredToMs: number | null;
  lastValueMs: number | null;
  lastPolledMs: number;
  inFlight: Promise<void> | null;
  /** The error of the last poll; null when it worked. */
  problem: string | null;
  /** The source's warnings of the last answer. */
  warning: string | null;
}

/** An SLI of one environment: its lines, and what follows from them. */
export class SliSlot {
  readonly placed: PlacedSli;
  readonly lines: readonly Line[];
  readonly #stepMs: number;
  status: SliStatus = { state: 'unknown', latest: null, breachedSinceMs: null, problem: null };
  baseline: Baseline | null = null;
  assessedMs = -Infinity;
  #baselineMs = -Infinity;
  #breachEndedMs = -Infinity;
  #baselineIsOfBreach = false;

  constructor(placed: PlacedSli, stepMs: number, nowMs: number) {
    this.placed = placed;
    this.#stepMs = stepMs;
    this.lines = [...placed.queries].map(([name, query]) => ({
      name,
      query,
      ring: emptyRing(stepMs, nowMs),
      coveredToMs: null,
      lastValueMs: null,
      lastPolledMs: -Infinity,
      inFlight: null,
      problem: null,
      warning: null,
    }));
  }

  /** Forgets the samples: they stand on a clock that is not in force any more. */
  clear(nowMs: number): void {
    for (const line of this.lines) {
      line.ring = emptyRing(this.#stepMs, nowMs);
      line.coveredToMs = null;
      line.lastValueMs = null;
      line.lastPolledMs = -Infinity;
    }
  }

  view(): SliView {
    return {
      sli: this.placed.sli,
      status: this.status,
      baseline: this.baseline,
      series: Object.fromEntries(this.lines.map((line) => [line.name, line.ring.snapshot()])),
    };
  }

  /** Judges anew. `sourceProblem` is what ails the whole connection. Tells what changed. */
  assess(nowMs: number, sourceProblem: string | null): { status: boolean; baseline: boolean; breach: boolean } {
    this.assessedMs = nowMs;
    const before = this.status;
    const after = this.#judge(nowMs, sourceProblem);
    const wasBreached = before.breachedSinceMs !== null;
    const isBreached = after.breachedSinceMs !== null;
    if (wasBreached && !isBreached) this.#breachEndedMs = nowMs;
    this.status = after;
    return {
      status: JSON.stringify(before) !== JSON.stringify(after),
      baseline: this.#renewBaseline(nowMs),
      breach: wasBreached !== isBreached,
    };
  }

  #judge(nowMs: number, sourceProblem: string | null): SliStatus {
    const all = this.lines.find((line) => line.name === 'all');
    const failure = all?.problem ?? sourceProblem;
    if (!all || (all.coveredToMs === null && failure === null)) return { ...this.status, state: 'unknown' };
    const fresh = assessSli(all.ring.series, this.placed.sli.objective, nowMs);
    const cohort = this.lines.find((line) => line !== all && line.problem !== null);
    const problem =
      failure ??
      (cohort ? `cohort ${cohort.name}: ${cohort.problem}` : null) ??
      this.lines.find((line) => line.warning !== null)?.warning ??
      null;
    if (fresh.state === 'ok' || fresh.state === 'breached') return { ...fresh, problem };
    // A breach is not over because its source fell silent: it stays until samples say otherwise.
    const breachedSinceMs = this.status.breachedSinceMs;
    return { ...fresh, breachedSinceMs, problem, state: failure === null ? fresh.state : 'error' };
  }

  /**
   * In breach, and for a while after: what was normal before it. Otherwise what is normal now. Returns true when the
   * baseline changed.
   */
  #renewBaseline(nowMs: number): boolean {
    const since = this.status.breachedSinceMs;
    const isHeld = this.baseline !== null && this.#baselineIsOfBreach;
    if (isHeld && (since !== null || nowMs - this.#breachEndedMs < BASELINE_HOLD_MS)) return false;
    if (since === null && this.baseline !== null && nowMs - this.#baselineMs < BASELINE_EVERY_MS) return false;
    const all = this.lines.find((line) => line.name === 'all');
    const next = all ? baselineOf(all.ring.series, since ?? nowMs) : null;
    this.#baselineMs = nowMs;
    this.#baselineIsOfBreach = since !== null;
    const changed = JSON.stringify(next) !== JSON.stringify(this.baseline);
    this.baseline = next;
    return changed;
  }
}

function emptyRing(stepMs: number, nowMs: number): Ring {
  return new Ring(Math.floor(nowMs / stepMs) * stepMs - HELD_MS, stepMs, Math.floor(HELD_MS / stepMs) + 1);
}
