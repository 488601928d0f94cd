import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Trust } from '../../../electron/services/ledger/api.ts';
import type { LedgerRow } from '../../../electron/services/team/store.ts';
import { memoryLedger } from '../../support/ledger.ts';
import { waitFor } from '../../support/processes.ts';
import { endConsoles, rowsOf, startConsole, type TeamConsole, whenAlike } from '../../support/team-consoles.ts';
import { CANARY, startTeamPostgres, type TeamPostgres } from '../../support/team-postgres.ts';

let postgres: TeamPostgres;
beforeAll(async () => {
  postgres = await startTeamPostgres();
});
afterEach(() => endConsoles());
afterAll(async () => {
  await postgres?.dispose();
});

const consoleOn = (schema: string, more: { trust?: Trust; url?: string } = {}): TeamConsole =>
  startConsole({ url: postgres.consoleUrl(), schema, pollMs: 500, ...more });

/** As somebody who has the database, past every console. */
async function insert(schema: string, rows: readonly LedgerRow[]): Promise<void> {
  const named = rows.map(({ atMs, ...row }) => ({ ...row, at_ms: atMs }));
  await postgres.admin(
    `INSERT INTO ${schema}.entries (device, sequence, at_ms, hash, signature, body, data)
     SELECT device, sequence, at_ms, hash, signature, body, data FROM json_populate_recordset(null::${schema}.entries, $1)`,
    [JSON.stringify(named)],
  );
}

/** Writers go on, and readers take it: whatever else is wrong. */
async function goesOn(writer: TeamConsole, reader: TeamConsole): Promise<void> {
  writer.note('it goes on');
  const end = writer.ledger.head().entries;
  await waitFor('the next entry arrives', () => (reader.ledger.heads().get(writer.device)?.sequence ?? 0) >= end, {
    deadlineMs: 30_000,
  });
}

it('D8: a forged row is quarantined and told once; its chain and the others go on', async () => {
  const schema = await postgres.newSchema();
  const [a, b] = [consoleOn(schema), consoleOn(schema)];
  await whenAlike([a, b], 2);
  const end = a.ledger.head().entries;
  const forged = { ...rowsOf(a.ledger, a.device)[0]!, sequence: end + 1, hash: 'e'.repeat(64) };
  await insert(schema, [forged]);
  await waitFor('b tells of it', () => b.refused.length > 0);
  await goesOn(a, b);
  const c = consoleOn(schema);
  await waitFor(
    'a new console has both chains',
    () => c.ledger.heads().get(a.device)?.sequence === a.ledger.head().entries,
  );
  await waitFor('and tells of it', () => c.refused.length > 0);
  for (const console_ of [b, c]) {
    expect(console_.refused).toEqual([expect.stringContaining(`${a.device} ${end + 1} `)]);
    expect(console_.service.state().quarantined).toMatchObject([
      { device: a.device, sequence: end + 1, hash: forged.hash },
    ]);
    expect(console_.service.state().chains.find((chain) => chain.device === a.device)?.problem).toContain(
      `entry ${end + 1}`,
    );
    const own = [...console_.ledger.all()].filter(({ body }) => body.device === console_.device);
    expect(own.filter(({ body }) => body.data.kind === 'chain.quarantined')).toHaveLength(1);
  }
});

it('D8: a fork that the device itself signed is quarantined; what was first held stays', async () => {
  const schema = await postgres.newSchema();
  const [a, b] = [consoleOn(schema), consoleOn(schema)];
  for (let entry = 0; entry < 5; entry += 1) a.note(`true ${entry}`);
  await whenAlike([a, b], 7);
  const before = rowsOf(b.ledger, a.device).slice(0, 6);
  // The same key in another folder: the chain from its first entry on, told otherwise.
  const twin = memoryLedger(1, a.signer);
  await b.service.syncNow(AbortSignal.timeout(10_000));
  twin.ledger.append({ kind: 'note.added', text: 'never happened', incident: null });
  await insert(schema, twin.store.rowsNow);
  await waitFor('both tell of it', () => a.refused.length > 0 && b.refused.length > 0, { deadlineMs: 20_000 });
  expect(b.refused.join('\n')).toContain('forked');
  expect(rowsOf(b.ledger, a.device).slice(0, 6)).toEqual(before);
  await goesOn(a, b);
  await goesOn(b, a);
});

it('D8: the chain of a device that the roster does not name is not taken, told once, and holds up no other', async () => {
  const schema = await postgres.newSchema();
  const stranger = memoryLedger(600);
  await insert(schema, stranger.store.rowsNow);
  const named: Trust = { knowsDevice: (device) => device !== stranger.ledger.device, signedBy: () => true };
  const [a, b] = [consoleOn(schema, { trust: named }), consoleOn(schema, { trust: named })];
  await waitFor('both tell of it', () => a.refused.length > 0 && b.refused.length > 0);
  await goesOn(a, b);
  await goesOn(b, a);
  for (const console_ of [a, b]) {
    expect(console_.refused).toEqual([`${stranger.ledger.device} 1 is of a device that the roster does not name`]);
    expect(console_.ledger.heads().has(stranger.ledger.device)).toBe(false);
  }
});

it('D8: a chain without its beginning is told and not taken; the whole one is, once it is there', async () => {
  const schema = await postgres.newSchema();
  const other = memoryLedger(30);
  await insert(schema, other.store.rowsNow.slice(10));
  const [a, b] = [consoleOn(schema), consoleOn(schema)];
  await waitFor('it is told', () => a.service.state().problem?.includes(`lacks entry 1 of ${other.ledger.device}`));
  await goesOn(a, b);
  await insert(schema, other.store.rowsNow.slice(0, 10));
  await waitFor('it is whole', () => a.ledger.heads().get(other.ledger.device)?.sequence === 30, {
    deadlineMs: 60_000,
  });
  expect(a.refused).toEqual([]);
});

it('D8: entries that were deleted from the database come back from the consoles that have them', async () => {
  const schema = await postgres.newSchema();
  const a = consoleOn(schema);
  for (let entry = 0; entry < 50; entry += 1) a.note(`${entry}`);
  await a.service.syncNow(AbortSignal.timeout(10_000));
  await postgres.admin(`DELETE FROM ${schema}.entries WHERE sequence BETWEEN 20 AND 30`);
  const again = a.startAgain();
  await again.service.syncNow(AbortSignal.timeout(10_000));
  expect(
    await postgres.admin(`SELECT count(*)::int AS rows FROM ${schema}.entries WHERE device = $1`, [a.device]),
  ).toEqual([{ rows: 51 }]);
});

it('D8: a row that was altered in the database is refused by whoever takes it, and by nobody else', async () => {
  const schema = await postgres.newSchema();
  const a = consoleOn(schema);
  for (let entry = 0; entry < 5; entry += 1) a.note(`${entry}`);
  await a.service.syncNow(AbortSignal.timeout(10_000));
  await postgres.admin(
    `UPDATE ${schema}.entries SET data = replace(data, '"3"', '"9"') WHERE device = $1 AND data LIKE '%"3"%'`,
    [a.device],
  );
  const b = consoleOn(schema);
  await waitFor('it is told', () => b.refused.length > 0);
  expect(b.ledger.heads().get(a.device)?.sequence).toBe(4);
  expect(b.refused).toEqual([expect.stringContaining(`${a.device} 5 `)]);
  // An owner who takes the altered row away gets the true one back with the next connection of who has it.
  await postgres.admin(`DELETE FROM ${schema}.entries WHERE device = $1 AND sequence = 5`, [a.device]);
  a.startAgain();
  await waitFor('b goes on', () => (b.ledger.heads().get(a.device)?.sequence ?? 0) >= 6, { deadlineMs: 30_000 });
});

it('D6: an entry that was redacted on a console and in the database is taken without its words, and verifies', async () => {
  const schema = await postgres.newSchema();
  const [a, c] = [consoleOn(schema), consoleOn(schema)];
  a.note('a word too many');
  a.note('and another entry');
  await whenAlike([a, c], 4);
  const words = [...a.ledger.all()].find(({ body }) => JSON.stringify(body).includes('too many'));
  const sequence = words?.body.sequence ?? 0;
  a.ledger.redact(a.device, sequence, 'a name', null);
  await a.service.syncNow(AbortSignal.timeout(10_000));
  expect(await postgres.admin(`SELECT ${schema}.redact($1, $2)`, [a.device, sequence])).toEqual([{ redact: 1 }]);
  // One that still has the words connects anew, and does not bring them back.
  const again = c.startAgain();
  await again.service.syncNow(AbortSignal.timeout(10_000));
  expect(again.union().join('\n')).toContain('a word too many');
  const b = consoleOn(schema);
  await waitFor('b has it all', () => b.ledger.heads().get(a.device)?.sequence === a.ledger.head().entries);
  expect(b.union().join('\n')).not.toContain('a word too many');
  expect(b.union().join('\n')).toContain('and another entry');
  expect(b.ledger.verify().problem).toBeNull();
  for (const { refused } of [again, b]) expect(refused).toEqual([]);
});

it('D6: words that were taken away in the database alone are found by who verifies', async () => {
  const schema = await postgres.newSchema();
  const a = consoleOn(schema);
  a.note('inconvenient');
  await a.service.syncNow(AbortSignal.timeout(10_000));
  await postgres.admin(`SELECT ${schema}.redact($1, 2)`, [a.device]);
  const b = consoleOn(schema);
  await waitFor('b has it all', () => b.ledger.heads().get(a.device)?.sequence === a.ledger.head().entries);
  expect(b.ledger.verify().problem).toContain('has lost its words');
});

it('D8: a folder that was put back from an older copy is told, not continued', async () => {
  const schema = await postgres.newSchema();
  const a = consoleOn(schema);
  for (let entry = 0; entry < 5; entry += 1) a.note(`${entry}`);
  await a.service.syncNow(AbortSignal.timeout(10_000));
  // The same key with nothing but its first entry.
  const old = startConsole({ url: postgres.consoleUrl(), schema, pollMs: 500, signer: a.signer });
  a.end();
  await waitFor('it is told', () => old.service.state().chains.find((chain) => chain.here)?.problem !== null, {
    deadlineMs: 20_000,
  });
  expect(old.refused.join('\n')).toMatch(/copied, or put back|forked/);
});

it('E2: a wrong password is a state with words, and stands nowhere', async () => {
  const schema = await postgres.newSchema();
  const wrong = 'canary-wrong 77/%';
  const a = consoleOn(schema, { url: postgres.consoleUrl(postgres.port, wrong) });
  await waitFor('it is away', () => a.service.state().state === 'away');
  const error = await a.service.syncNow(AbortSignal.timeout(10_000)).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ code: 'credential' });
  a.service.setDoing('alex', 'looks at flags');
  const everything = [
    JSON.stringify(a.service.state()),
    ...a.lines,
    String(error),
    JSON.stringify(error),
    (error as Error).stack,
    String((error as Error).cause),
  ].join('\n');
  for (const secret of [wrong, encodeURIComponent(wrong), CANARY, encodeURIComponent(CANARY)])
    expect(everything).not.toContain(secret);
});

it('E2: neither does the right one, through an outage', async () => {
  const schema = await postgres.newSchema();
  const a = consoleOn(schema);
  await waitFor('it is synced', () => a.service.state().state === 'synced');
  await postgres.admin("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'scram_console'");
  await waitFor('it noticed', () => a.lines.some((line) => line.includes('team-store.')));
  await a.service.syncNow(AbortSignal.timeout(10_000)).catch(() => undefined);
  const everything = [JSON.stringify(a.service.state()), ...a.lines].join('\n');
  for (const secret of [CANARY, encodeURIComponent(CANARY)]) expect(everything).not.toContain(secret);
});

it('D8: a database of a newer version is a state with words', async () => {
  const schema = await postgres.newSchema();
  await postgres.admin(`INSERT INTO ${schema}.migrations (version, name) VALUES (7, 'later')`);
  const a = consoleOn(schema);
  await waitFor('it is away', () => a.service.state().state === 'away');
  expect(a.service.state().problem).toMatch(/has schema 7, this version knows 1\. Start the newer version/);
});
