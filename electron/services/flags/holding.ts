import type { ScramError } from '../../../shared/model/error.ts';
import type { FlagConnection } from './api.ts';
import type { CachedEnvironment } from './cache.ts';
import type { Cell } from './cell.ts';
import type { ReadFacts } from './status.ts';

/** What the console holds of one environment of one connection. */
export class Holding implements ReadFacts {
  readonly connection: FlagConnection;
  readonly environment: string;
  cells: Map<string, Cell> = new Map();
  providerEnvironment = '';
  mark: string | null = null;
  readAtMs: number | null = null;
  cachedAtMs: number | null = null;
  error: ScramError | null = null;
  failures = 0;
  /** True when something happened to the reading that makes the time of the next change uncertain. */
  gap = true;

  constructor(connection: FlagConnection, environment: string) {
    this.connection = connection;
    this.environment = environment;
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
    this.cells = cached.cells;
    this.providerEnvironment = cached.providerEnvironment;
    this.mark = cached.mark;
    this.cachedAtMs = Math.max(cached.readAtMs, seenAtMs);
  }
}
