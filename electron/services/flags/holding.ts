import type { ScramError } from '../../../shared/model/error.ts';
import type { FlagConnection } from './api.ts';
import type { CachedEnvironment } from './cache.ts';
import type { Cell } from './cell.ts';
import type { ReadFacts } from './status.ts';

/** What is known of the flags in the cache before they are brought back. */
export interface Peeked {
  /** When they were last known to be so, epoch ms. */
  readonly atMs: number;
  readonly items: number;
  readonly providerEnvironment: string;
}

/** How what is cached is brought back. */
export interface Store {
  /** Null when nothing is cached. */
  peek(holding: Holding): Peeked | null;
  /** Gives the holding what is cached, by `load`; called when its flags are first looked at. */
  restore(holding: Holding): void;
}

/** What the console holds of one environment of one connection. */
export class Holding implements ReadFacts {
  readonly connection: FlagConnection;
  readonly environment: string;
  readAtMs: number | null = null;
  error: ScramError | null = null;
  failures = 0;
  /** True when something happened to the reading that makes the time of the next change uncertain. */
  gap = true;
  /**
   * Flags that were read by themselves and are so newer than the list's mark, with the number of that reading. A list
   * that was asked for before does not take their state back, and the next look makes sure of them.
   */
  readonly touched = new Map<string, number>();
  #readings = 0;
  #cells: Map<string, Cell> = new Map();
  #providerEnvironment: string;
  #mark: string | null = null;
  #cachedAtMs: number | null = null;
  /** Null once what is cached was brought back. */
  #store: Store | null;
  #peeked: Peeked | null | undefined;

  constructor(connection: FlagConnection, environment: string, store: Store) {
    this.connection = connection;
    this.environment = environment;
    this.#providerEnvironment = connection.provider.providerEnvironment?.(environment) ?? '';
    this.#store = store;
  }

  get cells(): Map<string, Cell> {
    this.#wake();
    return this.#cells;
  }

  set cells(cells: Map<string, Cell>) {
    this.#wake();
    this.#cells = cells;
  }

  get providerEnvironment(): string {
    return this.#providerEnvironment || (this.#peek()?.providerEnvironment ?? '');
  }

  set providerEnvironment(name: string) {
    this.#wake();
    this.#providerEnvironment = name;
  }

  get mark(): string | null {
    this.#wake();
    return this.#mark;
  }

  set mark(mark: string | null) {
    this.#wake();
    this.#mark = mark;
  }

  get cachedAtMs(): number | null {
    if (this.#store === null) return this.#cachedAtMs;
    return this.#peek()?.atMs ?? null;
  }

  /** Number of flags; of the cache's, as long as that has not been brought back. */
  get items(): number {
    return this.#store === null ? this.#cells.size : (this.#peek()?.items ?? 0);
  }

  /** False while what is cached has not been brought back. */
  get awake(): boolean {
    return this.#store === null;
  }

  /** Name of its place in the cache. */
  get id(): string {
    return `${this.connection.id}/${this.environment}`;
  }

  /** True when there is an earlier state to compare the next read with. */
  get known(): boolean {
    this.#wake();
    return this.readAtMs !== null || this.cachedAtMs !== null;
  }

  /** Number of the last reading of single flags: those with a higher one are newer than whatever is asked for now. */
  get readings(): number {
    return this.#readings;
  }

  touch(keys: Iterable<string>): void {
    this.#readings += 1;
    for (const key of keys) this.touched.set(key, this.#readings);
  }

  load(cached: CachedEnvironment, seenAtMs: number): void {
    const theirs = this.connection.provider.providerEnvironment?.(this.environment);
    // The configuration names another environment of the provider by now: these flags are none of ours.
    if (theirs !== undefined && theirs !== cached.providerEnvironment) return;
    this.#cells = cached.cells;
    this.#providerEnvironment = cached.providerEnvironment;
    this.#mark = cached.mark;
    this.#cachedAtMs = Math.max(cached.readAtMs, seenAtMs);
  }

  #peek(): Peeked | null {
    if (this.#peeked === undefined) this.#peeked = this.#store?.peek(this) ?? null;
    return this.#peeked;
  }

  /** 10,000 flags take some 40 ms to bring back: the page need not wait for those of other environments. */
  #wake(): void {
    const store = this.#store;
    this.#store = null;
    store?.restore(this);
  }
}
