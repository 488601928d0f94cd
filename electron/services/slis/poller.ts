import type { ConnectionStatus } from '../../../shared/model/connection.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { ProbeReport } from '../../../shared/model/probe.ts';
import type { SeriesName } from '../../../shared/model/sli.ts';
import type { Clock, Disposable, Log } from '../ports.ts';
import type { MetricConnection } from './api.ts';
import { ConnectionHealth } from './connection-health.ts';
import { Gate } from './gate.ts';
import { HELD_MS, type Line, type SliSlot } from './slot.ts';
import type { MetricAnswer } from './source.ts';
import { withTimeLimit } from './time-limit.ts';

/** Queries of one connection at a time: a source under pressure in an incident must not get all of them at once. */
const MAX_CONCURRENT = 6;
const BACKGROUND_MS = 15_000;
const LINE_LIMIT_MS = 10_000;
/** The newest samples may still change while a scrape is being written. */
const OVERLAP_STEPS = 2;
/** Samples that come in this late are still asked for (VictoriaMetrics holds back 30 s by default: -search.latencyOffset). */
const LATE_MS = 60_000;
/** Clocks closer than this are the same clock. */
const SKEW_TOLERANCE_MS = 3_000;

export interface PollerEvents {
  /** Samples of a line from `fromMs` on are new or changed; null when only its problem may have changed. */
  onLine(slot: SliSlot, name: SeriesName, fromMs: number | null): void;
  /** Every sample of the connection was dropped. */
  onCleared(): void;
  onStatus(): void;
}

/** Polls one metric connection: paces, limits, the source's clock, and the connection's status. */
export class ConnectionPoller {
  readonly health: ConnectionHealth;
  readonly slots: readonly SliSlot[];
  readonly #connection: MetricConnection;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #events: PollerEvents;
  readonly #isWatched: (slot: SliSlot) => boolean;
  readonly #gate = new Gate(MAX_CONCURRENT);
  readonly #ended = new AbortController();
  readonly #timer: Disposable;
  /** The source's clock minus ours in whole steps: queries ask in its time, samples are held in ours. */
  #offsetMs = 0;
  #generation = 0;
  #probedMs = -Infinity;
  #probing: Promise<void> | null = null;

  constructor(
    connection: MetricConnection,
    slots: readonly SliSlot[],
    isWatched: (slot: SliSlot) => boolean,
    ports: { clock: Clock; log: Log },
    events: PollerEvents,
  ) {
    this.#connection = connection;
    this.slots = slots;
    this.#isWatched = isWatched;
    this.#clock = ports.clock;
    this.#log = ports.log;
    this.#events = events;
    this.health = new ConnectionHealth(connection, slots, ports.clock.now());
    const period = Math.min(BACKGROUND_MS, Math.max(200, connection.stepMs));
    this.#timer = ports.clock.every(period, () => this.tick());
  }

  status(): ConnectionStatus {
    return this.health.status(this.#clock.now());
  }

  /** Starts every query that is due. Never waits: a slow query holds up no other. */
  tick(): void {
    if (this.#ended.signal.aborted) return;
    const nowMs = this.#clock.now();
    if (this.health.changed(nowMs)) this.#events.onStatus();
    if (this.health.blocked(nowMs)) return;
    if (this.slots.length === 0) {
      if (nowMs - this.#probedMs >= BACKGROUND_MS) void this.#probe();
      return;
    }
    for (const slot of this.slots) {
      const pace = this.#isWatched(slot) ? this.#connection.stepMs : Math.max(BACKGROUND_MS, this.#connection.stepMs);
      for (const line of slot.lines) {
        // Timers come a little early or late; a sample must not be skipped for that.
        if (line.inFlight || nowMs - line.lastPolledMs < pace * 0.9) continue;
        this.#start(slot, line);
        // While the source is down, one query finds out whether it is back.
        if (this.health.down) return;
      }
    }
  }

  /** Asks everything now, whatever was held back. Resolves when all has answered or failed. */
  async retry(): Promise<void> {
    this.health.unblock();
    if (this.slots.length === 0) await this.#probe();
    for (const slot of this.slots) for (const line of slot.lines) if (!line.inFlight) this.#start(slot, line);
    await Promise.all(this.slots.flatMap((slot) => slot.lines.map((line) => line.inFlight)));
  }

  dispose(): void {
    this.#timer.dispose();
    this.#ended.abort();
  }

  #start(slot: SliSlot, line: Line): void {
    line.lastPolledMs = this.#clock.now();
    const generation = this.#generation;
    line.inFlight = this.#gate
      .run(() => this.#poll(slot, line))
      .catch((error: unknown) => {
        if (!this.#ended.signal.aborted && generation === this.#generation) this.#failed(slot, line, error);
      })
      .finally(() => {
        line.inFlight = null;
      });
  }

  async #poll(slot: SliSlot, line: Line): Promise<void> {
    const { stepMs, source, id } = this.#connection;
    const generation = this.#generation;
    const toMs = Math.floor(this.#clock.now() / stepMs) * stepMs;
    const fromMs = Math.max(toMs - HELD_MS, newPart(line, stepMs) ?? -Infinity);
    const offsetMs = this.#offsetMs;
    const answer = await withTimeLimit(
      this.#clock,
      LINE_LIMIT_MS,
      this.#ended.signal,
      `${id}: ${slot.placed.sli.id} ${line.name}`,
      (signal) => source.range(line.query, fromMs + offsetMs, toMs + offsetMs, stepMs, signal),
    );
    if (generation !== this.#generation || this.#ended.signal.aborted) return;
    if (this.#noteClock(answer.clockSkewMs)) return;
    this.#succeeded(slot, line, answer, fromMs, toMs);
  }

  #succeeded(slot: SliSlot, line: Line, answer: MetricAnswer, fromMs: number, toMs: number): void {
    const [series, ...others] = answer.series;
    if (others.length > 0) {
      throw new ScramError(
        'provider',
        `the query yields ${answer.series.length} series where an SLI has one — aggregate it, with sum() or max()`,
      );
    }
    const samples = (series?.samples ?? []).map(({ atMs, value }) => ({ atMs: atMs - this.#offsetMs, value }));
    const changedMs = line.ring.replace(fromMs, toMs, samples);
    line.coveredToMs = toMs;
    line.lastValueMs = samples.at(-1)?.atMs ?? line.lastValueMs;
    line.problem = null;
    line.warning = answer.warnings.length === 0 ? null : answer.warnings.join(' ');
    if (this.health.succeeded(this.#clock.now())) this.#events.onStatus();
    this.#events.onLine(slot, line.name, changedMs);
  }

  #failed(slot: SliSlot, line: Line, error: unknown): void {
    const known = error instanceof ScramError ? error : new ScramError('internal', String(error));
    if (line.problem === null) this.#log.warn('sli-query-failed', { sli: slot.placed.sli.id, code: known.code });
    line.problem = known.action === null ? known.message : `${known.message}. ${known.action}`;
    if (this.health.failed(this.#clock.now(), known)) this.#events.onStatus();
    this.#events.onLine(slot, line.name, null);
  }

  /** Returns true when the source's clock turned out to be another: all samples are dropped and asked for anew. */
  #noteClock(skewMs: number | null): boolean {
    if (skewMs === null) return false;
    const near = Math.abs(skewMs) < SKEW_TOLERANCE_MS;
    if (Math.abs(skewMs - this.#offsetMs) < SKEW_TOLERANCE_MS + this.#connection.stepMs && !(near && this.#offsetMs)) {
      return false;
    }
    const { stepMs, id } = this.#connection;
    const offsetMs = near ? 0 : Math.round(skewMs / stepMs) * stepMs;
    if (offsetMs === this.#offsetMs) return false;
    this.#offsetMs = offsetMs;
    this.#generation += 1;
    this.health.skewMs = near ? 0 : skewMs;
    this.#log.warn('metric-clock-skew', { connection: id, skewMs });
    const nowMs = this.#clock.now();
    for (const slot of this.slots) slot.clear(nowMs);
    this.#events.onCleared();
    this.#events.onStatus();
    this.#clock.after(0, () => this.tick());
    return true;
  }

  /** What the source says of itself, asked for by a person. */
  async report(signal: AbortSignal): Promise<ProbeReport> {
    const fixed = { canWrite: null, fields: [] };
    try {
      const { ok, latencyMs, clockSkewMs, detail } = await this.#connection.source.probe(signal);
      return { ok, latencyMs, clockSkewMs, canRead: ok, detail, ...fixed };
    } catch (error) {
      const detail = error instanceof ScramError ? error.message : 'unexpected error';
      return { ok: false, latencyMs: 0, clockSkewMs: null, canRead: false, detail, ...fixed };
    }
  }

  #probe(): Promise<void> {
    this.#probedMs = this.#clock.now();
    this.#probing ??= this.#connection.source
      .probe(this.#ended.signal)
      .then((report) => {
        if (!report.ok) throw new ScramError('unreachable', report.detail);
        if (report.clockSkewMs !== null) {
          this.health.skewMs = Math.abs(report.clockSkewMs) < SKEW_TOLERANCE_MS ? 0 : report.clockSkewMs;
        }
        if (this.health.succeeded(this.#clock.now())) this.#events.onStatus();
      })
      .catch((error: unknown) => {
        if (this.#ended.signal.aborted) return;
        const known = error instanceof ScramError ? error : new ScramError('internal', String(error));
        if (this.health.failed(this.#clock.now(), known)) this.#events.onStatus();
      })
      .finally(() => {
        this.#probing = null;
      });
    return this.#probing;
  }
}

/** Where the next query of a line begins: a little before what is known, so that nothing that came late is missed. */
function newPart(line: Line, stepMs: number): number | null {
  if (line.coveredToMs === null) return null;
  const knownMs = Math.min(line.coveredToMs, line.lastValueMs ?? -Infinity);
  return Math.max(knownMs, line.coveredToMs - LATE_MS) - OVERLAP_STEPS * stepMs;
}
