import { writeFileSync } from 'node:fs';
import { grantsSql, teamStoreSql } from '../electron/providers/team/postgres/index.ts';

/** The words before the statements of docs/team-store.sql. */
const HEAD = `-- The team store of Scram in PostgreSQL 12 or newer: see team-store.md. Written by scripts/write-team-store-sql.ts.
-- Run it as the role that is to own the schema. Running it again changes nothing; a newer copy adds what is new.
-- For another schema than scram, replace "scram" and 'scram' throughout.
`;

/** The whole file: migrations, and the role as an example that stays a comment. */
export function teamStoreFile(): string {
  const grants = grantsSql('scram', 'scram_console').trim().split('\n');
  const role = ["CREATE ROLE scram_console LOGIN PASSWORD '…';", ...grants].map((line) => `-- ${line}`);
  return [HEAD, teamStoreSql('scram'), '-- The role of the consoles:', ...role, ''].join('\n');
}

/** Publishes the SQL for database administrators. Run after a new migration; a test tells when it is due. */
if (import.meta.main) {
  const target = new URL('../docs/team-store.sql', import.meta.url);
  writeFileSync(target, teamStoreFile());
  console.log(`written: ${target.pathname}`);
}
