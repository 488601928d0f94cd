import { readAddress } from './address.ts';
import { migrate, migrationsSql } from './migrate.ts';
import { openSession } from './session.ts';
import type { PostgresTeamStoreOptions } from './store.ts';

export { createPostgresTeamStore, type PostgresTeamStoreOptions } from './store.ts';
export { grantsSql } from './privileges.ts';

/** Everything that an owner may run by hand in place of `migrateTeamStore`; harmless when it was run before. */
export function teamStoreSql(schema: string): string {
  return migrationsSql(schema);
}

/** Makes and updates the tables, as a role that may (scram team migrate). Throws what `migrate` throws. */
export async function migrateTeamStore(
  { connectionString, schema, caPem, clock }: Omit<PostgresTeamStoreOptions, 'log'>,
  signal: AbortSignal,
): Promise<void> {
  const session = await openSession(
    { address: readAddress(connectionString, caPem !== undefined), caPem, clock },
    signal,
  );
  try {
    await migrate(session, schema, signal);
  } finally {
    session.close();
  }
}
