import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';

export interface CachedText {
  /** JSON text; whoever reads it parses it by a schema of their own. */
  readonly value: string;
  readonly atMs: number;
}

/** Last known answers, so that a start with no network shows something, with its age (E1). */
export interface CacheStore {
  get(key: string): CachedText | null;
  put(key: string, value: string, atMs: number): void;
  delete(key: string): void;
}

const rowSchema = z.object({ value: z.string(), at_ms: z.number() });

export function createCacheStore(database: DatabaseSync): CacheStore {
  const select = database.prepare('SELECT value, at_ms FROM cache WHERE key = ?');
  const upsert = database.prepare(
    `INSERT INTO cache (key, value, at_ms) VALUES (?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value, at_ms = excluded.at_ms`,
  );
  const remove = database.prepare('DELETE FROM cache WHERE key = ?');
  return {
    get(key) {
      const found = select.get(key);
      if (found === undefined) return null;
      const row = rowSchema.parse(found);
      return { value: row.value, atMs: row.at_ms };
    },
    put(key, value, atMs) {
      upsert.run(key, value, Math.trunc(atMs));
    },
    delete(key) {
      remove.run(key);
    },
  };
}
