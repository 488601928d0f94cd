import { afterEach, expect, it } from 'vitest';
import type { FlagProvider, ProviderFlag, WriteRequest } from '../../../electron/services/flags/provider.ts';
import { waitFor } from '../../support/processes.ts';
import { type RedisServerOptions, type RunningRedis, startRedis } from '../../support/redis.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { never, PREFIX, providerOf } from './fixture.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function started(
  values: Readonly<Record<string, string | Buffer>>,
  options: RedisServerOptions = {},
): Promise<RunningRedis> {
  const server = await startRedis(options);
  ends.push(() => server.stop());
  for (const [key, value] of Object.entries(values)) await server.set(PREFIX + key, value);
  return server;
}

function connected(url: string, ...rest: [Record<string, unknown>?, Parameters<typeof providerOf>[2]?]): FlagProvider {
  const provider = providerOf(url, ...rest);
  ends.push(() => provider.dispose());
  return provider;
}

async function proxied(server: RunningRedis): Promise<{ proxy: TcpProxy; url: string }> {
  const proxy = await startTcpProxy({ port: server.port });
  ends.push(() => proxy.stop());
  return { proxy, url: `redis://127.0.0.1:${proxy.port}` };
}

const requestOf = (provider: FlagProvider, flag: ProviderFlag): WriteRequest => ({
  key: flag.key,
  environment: 'production',
  expectRevision: flag.state.revision,
  write: provider.planKill(flag).write,
  comment: 'why',
});

async function commandsOf(server: RunningRedis): Promise<Record<string, number>> {
  const text = String(await server.command('INFO', 'commandstats'));
  return Object.fromEntries(
    [...text.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)].map(([, name, calls]) => [name, Number(calls)]),
  );
}

it('H4: lists by SCAN and MGET, never by KEYS; wildcards in a prefix mean themselves; other types are no flags', async () => {
  const prefix = 'f[x]*?^-\\:';
  const server = await started({});
  const keys = Array.from({ length: 1500 }, (_, index) => `enable_${index}`);
  for (const key of keys) await server.set(prefix + key, 'true');
  for (const other of ['fx:a', 'f[x]zz:a', 'fx*?^-\\:b']) await server.set(other, 'true');
  await server.command('SADD', `${prefix}enable_set`, 'true');
  await server.set(prefix, 'a folder');
  await server.command('CONFIG', 'RESETSTAT');
  const { flags } = await connected(server.url, { keys: { production: prefix } }).readEnvironment('production', never);
  expect(flags.map((flag) => flag.key).sort()).toEqual([...keys].sort());
  const commands = await commandsOf(server);
  expect(commands.keys).toBeUndefined();
  expect(commands.mget).toBe(4);
});

it('B7, B16: kill and undo keep every byte and the time to live', async () => {
  const bytes = Buffer.from([0xff, 0x00, 0x0d, 0x0a, 0x80]);
  const server = await started({ odd: bytes });
  await server.command('PEXPIRE', `${PREFIX}odd`, '600000');
  const provider = connected(server.url, {}, { safeDefaults: { odd: 'false' } });
  const before = await server.all(PREFIX);
  const flag = await provider.readFlag('odd', 'production', never);
  await provider.apply(requestOf(provider, flag), never);
  expect(await server.all(PREFIX)).toEqual({ [`${PREFIX}odd`]: 'false (expires)' });
  const killed = await provider.readFlag('odd', 'production', never);
  const { write } = provider.planRestore(killed, flag);
  await provider.apply({ ...requestOf(provider, flag), expectRevision: killed.state.revision, write }, never);
  expect(await server.all(PREFIX)).toEqual(before);
});

it.each([
  ['changed', (server: RunningRedis) => server.set(`${PREFIX}enable_x`, 'maybe'), 'conflict', 'maybe'],
  ['removed', (server: RunningRedis) => server.remove(`${PREFIX}enable_x`), 'not-found', undefined],
  ['rewritten', (server: RunningRedis) => server.set(`${PREFIX}enable_x`, 'true'), null, 'false'],
] as const)('B2: a key %s between the last look and the write', async (_, meanwhile, code, after) => {
  const server = await started({ enable_x: 'true' });
  const { proxy, url } = await proxied(server);
  const provider = connected(url);
  const flag = await provider.readFlag('enable_x', 'production', never);
  let done = false;
  proxy.rule = async (from, chunk): Promise<'pass'> => {
    if (!done && from === 'up' && chunk.includes('EVAL')) {
      done = true;
      await meanwhile(server);
    }
    return 'pass';
  };
  const outcome = provider.apply(requestOf(provider, flag), never);
  if (code === null) await outcome;
  else await expect(outcome).rejects.toMatchObject({ code });
  expect(done).toBe(true);
  expect((await server.all(PREFIX))[`${PREFIX}enable_x`]).toBe(after);
});

it('E5: a write that a server comes to only after the time limit is not done any more', async () => {
  const server = await started({ enable_x: 'true' });
  const provider = connected(server.url, { timeout: '400ms' });
  const flag = await provider.readFlag('enable_x', 'production', never);
  const { proxy, url } = await proxied(server);
  const late = connected(url, { timeout: '400ms' });
  await late.readFlag('enable_x', 'production', never);
  proxy.rule = async (from, chunk): Promise<'pass'> => {
    // The server stops in the moment in which the write comes to it.
    if (from === 'up' && chunk.includes('EVAL')) process.kill(server.pid, 'SIGSTOP');
    return 'pass';
  };
  await expect(late.apply(requestOf(late, flag), never)).rejects.toMatchObject({ code: 'timeout' });
  process.kill(server.pid, 'SIGCONT');
  await server.command('PING');
  expect(await commandsOf(server)).toMatchObject({ eval: 1 });
  expect(await server.all(PREFIX)).toEqual({ [`${PREFIX}enable_x`]: 'true' });
});

it('B4: 500 flags are one script', async () => {
  const keys = Array.from({ length: 500 }, (_, index) => `enable_${index}`);
  const server = await started(Object.fromEntries(keys.map((key) => [key, 'true'])));
  const provider = connected(server.url);
  const { flags } = await provider.readEnvironment('production', never);
  await server.command('CONFIG', 'RESETSTAT');
  const answers = await provider.applyAll!(
    flags.map((flag) => requestOf(provider, flag)),
    never,
  );
  expect(answers.every((answer) => answer === null)).toBe(true);
  expect(await commandsOf(server)).toMatchObject({ eval: 1, mget: 1, set: 500 });
  expect(new Set(Object.values(await server.all(PREFIX)))).toEqual(new Set(['false']));
});

it('H4: an idle refresh is one PING; only what changed is read, and removals are told', async () => {
  const keys = Array.from({ length: 1000 }, (_, index) => `enable_${index}`);
  const server = await started(Object.fromEntries(keys.map((key) => [key, 'true'])));
  const provider = connected(server.url);
  const { mark } = await provider.readEnvironment('production', never);
  await server.command('CONFIG', 'RESETSTAT');
  expect(await provider.readChanges!('production', mark!, never)).toMatchObject({ upserts: [], removals: [] });
  expect(await commandsOf(server)).toEqual({ ping: 1, 'config|resetstat': 1 });

  await server.set(`${PREFIX}enable_3`, 'false');
  await server.remove(`${PREFIX}enable_5`);
  await server.set('elsewhere', 'x');
  const changes = await provider.readChanges!('production', mark!, never);
  expect(changes?.upserts.map((flag) => [flag.key, flag.state.killed])).toEqual([['enable_3', true]]);
  expect(changes?.removals).toEqual(['enable_5']);
  expect(await provider.readChanges!('production', changes!.mark!, never)).toMatchObject({ upserts: [], removals: [] });
  await server.command('FLUSHALL');
  expect(await provider.readChanges!('production', changes!.mark!, never)).toBeNull();
});

it('A3: tells of changes after a break too, and of what may have happened meanwhile', async () => {
  const server = await started({ enable_x: 'true' });
  const provider = connected(server.url);
  let seen = 0;
  provider.watch(() => {
    seen += 1;
  });
  await waitFor('the watch stands', () => seen > 0);
  const before = seen;
  await server.set(`${PREFIX}enable_x`, 'false');
  await waitFor('told', () => seen > before);
  const again = seen;
  await server.restart();
  await waitFor('told that something may have changed', () => seen > again);
  const last = seen;
  await server.set(`${PREFIX}enable_x`, 'true');
  await waitFor('told', () => seen > last);
});

it('a server that may not tell of changes is looked at: changes are told all the same', async () => {
  const server = await started({ enable_x: 'true', enable_y: 'true' });
  await server.command('ACL', 'SETUSER', 'plain', 'on', '>pw', '~*', '&*', '+@all', '-client|tracking');
  const provider = connected(server.url, { credential: 'env:R', poll: '100ms' }, { secrets: { R: 'plain:pw' } });
  let seen = 0;
  provider.watch((environment) => {
    expect(environment).toBe('production');
    seen += 1;
  });
  const { mark } = await provider.readEnvironment('production', never);
  expect(await provider.readChanges!('production', mark!, never)).toMatchObject({ upserts: [], removals: [], mark });
  await waitFor('told', async () => {
    await server.set(`${PREFIX}enable_x`, `text ${Math.random()}`);
    return waitFor('told', () => seen > 0, { deadlineMs: 500 }).catch(() => false);
  });
  expect(await provider.readChanges!('production', mark!, never)).toBeNull();
});
