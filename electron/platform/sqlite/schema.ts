import type { Migration } from './migrate.ts';
import { ledgerAndCache } from './migrations/0001-ledger-and-cache.ts';
import { chains } from './migrations/0002-chains.ts';

/** In the order they run. Add at the end; never change one that was released. */
export const MIGRATIONS: readonly Migration[] = [ledgerAndCache, chains];
