import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import pg from 'pg';
import { systemClock } from '../../../electron/platform/clock.ts';
import { createPostgresTeamStore, migrateTeamStore } from '../../../electron/providers/team/postgres/index.ts';
import type { LedgerRow, TeamStore } from '../../../electron/services/team/store.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { memoryLedger } from '../../support/ledger.ts';
import { waitFor } from '../../support/processes.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';
import { CANARY, startTeamPostgres, type TeamPostgres } from '../../support/team-postgres.ts';

const NEVER = new AbortController().signal;
let postgres: TeamPostgres;
const stores: TeamStore[] = [];
const lines: string[] = [];
const log = {
  info: (event: string, fields = {}) => void lines.push(JSON.stringify({ event, ...fields })),
  warn: (event: string, fields = {}) => void lines.push(JSON.stringify({ event, ...fields })),
  error: (event: string, fields = {}) => void lines.push(JSON.stringify({ event, ...fields })),
};
const clock = systemClock(log);

beforeAll(async () => {
  postgres = await startTeamPostgres();
});
afterAll(async () => {
  for (const store of stores) await store.dispose();
  await postgres?.dispose();
});

function storeOf(schema: string, connectionString = postgres.consoleUrl()): TeamStore {
  const store = createPostgresTeamStore({ connectionString, schema, clock, log });
  stores.push(store);
  return store;
}

async function connected(schema: string): Promise<TeamStore> {
  const store = storeOf(schema);
  await store.connect(NEVER);
  return store;
}

function rowsOf(count: number): LedgerRow[] {
  return memoryLedger(count).store.rowsNow;
}

async function failureOf(run: Promise<unknown>): Promise<ScramError> {
  const error = await run.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ScramError);
  return error as ScramError;
}

/** As the role that consoles have, past Scram. */
async function asConsole(sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: postgres.consoleUrl() });
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}

it('D8: keeps rows byte for byte, leaves alone what is there, and gives them in pages', async () => {
  const store = await connected(await postgres.newSchema());
  const rows = rowsOf(30);
  const device = rows[0]!.device;
  const odd: LedgerRow = {
    ...rows[29]!,
    sequence: 31,
    hash: 'f'.repeat(64),
    body: '{"a":"\\u0000 ünï \u{1F9EF} \\\\ \u2028 \' \\" {}"}',
    data: '["{\\"x\\":\\"},\\"",null]',
  };
  await store.push(rows.slice(0, 20), NEVER);
  await store.push([...rows, odd].slice(10), NEVER);
  await store.push([{ ...rows[3]!, body: 'another' }], NEVER);
  expect(await store.heads(NEVER)).toEqual(new Map([[device, 31]]));
  expect(await store.pull(device, 0, 12, NEVER)).toEqual(rows.slice(0, 12));
  expect(await store.pull(device, 30, 12, NEVER)).toEqual([odd]);
  expect(await store.pull('0'.repeat(32), 0, 12, NEVER)).toEqual([]);
});

it('D8: tells which chains it holds without a gap, by the hash and not by the number', async () => {
  const schema = await postgres.newSchema();
  const store = await connected(schema);
  const rows = rowsOf(10);
  const { device, hash } = rows[9]!;
  const mark = { device, sequence: 10, hash };
  await store.push(rows, NEVER);
  expect(await store.held([mark], NEVER)).toEqual(new Set([device]));
  expect(await store.held([{ ...mark, hash: '0'.repeat(64) }], NEVER)).toEqual(new Set());
  await postgres.admin(`DELETE FROM ${schema}.entries WHERE sequence = 4`);
  expect(await store.held([mark], NEVER)).toEqual(new Set());
});

it('D8: both ends of a fork stand in it, and are found', async () => {
  const store = await connected(await postgres.newSchema());
  const rows = rowsOf(5);
  const other = { ...rows[3]!, hash: 'a'.repeat(64), data: null };
  await store.push(rows, NEVER);
  expect(await store.doubles(other.device, 10, NEVER)).toEqual([]);
  await store.push([other], NEVER);
  const found = await store.doubles(other.device, 10, NEVER);
  expect(found.map((row) => [row.sequence, row.hash]).sort()).toEqual(
    [
      [4, other.hash],
      [4, rows[3]!.hash],
    ].sort(),
  );
});

it('D8: a page of large rows is cut by its bytes, with one row at least', async () => {
  const store = await connected(await postgres.newSchema());
  const rows = rowsOf(5).map((row) => ({ ...row, data: 'x'.repeat(3_000_000) }));
  await store.push(rows, NEVER);
  const device = rows[0]!.device;
  expect((await store.pull(device, 0, 500, NEVER)).map((row) => row.sequence)).toEqual([1]);
  expect((await store.pull(device, 4, 500, NEVER))[0]?.data).toBe(rows[4]!.data);
});

it('D8: 500 rows at once are one notification for each device, and none when nothing was new', async () => {
  const schema = await postgres.newSchema();
  const [hearing, writing] = [await connected(schema), await connected(schema)];
  const heard: (string | null)[] = [];
  const listening = hearing.listen(
    (device) => void heard.push(device),
    (error) => {
      throw error;
    },
  );
  await waitFor('it listens', () => heard.length === 1);
  expect(heard).toEqual([null]);
  const [one, two] = [rowsOf(300), rowsOf(200)];
  await writing.push([...one, ...two], NEVER);
  await waitFor('both are told', () => heard.length >= 3);
  await writing.push(one, NEVER);
  await writing.push(rowsOf(1), NEVER);
  await waitFor('the next is told', () => heard.length >= 4);
  expect(new Set(heard.slice(1, 3))).toEqual(new Set([one[0]!.device, two[0]!.device]));
  expect(heard).toHaveLength(4);
  listening.dispose();
});

it('D8: the loss of the listening connection is told once', async () => {
  const schema = await postgres.newSchema();
  const store = await connected(schema);
  const heard: (string | null)[] = [];
  const lost: unknown[] = [];
  store.listen(
    (device) => void heard.push(device),
    (error) => void lost.push(error),
  );
  await waitFor('it listens', () => heard.length === 1);
  await postgres.admin(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND usename = 'scram_console'`,
  );
  await waitFor('the loss is told', () => lost.length > 0);
  expect((lost[0] as ScramError).code).toBe('unreachable');
  expect(await store.heads(NEVER)).toEqual(new Map());
  expect(lost).toHaveLength(1);
});

it('D8: a listening connection that has gone without a word is found by asking it', async () => {
  const schema = await postgres.newSchema();
  const proxy = await startTcpProxy({ port: postgres.port });
  const hurried = {
    ...clock,
    after: (delayMs: number, run: () => void | Promise<void>) => clock.after(delayMs / 50, run),
    every: (periodMs: number, run: () => void | Promise<void>) => clock.every(periodMs / 50, run),
  };
  const store = createPostgresTeamStore({
    connectionString: postgres.consoleUrl(proxy.port),
    schema,
    clock: hurried,
    log,
  });
  stores.push(store);
  const heard: (string | null)[] = [];
  const lost: ScramError[] = [];
  store.listen(
    (device) => void heard.push(device),
    (error) => void lost.push(error as ScramError),
  );
  await waitFor('it listens', () => heard.length === 1);
  proxy.rule = () => 'drop';
  await waitFor('the loss is told', () => lost.length > 0);
  expect(lost.map(({ code }) => code)).toEqual(['timeout']);
  await proxy.stop();
});

it("D8: presence is by the server's clock, so that consoles whose clocks differ see each other", async () => {
  const schema = await postgres.newSchema();
  const late = createPostgresTeamStore({
    connectionString: postgres.consoleUrl(),
    schema,
    clock: { ...clock, now: () => Date.now() - 3_600_000 },
    log,
  });
  stores.push(late);
  await late.connect(NEVER);
  const store = await connected(schema);
  await late.setPresence({ device: 'd1', operator: 'alex', doing: 'flags', atMs: Date.now() - 3_600_000 }, NEVER);
  await store.setPresence({ device: 'd2', operator: null, doing: `has ${CANARY} in it`, atMs: 0 }, NEVER);
  await late.setPresence({ device: 'd1', operator: 'alex', doing: 'kill', atMs: Date.now() - 3_600_000 }, NEVER);
  const seen = await store.presence(Date.now() - 120_000, NEVER);
  expect(seen.map(({ device, operator, doing }) => [device, operator, doing]).sort()).toEqual([
    ['d1', 'alex', 'kill'],
    ['d2', null, 'has [redacted] in it'],
  ]);
  for (const { atMs } of seen) expect(Math.abs(atMs - Date.now())).toBeLessThan(30_000);
  await postgres.admin(`UPDATE ${schema}.presence SET at_ms = at_ms - 130000 WHERE device = 'd1'`);
  expect((await store.presence(Date.now() - 120_000, NEVER)).map(({ device }) => device)).toEqual(['d2']);
});

it.each([
  'UPDATE $.entries SET body = body',
  'DELETE FROM $.entries',
  'TRUNCATE $.entries',
  'DROP TABLE $.entries',
  'ALTER TABLE $.entries DISABLE TRIGGER ALL',
  'DELETE FROM $.presence',
  'DROP SCHEMA $ CASCADE',
  'CREATE TABLE $.mine (x int)',
  'INSERT INTO $.migrations VALUES (99)',
  "SELECT $.redact('d', 1)",
])('D8: the documented role cannot %s', async (sql) => {
  const schema = await postgres.newSchema();
  await (await connected(schema)).push(rowsOf(3), NEVER);
  await expect(asConsole(sql.replaceAll('$', schema))).rejects.toMatchObject({ code: '42501' });
  expect(await postgres.admin(`SELECT count(*)::int AS rows FROM ${schema}.entries`)).toEqual([{ rows: 3 }]);
});

it('D8: a role that was given too much cannot alter entries either, and it is logged', async () => {
  const schema = await postgres.newSchema();
  await postgres.admin(`GRANT ALL ON ${schema}.entries TO scram_console`);
  await (await connected(schema)).push(rowsOf(3), NEVER);
  expect(lines.some((line) => line.includes('team-store.role-may-alter-entries') && line.includes(schema))).toBe(true);
  for (const sql of [
    `UPDATE ${schema}.entries SET body = ''`,
    `DELETE FROM ${schema}.entries`,
    `TRUNCATE ${schema}.entries`,
  ]) {
    await expect(asConsole(sql)).rejects.toThrow('entries are append-only');
  }
});

it('D6: the owner, and whom they name, redact the data of an entry and nothing else', async () => {
  const schema = await postgres.newSchema();
  const store = await connected(schema);
  const rows = rowsOf(3).map((row) => ({ ...row, data: `["salt",${row.sequence}]` }));
  await store.push(rows, NEVER);
  const device = rows[0]!.device;
  await postgres.admin("CREATE ROLE records LOGIN PASSWORD 'records'");
  await postgres.admin(
    `GRANT USAGE ON SCHEMA ${schema} TO records; GRANT EXECUTE ON FUNCTION ${schema}.redact(text, bigint) TO records`,
  );
  const client = new pg.Client({ connectionString: postgres.adminUrl.replace('peer:peer', 'records:records') });
  await client.connect();
  const answer = await client.query(`SELECT ${schema}.redact($1, 2)`, [device]);
  await expect(client.query(`SELECT * FROM ${schema}.entries`)).rejects.toMatchObject({ code: '42501' });
  await client.end();
  expect(answer.rows).toEqual([{ redact: 1 }]);
  // Consoles that still have the words do not bring them back.
  await store.push(rows, NEVER);
  expect(await store.pull(device, 0, 10, NEVER)).toEqual(
    rows.map((row) => (row.sequence === 2 ? { ...row, data: null } : row)),
  );
});

it('E2: a wrong password is told as one, without the password and without the connection string', async () => {
  const schema = await postgres.newSchema();
  const wrong = 'canary-wrong 77/%';
  const error = await failureOf(storeOf(schema, postgres.consoleUrl(postgres.port, wrong)).connect(NEVER));
  expect(error.code).toBe('credential');
  expect(error.message).toContain('127.0.0.1');
  const everything = [
    error.message,
    error.action,
    error.stack,
    JSON.stringify(error),
    String(error.cause),
    ...lines,
  ].join('\n');
  for (const secret of [wrong, encodeURIComponent(wrong), CANARY, encodeURIComponent(CANARY)]) {
    expect(everything).not.toContain(secret);
  }
});

it('E2: a server that repeats what it was sent does not bring the password into an error', async () => {
  // ErrorResponse of the protocol: a byte, the length, fields that end in zero.
  const fields = `SFATAL\0C28P01\0Mno access for ${CANARY} by ${postgres.consoleUrl()}\0\0`;
  const answer = Buffer.alloc(5 + Buffer.byteLength(fields));
  answer.write('E');
  answer.writeInt32BE(answer.length - 1, 1);
  answer.write(fields, 5);
  const server = createServer((socket) => void socket.once('data', () => socket.end(answer)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const error = await failureOf(storeOf('team_1', postgres.consoleUrl(port)).connect(NEVER));
  server.close();
  expect(error).toMatchObject({ code: 'credential', message: expect.stringContaining('no access for [redacted]') });
  const everything = [error.message, error.action, error.stack, String(error.cause)].join('\n');
  for (const secret of [CANARY, encodeURIComponent(CANARY)]) expect(everything).not.toContain(secret);
});

it.each([
  ['nothing like it', 'cannot be read'],
  ['http://u:canary-p@h/d', 'cannot be read'],
  ['postgres://:canary-p@h/d', 'names no user'],
  ['postgres://u:canary-p@h', 'names no database'],
  ['postgres://u:canary-p%zz@h/d', 'has a % that is no escape'],
  ['postgres://u:canary-p@h/d?sslmode=prefer', 'unknown sslmode'],
  ['postgres://u:canary-p@h/d?sslrootcert=/etc/passwd', 'parameter other than'],
  ['postgres://u:canary-p@h:99999/d', 'cannot be read'],
])('E2: the connection string «%s» is refused without being repeated', async (text, what) => {
  const error = await failureOf(storeOf('team_1', text).connect(NEVER));
  expect(error.code).toBe('credential');
  expect(error.message).toContain(what);
  expect(`${error.message}${error.action}${error.stack}${String(error.cause)}`).not.toContain('canary');
});

it('D8: a role that may not make the tables says who must, and goes on once they are there', async () => {
  const missing = await failureOf(storeOf('team_none').connect(NEVER));
  expect(missing).toMatchObject({ code: 'credential', action: expect.stringContaining('scram team migrate') });
  await migrateTeamStore({ connectionString: postgres.adminUrl, schema: 'team_none', clock }, NEVER);
  const unusable = await failureOf(storeOf('team_none').connect(NEVER));
  expect(unusable).toMatchObject({ code: 'credential', message: expect.stringContaining('may not use the schema') });
  await postgres.admin(
    'GRANT USAGE ON SCHEMA team_none TO scram_console; GRANT SELECT ON team_none.migrations TO scram_console',
  );
  const rights = await failureOf(storeOf('team_none').connect(NEVER));
  expect(rights.message).toContain('SELECT on entries, INSERT on entries, SELECT on presence');
  await postgres.admin(rights.action!.replace(/^.*?run: /, ''));
  await connected('team_none');
});

it('D8: consoles that start at once migrate once; migrating again changes nothing', async () => {
  const options = { connectionString: postgres.adminUrl, schema: 'team_race', clock };
  await Promise.all(Array.from({ length: 6 }, () => migrateTeamStore(options, NEVER)));
  await migrateTeamStore(options, NEVER);
  expect(await postgres.admin('SELECT version, name FROM team_race.migrations')).toEqual([
    { version: 1, name: 'entries-and-presence' },
  ]);
});

it('D8: a database that a newer version migrated is refused with words', async () => {
  const schema = await postgres.newSchema();
  await postgres.admin(`INSERT INTO ${schema}.migrations (version, name) VALUES (7, 'later')`);
  const error = await failureOf(storeOf(schema).connect(NEVER));
  expect(error).toMatchObject({
    code: 'refused',
    message: 'the team store has schema 7, this version knows 1',
    action: expect.stringContaining('newer version'),
  });
});

it('D8: tables that are not those of Scram are an error told', async () => {
  const schema = await postgres.newSchema();
  const store = await connected(schema);
  await postgres.admin(`ALTER TABLE ${schema}.entries DROP COLUMN body CASCADE`);
  expect(await failureOf(store.pull('d', 0, 10, NEVER))).toMatchObject({ code: 'provider' });
  // The connection goes on.
  expect(await store.heads(NEVER)).toEqual(new Map());
});

it('E2: speaks TLS with the certificate of a private authority, and with no other', async () => {
  const schema = await postgres.newSchema();
  const url = postgres.consoleUrl();
  const plain = await failureOf(storeOf(schema, `${url}?sslmode=require`).connect(NEVER));
  expect(plain).toMatchObject({ code: 'refused', message: expect.stringContaining('does not speak TLS') });
  const { cert, key } = makeCertificate();
  await postgres.useCertificate(cert, key);
  const options = { connectionString: url, schema, clock, log };
  const trusting = createPostgresTeamStore({ ...options, caPem: cert });
  stores.push(trusting);
  await trusting.connect(NEVER);
  expect(
    await postgres.admin(
      "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'scram_console' AND ssl",
    ),
  ).not.toEqual([]);
  const heard: unknown[] = [];
  const listening = trusting.listen(
    (device) => void heard.push(device),
    (error) => void heard.push(error),
  );
  await waitFor('it listens', () => heard.length > 0);
  expect(heard).toEqual([null]);
  listening.dispose();
  for (const caPem of [undefined, makeCertificate().cert]) {
    const doubting = createPostgresTeamStore({ ...options, connectionString: `${url}?sslmode=verify-full`, caPem });
    stores.push(doubting);
    expect(await failureOf(doubting.connect(NEVER))).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('no secure connection'),
      action: expect.stringContaining('certificate'),
    });
  }
});

it('an abort ends a statement that hangs, and the connection with it', async () => {
  const schema = await postgres.newSchema();
  const store = await connected(schema);
  const holder = new pg.Client({ connectionString: postgres.adminUrl });
  await holder.connect();
  await holder.query(`BEGIN; LOCK TABLE ${schema}.entries`);
  const stop = new AbortController();
  const hanging = failureOf(store.heads(stop.signal));
  await waitFor(
    'it waits for the lock',
    async () =>
      (
        await postgres.admin(
          "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'scram_console'",
        )
      ).length > 0,
  );
  stop.abort();
  expect((await hanging).code).toBe('cancelled');
  expect((await failureOf(store.heads(NEVER))).code).toBe('unreachable');
  await holder.end();
  await store.connect(NEVER);
  expect(await store.heads(NEVER)).toEqual(new Map());
});
