import { z } from 'zod';
import { ScramError } from '../../../../shared/model/error.ts';
import type { PostgresSession } from './session.ts';

/** What a console's role needs, and no more (docs/team-store.md). */
const NEEDED: readonly { readonly table: string; readonly right: string }[] = [
  { table: 'migrations', right: 'SELECT' },
  { table: 'entries', right: 'SELECT' },
  { table: 'entries', right: 'INSERT' },
  { table: 'presence', right: 'SELECT' },
  { table: 'presence', right: 'INSERT' },
  { table: 'presence', right: 'UPDATE' },
];
const NOT_NEEDED: readonly string[] = ['UPDATE', 'DELETE', 'TRUNCATE'];

const rightRow = z.strictObject({ table: z.string(), right: z.string(), held: z.boolean() });

/** The statements that give a role what it needs. `role` as it stands in the database. */
export function grantsSql(schema: string, role: string): string {
  const to = `TO "${role.replaceAll('"', '""')}"`;
  return [
    `GRANT USAGE ON SCHEMA "${schema}" ${to};`,
    `GRANT SELECT ON "${schema}".migrations ${to};`,
    `GRANT SELECT, INSERT ON "${schema}".entries ${to};`,
    `GRANT SELECT, INSERT, UPDATE ON "${schema}".presence ${to};`,
    '',
  ].join('\n');
}

/**
 * Throws `credential` with the grants that are missing. Returns whether the role may do more than it needs with the
 * entries: it works, and a console that was broken into could then do harm.
 */
export async function checkPrivileges(
  session: PostgresSession,
  schema: string,
  role: string,
  signal: AbortSignal,
): Promise<{ readonly tooMuch: boolean }> {
  const asked = [...NEEDED, ...NOT_NEEDED.map((right) => ({ table: 'entries', right }))];
  const rows = await session.query(
    `SELECT asked."table", asked."right", has_table_privilege(format('%I.%I', $1::text, asked."table"), asked."right") AS held
       FROM unnest($2::text[], $3::text[]) AS asked("table", "right")`,
    [schema, asked.map(({ table }) => table), asked.map(({ right }) => right)],
    rightRow,
    'checking the rights of the role',
    signal,
  );
  const held = new Set(rows.filter((row) => row.held).map(({ table, right }) => `${right} on ${table}`));
  const missing = NEEDED.map(({ table, right }) => `${right} on ${table}`).filter((right) => !held.has(right));
  if (missing.length > 0) {
    const list = missing.join(', ');
    throw new ScramError('credential', `the role of the team store lacks rights: ${list}`, {
      action: `Have the owner of the schema run: ${grantsSql(schema, role).trim().replaceAll('\n', ' ')}`,
    });
  }
  return { tooMuch: NOT_NEEDED.some((right) => held.has(`${right} on entries`)) };
}
