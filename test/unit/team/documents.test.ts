import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { grantsSql } from '../../../electron/providers/team/postgres/index.ts';
import { MIGRATIONS } from '../../../electron/providers/team/postgres/schema.ts';
import { teamStoreFile } from '../../../scripts/write-team-store-sql.ts';
import { teamStoreSchema } from '../../../shared/model/config/team-store.ts';

const read = (file: string) => readFileSync(new URL(`../../../docs/${file}`, import.meta.url), 'utf8');

it('D8: docs/team-store.sql is current (node scripts/write-team-store-sql.ts writes it)', () => {
  expect(read('team-store.sql')).toBe(teamStoreFile());
});

it('D8: the rights in docs/team-store.md are those that a console asks for', () => {
  expect(read('team-store.md')).toContain(grantsSql('scram', 'scram_console'));
});

it('D8: migrations are numbered without a gap', () => {
  expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, index) => index + 1));
});

it('D8: the configuration has defaults, and refuses names and times that make no sense', () => {
  const least = { kind: 'postgres', credential: 'team-db' };
  expect(teamStoreSchema.parse(least)).toMatchObject({ schema: 'scram', poll: 15_000 });
  for (const wrong of [{ schema: 'A b' }, { schema: 'x"; DROP' }, { poll: '10ms' }, { poll: '1h' }, { url: 'x' }]) {
    expect(teamStoreSchema.safeParse({ ...least, ...wrong }).success).toBe(false);
  }
});
