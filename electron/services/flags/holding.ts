import type { ScramError } from '../../../shared/model/error.ts';
import type { FlagConnection } from './api.ts';
import type { CachedEnvironment } from './cache.ts';
import type { Cell } from './cell.ts';
import type { ReadFacts } from './status.ts';

/** What the console holds of one environment of one connection. */
export class Holding implements ReadFacts {
  readonly connection: FlagConnection;
  readonly environment: string;
  readAtMs: number | null = null;
  error: ScramError | null = null;
  failures = 0;
  /** True when something happened to the reading that makes the time of the next change uncertain. */
  gap = true;
  #cells: Map<string, Cell> = new Map();
  #providerEnvironment = '';
  #mark: string | null = null;
  #cachedAtMs: number | null = null;
  #restore: ((holding: Holding) => void) | null;

  /** `restore` brings back what is cached, by `load`; it is called when the environment is first looked at. */
  constructor(connection: FlagConnection, environment: string, restore: (holding: Holding) => void) {
    this.connection = connection;
    this.environment = environment;
    this.#restore = restore;
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
    this.#wake();
    return this.#providerEnvironment;
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
    this.#wake();
    return this.#cachedAtMs;
  }

  /** Name of its place in the cache. */
  get id(): string {
    return `${this.connection.id}/${this.environment}`;
  }

  /** True when there is an earlier state to compare the next read with. */
  get known(): boolean {
    return this.readAtMs !== null || this.cachedAtMs !== null;
  }

  load(cached: CachedEnvironment, seenAtMs: number): void {
    this.#cells = cached.cells;
    this.#providerEnvironment = cached.providerEnvironment;
    this.#mark = cached.mark;
    this.#cachedAtMs = Math.max(cached.readAtMs, seenAtMs);
  }

  /** 10,000 flags take some 40 ms to bring back: the page need not wait for those of other environments. */
  #wake(): void {
    const restore = this.#restore;
    this.#restore = null;
    restore?.(this);
  }
}
