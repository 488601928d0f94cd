import { entriesAndPresence } from './migrations/0001-entries-and-presence.ts';

export interface PostgresMigration {
  /** 1, 2, 3 … without a gap. */
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/** In the order they run. Add at the end; never change one that was released. */
export const MIGRATIONS: readonly PostgresMigration[] = [entriesAndPresence];
