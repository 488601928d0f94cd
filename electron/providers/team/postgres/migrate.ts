import { z } from 'zod';
import { ScramError } from '../../../../shared/model/error.ts';
import { MIGRATIONS, type PostgresMigration } from './schema.ts';
import type { PostgresSession } from './session.ts';

/** Of the advisory lock: consoles that start at once do not migrate at once. «scram» in ASCII, below 2^53. */
const LOCK = 0x736372616d;
const NOT_ALLOWED = '(42501)';

export const MIGRATE_ACTION =
  'Have the owner of the schema run scram team migrate (or docs/team-store.sql) once, and give this role the rights that docs/team-store.md lists.';

const versionRow = z.strictObject({ version: z.number().int().nullable() });
const foundRow = z.strictObject({
  schema: z.boolean(),
  usable: z.boolean(),
  migrations: z.boolean(),
  utf8: z.boolean(),
});

/**
 * One migration as text, to be run as it is: a transaction of its own, under a lock, that does nothing when it is done
 * already. The path holds for the functions too, so that nobody can slip a table of theirs in (CVE-2018-1058).
 */
export function migrationSql(schema: string, { version, name, sql }: PostgresMigration): string {
  return `BEGIN;
SELECT pg_advisory_xact_lock(${LOCK});
DO $schema$ BEGIN
  -- IF NOT EXISTS would ask for the right to create schemas though this one is there.
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = '${schema}') THEN CREATE SCHEMA "${schema}"; END IF;
END $schema$;
SET LOCAL search_path TO "${schema}", pg_temp;
CREATE TABLE IF NOT EXISTS migrations (
  version integer PRIMARY KEY,
  name text NOT NULL,
  done_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
DO $migration$ BEGIN
  IF EXISTS (SELECT FROM migrations WHERE version = ${version}) THEN RETURN; END IF;
  EXECUTE $statements$${sql}$statements$;
  INSERT INTO migrations (version, name) VALUES (${version}, '${name}');
END $migration$;
COMMIT;
`;
}

/** Every migration as text, for an owner who runs it by hand. */
export function migrationsSql(schema: string): string {
  return MIGRATIONS.map((migration) => migrationSql(schema, migration)).join('\n');
}

/**
 * Runs what is missing. Throws `refused` when a newer version has been there, and `credential` with what to do when
 * something is missing and the role may not make it.
 */
export async function migrate(
  session: PostgresSession,
  schema: string,
  signal: AbortSignal,
  migrations: readonly PostgresMigration[] = MIGRATIONS,
): Promise<void> {
  const current = await currentVersion(session, schema, signal);
  const newest = migrations.at(-1)?.version ?? 0;
  if (current > newest) {
    throw new ScramError('refused', `the team store has schema ${current}, this version knows ${newest}`, {
      action: 'Start the newer version of Scram that migrated it, here too.',
    });
  }
  for (const migration of migrations.slice(current)) {
    try {
      await session.run(migrationSql(schema, migration), `migration ${migration.version}`, signal);
    } catch (error) {
      // The connection is dropped with its open transaction by whoever called.
      if (!(error instanceof ScramError) || !error.message.includes(NOT_ALLOWED)) throw error;
      const what = `the team store lacks migration ${migration.version} (${migration.name}), and this role may not run it`;
      throw new ScramError('credential', what, { action: MIGRATE_ACTION });
    }
  }
}

async function currentVersion(session: PostgresSession, schema: string, signal: AbortSignal): Promise<number> {
  const [found] = await session.query(
    `SELECT n.oid IS NOT NULL AS schema,
            coalesce(has_schema_privilege(n.oid, 'USAGE'), false) AS usable,
            EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid AND c.relname = 'migrations') AS migrations,
            current_setting('server_encoding') = 'UTF8' AS utf8
       FROM (SELECT 1) AS one LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = $1`,
    [schema],
    foundRow,
    'looking for the tables',
    signal,
  );
  if (found?.utf8 === false) {
    throw new ScramError('refused', 'the database of the team store is not encoded in UTF-8', {
      action: "Make a database with ENCODING 'UTF8'.",
    });
  }
  if (found === undefined || !found.schema) return 0;
  if (!found.usable) {
    throw new ScramError('credential', `the role may not use the schema ${schema} of the team store`, {
      action: MIGRATE_ACTION,
    });
  }
  if (!found.migrations) return 0;
  const rows = await session.query(
    `SELECT max(version) AS version FROM "${schema}".migrations`,
    [],
    versionRow,
    'reading the version of the tables',
    signal,
  );
  return rows[0]?.version ?? 0;
}
