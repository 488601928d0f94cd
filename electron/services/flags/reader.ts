import type { ScramError } from '../../../shared/model/error.ts';
import type { Clock, Disposable } from '../ports.ts';
import type { FlagConnection } from './api.ts';
import type { Holding } from './holding.ts';
import type { EnvironmentChanges, EnvironmentRead, ProviderFlag } from './provider.ts';
import { readMany } from './read-many.ts';
import { asScramError, retryDelay } from './status.ts';

/** Looks at each source this many times before what is shown would count as stale. */
const LOOKS_PER_LIMIT = 3;
const SHORTEST_POLL_MS = 500;
/** Looks under way at once: 50,000 flags in flight would cost memory and make the page wait. */
const AT_ONCE = 4;
/** A source that has not answered by then is no work but waiting, and others need not wait for it. */
const SLOW_MS = 2_000;
/** Flags read by themselves that are made sure of one by one; the list is read whole when there are more. */
const MOST_TOUCHED = 50;

export interface ReaderEvents {
  /** A whole list. `readings`: of the holding, when it was asked for. */
  read(holding: Holding, read: EnvironmentRead, readings: number): void;
  /** What moved since the mark, maybe nothing. */
  changed(holding: Holding, changes: EnvironmentChanges, readings: number): void;
  /** Flags whose present state the mark could not tell. */
  reread(holding: Holding, flags: ReadonlyMap<string, ProviderFlag | null>): void;
  failed(holding: Holding, error: ScramError): void;
}

export interface ReaderOptions {
  readonly holdings: readonly Holding[];
  readonly clock: Clock;
  readonly events: ReaderEvents;
  readonly firstLookMs: number;
  /** Environments that are read before the others, at the start. */
  readonly urgent: (environment: string) => boolean;
}

/**
 * Decides when sources are read: at the start (production first), when they say so, at a steady pace, and again after a
 * failure. One environment of a connection at a time, unless its provider shares requests between them; connections side
 * by side.
 */
export class Reader {
  readonly #clock: Clock;
  readonly #events: ReaderEvents;
  readonly #holdings: readonly Holding[];
  readonly #urgent: (environment: string) => boolean;
  readonly #queue = new Set<Holding>();
  readonly #looking = new Set<Holding>();
  /** Looks that count against `AT_ONCE`. */
  readonly #heavy = new Set<Holding>();
  readonly #unseen: Set<Holding>;
  readonly #disposables: Disposable[] = [];
  readonly #retries = new Map<Holding, Disposable>();
  /** Until when a connection asked to be left alone, epoch ms. */
  readonly #barred = new Map<FlagConnection, number>();
  readonly #waiting = new Map<Holding, (() => void)[]>();
  readonly #abort = new AbortController();
  #settle: (() => void) | null = null;
  readonly settled: Promise<void>;

  constructor({ holdings, clock, events, firstLookMs, urgent }: ReaderOptions) {
    this.#holdings = holdings;
    this.#clock = clock;
    this.#events = events;
    this.#urgent = urgent;
    this.#unseen = new Set(holdings);
    this.settled = new Promise((resolve) => {
      this.#settle = resolve;
      if (holdings.length === 0) resolve();
    });
    for (const [connection, own] of Map.groupBy(holdings, (holding) => holding.connection)) {
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
        for (const holding of holdings) this.#queue.add(holding);
        this.#next();
      }),
    );
  }

  /** Looks at the source soon; not before the time that it asked for. */
  request(holding: Holding): void {
    if (this.#abort.signal.aborted || this.#isBarred(holding.connection)) return;
    this.#queue.add(holding);
    this.#next();
  }

  /** Reads every environment of a connection now; resolves when each has answered or failed. */
  async retry(connection: string): Promise<void> {
    const looks: Promise<void>[] = [];
    for (const holding of this.#holdings) {
      if (holding.connection.id !== connection || this.#abort.signal.aborted) continue;
      holding.mark = null;
      this.#barred.delete(holding.connection);
      looks.push(
        new Promise((resolve) => {
          this.#waiting.set(holding, [...(this.#waiting.get(holding) ?? []), resolve]);
        }),
      );
      this.#queue.add(holding);
    }
    this.#next();
    await Promise.all(looks);
  }

  dispose(): void {
    this.#abort.abort();
    this.#queue.clear();
    for (const disposable of [...this.#disposables, ...this.#retries.values()]) disposable.dispose();
    for (const resolvers of this.#waiting.values()) for (const resolve of resolvers) resolve();
    this.#settle?.();
  }

  /** Starts as many looks as there is room for; one that shares the requests of another takes no room. */
  #next(): void {
    while (!this.#abort.signal.aborted) {
      const busy = new Set(Array.from(this.#looking, ({ connection }) => connection));
      const sharing = this.#choose((connection) => busy.has(connection) && connection.provider.sharesReads === true);
      const room = this.#heavy.size < AT_ONCE;
      const holding = sharing ?? (room ? this.#choose((connection) => !busy.has(connection)) : null);
      if (holding === null) return;
      this.#queue.delete(holding);
      if (sharing === null) this.#heavy.add(holding);
      void this.#run(holding);
    }
  }

  /** The oldest request that may begin; at the start production before everything else. */
  #choose(among: (connection: FlagConnection) => boolean): Holding | null {
    let first: Holding | null = null;
    for (const holding of this.#queue) {
      const { connection } = holding;
      if (this.#looking.has(holding) || !among(connection) || this.#isBarred(connection)) continue;
      if (this.#unseen.has(holding) && this.#urgent(holding.environment)) return holding;
      first ??= holding;
    }
    return first;
  }

  async #run(holding: Holding): Promise<void> {
    const waiting = this.#waiting.get(holding) ?? [];
    this.#waiting.delete(holding);
    this.#looking.add(holding);
    const slow = this.#clock.after(SLOW_MS, () => {
      this.#heavy.delete(holding);
      this.#next();
    });
    await this.#look(holding);
    slow.dispose();
    this.#looking.delete(holding);
    this.#heavy.delete(holding);
    if (this.#abort.signal.aborted) return;
    this.#seen(holding);
    for (const resolve of waiting) resolve();
    this.#next();
  }

  #seen(holding: Holding): void {
    this.#unseen.delete(holding);
    if (this.#unseen.size === 0) this.#settle?.();
  }

  #isBarred(connection: FlagConnection): boolean {
    return this.#clock.now() < (this.#barred.get(connection) ?? 0);
  }

  async #look(holding: Holding): Promise<void> {
    const { signal } = this.#abort;
    this.#retries.get(holding)?.dispose();
    this.#retries.delete(holding);
    try {
      if (!(await this.#lookForChanges(holding))) await this.#readWhole(holding);
    } catch (error) {
      if (!signal.aborted) this.#fail(holding, asScramError(error));
    }
  }

  async #readWhole(holding: Holding): Promise<void> {
    const { signal } = this.#abort;
    const { readings } = holding;
    const read = await holding.connection.provider.readEnvironment(holding.environment, signal);
    if (!signal.aborted) this.#events.read(holding, read, readings);
  }

  /** False when the mark does not tell, and the whole is to be read. */
  async #lookForChanges(holding: Holding): Promise<boolean> {
    const { signal } = this.#abort;
    const { provider } = holding.connection;
    const { readings, environment, mark } = holding;
    if (mark === null || holding.touched.size > MOST_TOUCHED) return false;
    const changes = await provider.readChanges?.(environment, mark, signal);
    if (!changes || signal.aborted) return signal.aborted;
    // Asked to read all anew meanwhile.
    if (holding.mark === null) return false;
    const told = new Set([...changes.upserts.map(({ key }) => key), ...changes.removals]);
    const untold = [...holding.touched].flatMap(([key, reading]) =>
      reading <= readings && !told.has(key) ? [key] : [],
    );
    const reread = untold.length === 0 ? null : await readMany(provider, untold, environment, signal);
    if (signal.aborted) return true;
    this.#events.changed(holding, changes, readings);
    if (reread) this.#events.reread(holding, reread);
    return true;
  }

  #fail(holding: Holding, error: ScramError): void {
    this.#events.failed(holding, error);
    const delayMs = Math.max(retryDelay(holding.failures), error.retryAfterMs ?? 0);
    if (error.code === 'rate-limited') this.#bar(holding.connection, error, delayMs);
    this.#retries.get(holding)?.dispose();
    this.#retries.set(
      holding,
      this.#clock.after(delayMs, () => this.request(holding)),
    );
  }

  /** The limit is the connection's: its other environments wait as well, and those that were never read have failed. */
  #bar(connection: FlagConnection, error: ScramError, delayMs: number): void {
    this.#barred.set(connection, this.#clock.now() + delayMs);
    for (const other of this.#queue) {
      if (other.connection !== connection) continue;
      if (this.#unseen.has(other)) this.#events.failed(other, error);
      this.#seen(other);
      for (const resolve of this.#waiting.get(other) ?? []) resolve();
      this.#waiting.delete(other);
    }
  }
}
