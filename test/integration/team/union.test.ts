import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { LedgerRow } from '../../../electron/services/team/store.ts';
import { waitFor } from '../../support/processes.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { endConsoles, startConsole, type TeamConsole, textOf, whenAlike } from '../../support/team-consoles.ts';
import { startTeamPostgres, type TeamPostgres } from '../../support/team-postgres.ts';

let postgres: TeamPostgres;
const proxies: TcpProxy[] = [];
beforeAll(async () => {
  postgres = await startTeamPostgres();
});
afterEach(async () => {
  endConsoles();
  for (const proxy of proxies.splice(0)) await proxy.stop();
});
afterAll(async () => {
  await postgres?.dispose();
});

async function proxied(schema: string, pollMs = 15_000): Promise<{ console: TeamConsole; proxy: TcpProxy }> {
  const proxy = await startTcpProxy({ port: postgres.port });
  proxies.push(proxy);
  return { console: startConsole({ url: postgres.consoleUrl(proxy.port), schema, pollMs }), proxy };
}

function cut(proxy: TcpProxy): void {
  proxy.rule = (_from, _chunk, { client, server }) => {
    client.resetAndDestroy();
    server.destroy();
    return 'drop';
  };
  proxy.resetAll();
}

function heal(proxy: TcpProxy): void {
  proxy.rule = () => 'pass';
}

/** What the database holds, in the order and the form of a console's. */
async function unionInDatabase(schema: string): Promise<string[]> {
  const rows = await postgres.admin(
    `SELECT device, sequence::int, at_ms::float8 AS "atMs", hash, signature, body, data FROM ${schema}.entries ORDER BY device, sequence`,
  );
  return rows.map((row) => textOf(row as unknown as LedgerRow));
}

const synced = (console_: TeamConsole) =>
  waitFor('it is synced', () => console_.service.state().state === 'synced', { deadlineMs: 40_000 });
const away = (console_: TeamConsole) =>
  waitFor('it is away', () => console_.service.state().state === 'away', { deadlineMs: 40_000 });

it('D8: eight consoles that write at once end up with the same union, byte for byte', async () => {
  const schema = await postgres.newSchema();
  const consoles = Array.from({ length: 8 }, () => startConsole({ url: postgres.consoleUrl(), schema }));
  for (let round = 0; round < 20; round += 1) {
    for (const [index, console_] of consoles.entries())
      console_.note(`round ${round} of console ${index} ünï\u{1F9EF}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const union = await whenAlike(consoles, 8 * 21);
  await waitFor(
    'the database has it too',
    async () => (await unionInDatabase(schema)).join() === consoles[0]!.union().join(),
  );
  expect(new Set(union).size).toBe(union.length);
  for (const { ledger, service, refused } of consoles) {
    expect(refused).toEqual([]);
    expect(ledger.verify().problem).toBeNull();
    expect(service.state().chains).toHaveLength(8);
  }
});

it('D8: a partition of one console, then of three: each works on alone, and all are alike after it heals', async () => {
  const schema = await postgres.newSchema();
  const parts = await Promise.all(Array.from({ length: 5 }, () => proxied(schema)));
  const consoles = parts.map((part) => part.console);
  await whenAlike(consoles, 5);
  for (const several of [parts.slice(0, 1), parts.slice(1, 4)]) {
    for (const { proxy } of several) cut(proxy);
    for (const { console: console_ } of several) await away(console_);
    for (const [index, { console: console_ }] of parts.entries()) {
      for (let entry = 0; entry < 30; entry += 1) console_.note(`${index} writes ${entry}`);
    }
    expect(several[0]!.console.service.state().waiting).toBeGreaterThanOrEqual(30);
    const others = parts.filter((part) => !several.includes(part)).map((part) => part.console);
    await waitFor('the others go on', () =>
      others.every((console_) => others.every((of) => (console_.ledger.heads().get(of.device)?.sequence ?? 0) >= 31)),
    );
    for (const { proxy } of several) heal(proxy);
    for (const { console: console_ } of several) await console_.service.syncNow(AbortSignal.timeout(30_000));
    await whenAlike(consoles, 5 * 31);
  }
  await whenAlike(consoles, 5 * 61);
  for (const { service, refused } of consoles) {
    expect(service.state().waiting).toBe(0);
    expect(refused).toEqual([]);
  }
});

it('D8: PostgreSQL is stopped, killed -9 in the middle of a push, and started again: nothing is lost, nothing doubled', async () => {
  const schema = await postgres.newSchema();
  const consoles = Array.from({ length: 3 }, () => startConsole({ url: postgres.consoleUrl(), schema }));
  const [first] = consoles as [TeamConsole];
  await whenAlike(consoles, 3);
  await postgres.stop();
  for (const console_ of consoles) {
    await away(console_);
    for (let entry = 0; entry < 20; entry += 1) console_.note(`while it was stopped ${entry}`);
  }
  await postgres.start();
  await whenAlike(consoles, 3 * 21);

  // Thousands of entries, so that the kill falls into the pages.
  for (let entry = 0; entry < 200; entry += 1) {
    first.ledger.appendAll(
      Array.from({ length: 20 }, (_, index) => ({ kind: 'note.added', text: `${entry} ${index}`, incident: null })),
    );
  }
  await waitFor(
    'some of it has been pushed',
    () => {
      const { waiting } = first.service.state();
      return waiting > 0 && waiting < 4000;
    },
    { everyMs: 1 },
  );
  await postgres.kill();
  expect(first.service.state().waiting).toBeGreaterThan(0);
  for (const console_ of consoles) await away(console_);
  await postgres.start();
  await whenAlike(consoles, 3 * 21 + 4000, 90_000);
  await waitFor('the database has it too', async () => (await unionInDatabase(schema)).join() === first.union().join());
  for (const { refused } of consoles) expect(refused).toEqual([]);
});

it('D8: a console that is ended in the middle of a pull goes on where it was', async () => {
  const schema = await postgres.newSchema();
  const writer = startConsole({ url: postgres.consoleUrl(), schema });
  for (let entry = 0; entry < 150; entry += 1) {
    writer.ledger.appendAll(
      Array.from({ length: 20 }, (_, index) => ({ kind: 'note.added', text: `${entry} ${index}`, incident: null })),
    );
  }
  await writer.service.syncNow(AbortSignal.timeout(30_000));
  let reader = startConsole({ url: postgres.consoleUrl(), schema });
  let restarts = 0;
  const held = () => reader.ledger.heads().get(writer.device)?.sequence ?? 0;
  for (let goal = 500; goal <= 2500; goal += 500) {
    await waitFor(`it holds ${goal}`, () => held() >= goal, { everyMs: 1 });
    if (held() < 3000) restarts += 1;
    const before = held();
    reader = reader.startAgain();
    expect(held()).toBe(before);
  }
  expect(restarts).toBeGreaterThan(0);
  await whenAlike([writer, reader], 3002);
  expect(reader.refused).toEqual([]);
});

it('D8: repeated and reordered delivery changes nothing', async () => {
  const schema = await postgres.newSchema();
  let seed = 42;
  console.log(`seed ${seed}`);
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed / 2 ** 31;
  };
  const shuffled = <T>(rows: readonly T[]): T[] => {
    const all = [...rows, ...rows.filter(() => random() < 0.5)];
    for (let index = all.length - 1; index > 0; index -= 1) {
      const other = Math.floor(random() * (index + 1));
      [all[index], all[other]] = [all[other]!, all[index]!];
    }
    return all;
  };
  const consoles = Array.from({ length: 4 }, () =>
    startConsole({
      url: postgres.consoleUrl(),
      schema,
      wrap: (store) => ({
        ...store,
        // What was seen before comes again, in any order, and is sent again.
        async push(rows, signal) {
          for (const row of shuffled(rows).slice(0, 40)) await store.push([row], signal);
          await store.push(shuffled(rows), signal);
        },
        pull: async (device, after, limit, signal) =>
          shuffled(await store.pull(device, Math.max(0, after - Math.floor(random() * 40)), limit, signal)),
        listen: (onMore, onLost) =>
          store.listen((device) => {
            onMore(device);
            if (random() < 0.5) onMore(device);
          }, onLost),
      }),
    }),
  );
  for (let round = 0; round < 40; round += 1) {
    for (const [index, console_] of consoles.entries()) if (random() < 0.7) console_.note(`${round} ${index}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const written = consoles.reduce((sum, { ledger }) => sum + ledger.head().entries, 0);
  await whenAlike(consoles, written);
  for (const { refused } of consoles) expect(refused).toEqual([]);
});

it('D8: a listening connection that goes silent is made up for by looking', async () => {
  const schema = await postgres.newSchema();
  const writer = startConsole({ url: postgres.consoleUrl(), schema });
  const { console: reader, proxy } = await proxied(schema, 1_000);
  await whenAlike([writer, reader], 2);
  const listening = new Set<unknown>();
  proxy.rule = (from, chunk, { client }) => {
    if (from === 'up' && chunk.includes('LISTEN scram_entries')) listening.add(client);
    return from === 'down' && listening.has(client) ? 'drop' : 'pass';
  };
  proxy.resetAll();
  await waitFor('it listens again, to no answer', () => listening.size > 0, { deadlineMs: 20_000 });
  await synced(reader);
  writer.note('nobody tells of it');
  await waitFor(
    'the reader has it',
    () => reader.ledger.heads().get(writer.device)?.sequence === writer.ledger.head().entries,
  );
});

it('D8: a store that was emptied is filled again by the consoles', async () => {
  const schema = await postgres.newSchema();
  const consoles = Array.from({ length: 2 }, () => startConsole({ url: postgres.consoleUrl(), schema, pollMs: 500 }));
  for (const console_ of consoles) for (let entry = 0; entry < 700; entry += 1) console_.note(`${entry}`);
  await whenAlike(consoles, 1402);
  const [left, stays] = consoles as [TeamConsole, TeamConsole];
  left.end();
  await postgres.admin(`TRUNCATE ${schema}.entries`);
  await waitFor('all is there again', async () => (await unionInDatabase(schema)).join() === stays.union().join());
});
