import type { ScramError } from '../../../shared/model/error.ts';
import type { Clock, Disposable } from '../ports.ts';
import type { Holding } from './holding.ts';
import type { EnvironmentRead } from './provider.ts';
import { asScramError, retryDelay } from './status.ts';

/** Looks at each source this many times before what is shown would count as stale. */
const LOOKS_PER_LIMIT = 3;
const SHORTEST_POLL_MS = 500;

export interface ReaderEvents {
  read(holding: Holding, read: EnvironmentRead): void;
  /** The source was looked at and is as it was. */
  unchanged(holding: Holding, atMs: number): void;
  failed(holding: Holding, error: ScramError): void;
}

/**
 * Decides when sources are read: at the start, when they say so, at a steady pace, and again after a failure. One
 * environment at a time: 50,000 flags in flight at once would cost memory and make the page wait.
 */
export class Reader {
  readonly #clock: Clock;
  readonly #events: ReaderEvents;
  readonly #holdings: readonly Holding[];
  readonly #queue = new Set<Holding>();
  readonly #unseen: Set<Holding>;
  readonly #disposables: Disposable[] = [];
  readonly #retries = new Map<Holding, Disposable>();
  readonly #abort = new AbortController();
  #running: Promise<void> | null = null;
  #settle: (() => void) | null = null;
  readonly settled: Promise<void>;

  constructor(holdings: readonly Holding[], clock: Clock, events: ReaderEvents, firstLookMs: number) {
    this.#holdings = holdings;
    this.#clock = clock;
    this.#events = events;
    this.#unseen = new Set(holdings);
    this.settled = new Promise((resolve) => {
      this.#settle = resolve;
      if (holdings.length === 0) resolve();
    });
    for (const connection of new Set(holdings.map((holding) => holding.connection))) {
      const own = holdings.filter((holding) => holding.connection === connection);
      // Before the first read, so that no change falls between the two.
      this.#disposables.push(
        connection.provider.watch((environment) => {
          for (const holding of own) if (holding.environment === environment) this.request(holding);
        }),
        clock.every(Math.max(SHORTEST_POLL_MS, connection.staleAfterMs / LOOKS_PER_LIMIT), () => {
          for (const holding of own) this.request(holding);
        }),
      );
    }
    this.#disposables.push(
      clock.after(firstLookMs, () => {
        for (const holding of holdings) this.request(holding);
      }),
    );
  }

  request(holding: Holding): void {
    if (this.#abort.signal.aborted) return;
    this.#queue.add(holding);
    this.#running ??= this.#run();
  }

  /** Reads every environment of a connection now; resolves when each has answered or failed. */
  async retry(connection: string): Promise<void> {
    for (const holding of this.#holdings) {
      if (holding.connection.id !== connection) continue;
      holding.mark = null;
      this.request(holding);
    }
    await this.#running;
  }

  dispose(): void {
    this.#abort.abort();
    this.#queue.clear();
    for (const disposable of [...this.#disposables, ...this.#retries.values()]) disposable.dispose();
    this.#settle?.();
  }

  async #run(): Promise<void> {
    for (const holding of this.#queue) {
      this.#queue.delete(holding);
      await this.#look(holding);
      if (this.#abort.signal.aborted) return;
      this.#unseen.delete(holding);
      if (this.#unseen.size === 0) this.#settle?.();
    }
    this.#running = null;
  }

  async #look(holding: Holding): Promise<void> {
    const { signal } = this.#abort;
    const { provider } = holding.connection;
    this.#retries.get(holding)?.dispose();
    this.#retries.delete(holding);
    try {
      const mark = holding.error ? null : holding.mark;
      const changes = mark === null ? null : ((await provider.readChanges?.(holding.environment, mark, signal)) ?? null);
      if (changes !== null && changes.upserts.length + changes.removals.length === 0) {
        if (!signal.aborted) this.#events.unchanged(holding, this.#clock.now());
        return;
      }
      const read = await provider.readEnvironment(holding.environment, signal);
      if (!signal.aborted) this.#events.read(holding, read);
    } catch (error) {
      if (signal.aborted) return;
      this.#events.failed(holding, asScramError(error));
      this.#retries.set(
        holding,
        this.#clock.after(retryDelay(holding.failures), () => this.request(holding)),
      );
    }
  }
}
