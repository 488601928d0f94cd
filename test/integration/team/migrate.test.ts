import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import pg from 'pg';
import { migrateTeam, teamStoreSql } from '../../../electron/compose/team.ts';
import { systemClock } from '../../../electron/platform/clock.ts';
import { createPostgresTeamStore } from '../../../electron/providers/team/postgres/index.ts';
import { startTeamPostgres, type TeamPostgres } from '../../support/team-postgres.ts';
import { type TempFolder, tempFolder } from '../../support/temp.ts';

const SILENT = { info() {}, warn() {}, error() {} };
let postgres: TeamPostgres;
let folder: TempFolder;

beforeAll(async () => {
  postgres = await startTeamPostgres();
  folder = tempFolder('migrate');
});
afterAll(async () => {
  await postgres?.dispose();
  folder.remove();
});

function config(schema: string, credential: string): string {
  const file = folder.at('scram.yaml');
  writeFileSync(
    file,
    `version: 1\nteam: shop\nenvironments: { production: {} }\nteamStore: { kind: postgres, credential: ${credential}, schema: ${schema} }\n`,
  );
  return file;
}

it('D8: the owner makes the tables from the configuration, a second time changes nothing, and a name of the vault says why not', async () => {
  const file = config('made_here', 'team-db');
  await expect(migrateTeam({ file, env: {} })).rejects.toMatchObject({ code: 'credential' });
  const env = { OWNER_URL: postgres.adminUrl };
  for (let round = 0; round < 2; round += 1) {
    expect(await migrateTeam({ file, env, credential: 'env:OWNER_URL' })).toEqual({ schema: 'made_here' });
  }
});

it('D8: the printed SQL alone makes a store that a least-privilege role can use', async () => {
  const owner = new pg.Client({ connectionString: postgres.adminUrl });
  await owner.connect();
  const role = new URL(postgres.consoleUrl()).username;
  await owner.query(teamStoreSql('printed', role));
  await owner.end();
  const store = createPostgresTeamStore({
    connectionString: postgres.consoleUrl(),
    schema: 'printed',
    clock: systemClock(SILENT),
    log: SILENT,
  });
  await store.connect(new AbortController().signal);
  expect([...(await store.heads(new AbortController().signal))]).toEqual([]);
  await store.dispose();
});
