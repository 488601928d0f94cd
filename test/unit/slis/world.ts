import type { Clock, Disposable, Log } from '../../../electron/services/ports.ts';
import type { MetricAnswer, MetricSource } from '../../../electron/services/slis/source.ts';
import { type Config, configSchema } from '../../../shared/model/config/index.ts';

/** A clock that a test moves; work that is due and what follows from it settles before `advance` returns. */
export class TestClock implements Clock {
  #nowMs: number;
  readonly #timers = new Set<{ atMs: number; run: () => void }>();

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): Disposable {
    const timer = { atMs: this.#nowMs + delayMs, run };
    this.#timers.add(timer);
    return { dispose: () => void this.#timers.delete(timer) };
  }

  every(periodMs: number, run: () => void | Promise<void>): Disposable {
    let next: Disposable;
    const round = async (): Promise<void> => {
      next = this.after(periodMs, () => void round());
      await run();
    };
    next = this.after(periodMs, () => void round());
    return { dispose: () => next.dispose() };
  }

  /** Timers still set: a service that was disposed of leaves none. */
  get pending(): number {
    return this.#timers.size;
  }

  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settle();
    for (;;) {
      const due = [...this.#timers].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (!due) break;
      this.#timers.delete(due);
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.run();
      await settle();
    }
    this.#nowMs = untilMs;
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 40; turn += 1) await Promise.resolve();
}

export const quietLog: Log = { info() {}, warn() {}, error() {} };

export interface Asked {
  readonly query: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
  readonly signal: AbortSignal;
}

/** A metric source whose samples are a function of query and time, and which can be told to fail or to hang. */
export class TestSource implements MetricSource {
  readonly kind = 'test';
  readonly asked: Asked[] = [];
  running = 0;
  mostRunning = 0;
  clockSkewMs: number | null = 0;
  warnings: string[] = [];
  seriesPerAnswer = 1;
  value: (query: string, atMs: number) => number | null = () => 1;
  /** Replaces the answer: throw to fail, wait to hang. */
  trouble: ((asked: Asked) => Promise<void>) | null = null;

  async range(
    query: string,
    startMs: number,
    endMs: number,
    stepMs: number,
    signal: AbortSignal,
  ): Promise<MetricAnswer> {
    const asked = { query, startMs, endMs, stepMs, signal };
    this.asked.push(asked);
    this.running += 1;
    this.mostRunning = Math.max(this.mostRunning, this.running);
    try {
      await this.trouble?.(asked);
      const samples: { atMs: number; value: number }[] = [];
      for (let atMs = startMs; atMs <= endMs; atMs += stepMs) {
        const value = this.value(query, atMs);
        if (value !== null) samples.push({ atMs, value });
      }
      const series = Array.from({ length: this.seriesPerAnswer }, () => ({ labels: {}, samples }));
      return { series, warnings: this.warnings, notNumbers: 0, clockSkewMs: this.clockSkewMs };
    } finally {
      this.running -= 1;
    }
  }

  async instant(): Promise<MetricAnswer> {
    throw new Error('the SLI service asks for ranges alone');
  }

  async probe() {
    return { ok: true, latencyMs: 1, clockSkewMs: this.clockSkewMs, detail: 'fine' };
  }

  dispose() {}
}

/** Two environments; checkout has a p99 with cohorts everywhere and errors at home; search has one SLI in staging. */
export function testConfig(): Config {
  return configSchema.parse({
    version: 1,
    team: 'payments',
    environments: { staging: {}, production: { tone: 'production' } },
    connections: [],
    services: [
      {
        id: 'checkout',
        flags: [{ connection: 'flags', key: 'enable_new_pricing' }],
        slis: [
          {
            id: 'p99',
            name: 'p99 latency',
            connection: 'prom',
            query: 'p99{env="$environment"}',
            unit: 's',
            objective: { below: 0.6 },
            cohort: {
              flag: 'enable_new_pricing',
              query: 'p99{env="$environment",variant="$cohort"}',
              on: 'a"b',
              off: 'no',
            },
          },
          {
            id: 'errors',
            name: 'errors',
            connection: 'prom',
            query: 'errors',
            unit: 'ratio',
            objective: { below: 0.05 },
          },
        ],
      },
      {
        id: 'search',
        slis: [
          { id: 'rate', name: 'rate', connection: 'prom', query: 'r', unit: 'per_second', environment: 'staging' },
        ],
      },
    ],
  });
}
