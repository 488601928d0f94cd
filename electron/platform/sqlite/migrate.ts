import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { ScramError } from '../../../shared/model/error.ts';

export interface Migration {
  /** 1, 2, 3 … without a gap; SQLite's `user_version` tells the last one done. */
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

const versionSchema = z.object({ user_version: z.number().int() });

export function schemaVersion(database: DatabaseSync): number {
  return versionSchema.parse(database.prepare('PRAGMA user_version').get()).user_version;
}

/**
 * Runs what is missing, each migration in a transaction of its own: a failing one leaves the version before it.
 * Throws `ledger` when the database was written by a newer version, which this one must not touch.
 */
export function migrate(database: DatabaseSync, migrations: readonly Migration[]): void {
  migrations.forEach((migration, index) => {
    if (migration.version !== index + 1)
      throw new ScramError('internal', `migration ${migration.name} is out of order`);
  });
  const current = schemaVersion(database);
  if (current > migrations.length) {
    throw new ScramError('ledger', `the data folder has schema ${current}, this version knows ${migrations.length}`, {
      action: 'Start the newer version of Scram that wrote it, or give another folder with --data-dir.',
    });
  }
  for (const migration of migrations.slice(current)) {
    database.exec('BEGIN IMMEDIATE');
    try {
      database.exec(migration.sql);
      database.exec(`PRAGMA user_version = ${migration.version}`);
      database.exec('COMMIT');
    } catch (cause) {
      if (database.isTransaction) database.exec('ROLLBACK');
      const what = `migration ${migration.version} (${migration.name}) failed: ${(cause as Error).message}`;
      throw new ScramError('ledger', what, { cause });
    }
  }
}
