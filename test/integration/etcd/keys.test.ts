import { afterEach, expect, it } from 'vitest';
import type { FlagProvider, ProviderFlag, WriteRequest } from '../../../electron/services/flags/provider.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { etcdConnectionSchema } from '../../../shared/model/config/connections/stores.ts';
import { b64, prefixEnd, type RunningEtcd, startEtcd } from '../../support/etcd.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { never, PREFIX, providerOf } from './fixture.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function started(values: Readonly<Record<string, string | Buffer>>, args?: string[]): Promise<RunningEtcd> {
  const server = await startEtcd(args ? { args } : {});
  ends.push(() => server.stop());
  for (const [key, value] of Object.entries(values)) await server.put(PREFIX + key, value);
  return server;
}

function connected(url: string, ...rest: [Record<string, unknown>?, Parameters<typeof providerOf>[2]?]): FlagProvider {
  const provider = providerOf(url, ...rest);
  ends.push(() => provider.dispose());
  return provider;
}

async function proxied(server: RunningEtcd): Promise<{ proxy: TcpProxy; url: string }> {
  const proxy = await startTcpProxy({ port: Number(new URL(server.url).port) });
  ends.push(() => proxy.stop());
  return { proxy, url: `http://127.0.0.1:${proxy.port}` };
}

/** A kill as it was previewed. */
const requestOf = (provider: FlagProvider, flag: ProviderFlag): WriteRequest => ({
  key: flag.key,
  environment: 'production',
  expectRevision: flag.state.revision,
  write: provider.planKill(flag).write,
  comment: 'why',
});

async function failure(run: () => unknown): Promise<ScramError> {
  try {
    await run();
  } catch (error) {
    if (error instanceof ScramError) return error;
    throw error;
  }
  throw new Error('expected a ScramError');
}

/** Runs `meanwhile` when the provider sends its first write, before the server sees it. */
function beforeWrite(proxy: TcpProxy, meanwhile: () => Promise<unknown>): void {
  let done = false;
  proxy.rule = async (from, chunk): Promise<'pass'> => {
    if (!done && from === 'up' && chunk.includes('"compare"')) {
      done = true;
      await meanwhile();
    }
    return 'pass';
  };
}

it('B1: a text that means neither on nor off is shown as it is, with exposure unknown', async () => {
  const server = await started({ layout: 'wide', enable_x: '1', ops_disable_y: '0', empty: '' });
  const provider = connected(server.url, { values: { on: '1', off: '0' } });
  const { flags } = await provider.readEnvironment('production', never);
  const byKey = Object.fromEntries(flags.map((flag) => [flag.key, flag]));
  expect(byKey.layout).toMatchObject({
    state: { exposure: 'unknown', percentage: null, serves: 'wide', killed: false },
    variants: [{ name: 'wide', value: 'wide' }],
    safeDefault: null,
    providerEnvironment: PREFIX,
  });
  expect(byKey.enable_x).toMatchObject({ state: { exposure: 'everyone', serves: '1' }, safeDefault: '0' });
  expect(byKey.ops_disable_y).toMatchObject({ state: { exposure: 'everyone', serves: '0' }, safeDefault: '1' });
  expect(byKey.empty).toMatchObject({ state: { exposure: 'unknown', serves: '' } });
  const error = await failure(() => provider.planKill(byKey.layout!));
  expect(error.code).toBe('refused');
  expect(error.action).toContain('flags[].safeDefault');
});

it('B2: a configured safe value is written for a text; for on and off a slip is refused', async () => {
  const server = await started({ layout: 'wide', enable_x: 'true' });
  const provider = connected(server.url, {}, { safeDefaults: { layout: 'narrow', enable_x: 'off' } });
  const layout = await provider.readFlag('layout', 'production', never);
  const plan = provider.planKill(layout);
  expect(plan.after).toMatchObject({ exposure: 'nobody', killed: true, serves: 'narrow' });
  await provider.apply(requestOf(provider, layout), never);
  expect((await provider.readFlag('layout', 'production', never)).state).toEqual(plan.after);
  expect(await server.all(PREFIX)).toMatchObject({ [`${PREFIX}layout`]: 'narrow' });
  const flag = await provider.readFlag('enable_x', 'production', never);
  expect(flag.safeDefault).toBeNull();
  expect((await failure(() => provider.planKill(flag))).action).toContain('one of true, false');
});

it('B7: an undo puts back the exact earlier bytes, whatever they are', async () => {
  const bytes = Buffer.from([0xff, 0x00, 0x80, 0x0a]);
  const server = await started({ odd: bytes });
  const provider = connected(server.url, {}, { safeDefaults: { odd: 'false' } });
  const before = await server.all(PREFIX);
  const flag = await provider.readFlag('odd', 'production', never);
  expect(flag.state.serves).toMatch(/^4 bytes… \([0-9a-f]{8}\)$/);
  await provider.apply(requestOf(provider, flag), never);
  const killed = await provider.readFlag('odd', 'production', never);
  expect(killed.state.killed).toBe(true);
  const { write } = provider.planRestore(killed, flag);
  await provider.apply({ ...requestOf(provider, flag), expectRevision: killed.state.revision, write }, never);
  expect(await server.all(PREFIX)).toEqual(before);
});

it('B2: the same text written again is the same state: no conflict, also in the very moment of the write', async () => {
  const server = await started({ enable_x: 'true' });
  const { proxy, url } = await proxied(server);
  const provider = connected(url);
  const flag = await provider.readFlag('enable_x', 'production', never);
  await server.put(`${PREFIX}enable_x`, 'true');
  beforeWrite(proxy, () => server.put(`${PREFIX}enable_x`, 'true'));
  await provider.apply(requestOf(provider, flag), never);
  expect(await server.all(PREFIX)).toEqual({ [`${PREFIX}enable_x`]: 'false' });
});

it.each([
  [
    'changed',
    (server: RunningEtcd) => server.put(`${PREFIX}enable_x`, 'maybe'),
    'conflict',
    { [`${PREFIX}enable_x`]: 'maybe' },
  ],
  ['removed', (server: RunningEtcd) => server.remove(`${PREFIX}enable_x`), 'not-found', {}],
] as const)(
  'B2: a key %s between the last look and the write is not written, nor made',
  async (_, meanwhile, code, after) => {
    const server = await started({ enable_x: 'true' });
    const { proxy, url } = await proxied(server);
    const provider = connected(url);
    const flag = await provider.readFlag('enable_x', 'production', never);
    beforeWrite(proxy, () => meanwhile(server));
    expect((await failure(() => provider.apply(requestOf(provider, flag), never))).code).toBe(code);
    expect(await server.all(PREFIX)).toEqual(after);
  },
);

it('B4: 128 flags are one transaction; one that moves in that moment keeps none of the others back', async () => {
  const keys = Array.from({ length: 128 }, (_, index) => `enable_${index}`);
  const server = await started(Object.fromEntries(keys.map((key) => [key, 'true'])));
  const { proxy, url } = await proxied(server);
  const provider = connected(url);
  const { flags } = await provider.readEnvironment('production', never);
  const requests = flags.map((flag) => requestOf(provider, flag));
  beforeWrite(proxy, () => server.put(`${PREFIX}enable_7`, 'maybe'));
  let writes = 0;
  const rule = proxy.rule;
  proxy.rule = (from, chunk, at) => {
    if (from === 'up') writes += chunk.toString('latin1').split('"compare"').length - 1;
    return rule(from, chunk, at);
  };
  const answers = await provider.applyAll!(requests, never);
  const failed = answers.flatMap((answer, index) =>
    answer === null ? [] : [[flags[index]?.key, (answer as ScramError).code]],
  );
  expect(failed).toEqual([['enable_7', 'conflict']]);
  // The whole once, and once more without the one that moved.
  expect(writes).toBe(2);
  const values = Object.values(await server.all(PREFIX));
  expect(values.filter((value) => value === 'false')).toHaveLength(127);
});

it('H4: several pages are read as of one moment, and again when that was compacted away', async () => {
  const server = await started({});
  const keys = Array.from({ length: 4100 }, (_, index) => `${PREFIX}enable_${String(index).padStart(5, '0')}`);
  for (let at = 0; at < keys.length; at += 100) {
    const success = keys.slice(at, at + 100).map((key) => ({ request_put: { key: b64(key), value: b64('true') } }));
    await server.ask('/v3/kv/txn', { success });
  }
  const { proxy, url } = await proxied(server);
  const provider = connected(url);
  let pages = 0;
  proxy.rule = async (from, chunk): Promise<'pass'> => {
    if (from === 'up' && chunk.includes('/v3/kv/range')) {
      pages += 1;
      // Between the first page and the second.
      if (pages === 2) {
        await server.put(`${PREFIX}enable_new`, 'true');
        const { header } = (await server.ask('/v3/kv/range', { key: b64('x') })) as { header: { revision: string } };
        await server.ask('/v3/kv/compaction', { revision: header.revision });
      }
    }
    return 'pass';
  };
  const { flags } = await provider.readEnvironment('production', never);
  expect(flags).toHaveLength(4101);
  expect(pages).toBe(5);
});

it('H4: an idle refresh is one small answer; changed and new flags are told, a removal asks for the whole', async () => {
  const keys = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`enable_${index}`, 'true']));
  const server = await started({ ...keys, ops_disable_z: 'false' });
  const { proxy, url } = await proxied(server);
  const provider = connected(url);
  const { mark } = await provider.readEnvironment('production', never);
  let bytes = 0;
  let requests = 0;
  proxy.rule = (from, chunk) => {
    if (from === 'down') bytes += chunk.length;
    else requests += 1;
    return 'pass';
  };
  expect(await provider.readChanges!('production', mark!, never)).toMatchObject({ upserts: [], removals: [] });
  expect(requests).toBe(1);
  expect(bytes).toBeLessThan(600);

  await server.put(`${PREFIX}enable_3`, 'false');
  await server.put(`${PREFIX}enable_new`, 'true');
  await server.put('/flags/elsewhere', 'true');
  const changes = await provider.readChanges!('production', mark!, never);
  expect(changes?.upserts.map((flag) => flag.key).sort()).toEqual(['enable_3', 'enable_new']);
  expect(await provider.readChanges!('production', changes!.mark!, never)).toMatchObject({ upserts: [] });

  await server.remove(`${PREFIX}enable_5`);
  await server.put(`${PREFIX}enable_5`, 'true');
  expect(await provider.readChanges!('production', changes!.mark!, never)).toBeNull();
});

it('B16: a lease stays with its key', async () => {
  const server = await started({});
  const lease = (await server.ask('/v3/lease/grant', { TTL: '600' })) as { ID: string };
  await server.ask('/v3/kv/put', { key: b64(`${PREFIX}enable_x`), value: b64('true'), lease: lease.ID });
  const provider = connected(server.url);
  await provider.apply(requestOf(provider, await provider.readFlag('enable_x', 'production', never)), never);
  const { kvs } = (await server.ask('/v3/kv/range', { key: b64(PREFIX), range_end: prefixEnd(PREFIX) })) as {
    kvs: { lease?: string; value: string }[];
  };
  expect(kvs).toMatchObject([{ lease: lease.ID, value: b64('false') }]);
});

it('E6: a write whose answer is lost says that it is not known, and reading tells', async () => {
  const server = await started({ enable_x: 'true' });
  const { proxy, url } = await proxied(server);
  const provider = connected(url);
  const flag = await provider.readFlag('enable_x', 'production', never);
  let writing = false;
  let writes = 0;
  proxy.rule = (from, chunk, { client }) => {
    if (from === 'up' && chunk.includes('"compare"')) {
      writing = true;
      writes += 1;
    }
    if (from === 'down' && writing) {
      writing = false;
      client.resetAndDestroy();
      return 'drop';
    }
    return 'pass';
  };
  expect((await failure(() => provider.apply(requestOf(provider, flag), never))).code).toBe('unreachable');
  expect(writes).toBe(1);
  expect((await provider.readFlag('enable_x', 'production', never)).state).toEqual(provider.planKill(flag).after);
});

it('a full etcd says so, with what to do; the probe finds it without writing', async () => {
  const server = await started({ enable_x: 'true' }, ['--quota-backend-bytes', '200000']);
  const provider = connected(server.url);
  const flag = await provider.readFlag('enable_x', 'production', never);
  await expect(
    (async () => {
      for (let at = 0; at < 200; at += 1) await server.put(`/fill/${at}`, Buffer.alloc(50_000));
    })(),
  ).rejects.toThrow('space exceeded');
  const error = await failure(() => provider.apply(requestOf(provider, flag), never));
  expect(error).toMatchObject({ code: 'provider', action: expect.stringContaining('alarm disarm') });
  const before = await server.all('/');
  expect(await provider.probe(never)).toMatchObject({ ok: false, canRead: true, canWrite: false });
  expect(await server.all('/')).toEqual(before);
});

it('B3: environments whose keys overlap are refused in the configuration', () => {
  const config = (keys: Record<string, string>, layout = 'keys') =>
    etcdConnectionSchema.safeParse({ id: 'x', kind: 'etcd', url: 'http://127.0.0.1:1', keys, layout }).success;
  expect(config({ production: '/flags/prod', staging: '/flags/prod-staging/' })).toBe(false);
  expect(config({ production: '/flags/prod/', staging: '/flags/prod-staging/' })).toBe(true);
  expect(config({ production: '/flags', staging: '/flags.staging' }, 'document')).toBe(true);
  expect(config({ production: '/flags', staging: '/flags' }, 'document')).toBe(false);
});
