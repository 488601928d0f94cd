import { afterEach, beforeEach, expect, it } from 'vitest';
import type { FlagProvider } from '../../../electron/services/flags/provider.ts';
import { b64, type RunningEtcd, startEtcd } from '../../support/etcd.ts';
import { waitFor } from '../../support/processes.ts';
import { pass, startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { fill, PREFIX, providerOf } from './fixture.ts';

let server: RunningEtcd;
let proxy: TcpProxy;
let provider: FlagProvider;
let seen = 0;

beforeEach(async () => {
  seen = 0;
  server = await startEtcd();
  await fill(server);
  proxy = await startTcpProxy({ port: Number(new URL(server.url).port) });
  provider = providerOf(`http://127.0.0.1:${proxy.port}`);
});
afterEach(async () => {
  provider.dispose();
  await proxy.stop();
  await server.stop();
});

async function watched(): Promise<{ dispose(): void }> {
  const watch = provider.watch((environment) => {
    if (environment === 'production') seen += 1;
  });
  await waitFor('the watch stands', () => seen > 0);
  return watch;
}

/** Waits until a change was told, after `count` were. */
const toldAfter = (count: number) => waitFor(`change ${count + 1} is told`, () => seen > count);

it('A3: tells of a changed, a new and a removed key, and of no others', async () => {
  await watched();
  for (const change of [
    () => server.put(`${PREFIX}enable_plain`, 'false'),
    () => server.put(`${PREFIX}enable_new`, 'true'),
    () => server.remove(`${PREFIX}enable_plain`),
  ]) {
    const before = seen;
    await change();
    await toldAfter(before);
  }
  const before = seen;
  await server.put('/elsewhere', 'x');
  await server.put(`${PREFIX}enable_last`, 'x');
  await toldAfter(before);
  expect(seen).toBe(before + 1);
});

it('goes on where it was after a break: a change made meanwhile is told', async () => {
  await watched();
  proxy.rule = (_, __, { client }) => {
    client.resetAndDestroy();
    return 'drop';
  };
  proxy.resetAll();
  const before = seen;
  await server.put(`${PREFIX}enable_plain`, 'false');
  proxy.rule = pass;
  await toldAfter(before);
  const again = seen;
  await server.put(`${PREFIX}enable_plain`, 'true');
  await toldAfter(again);
  // Nothing was told that did not happen.
  expect(seen).toBe(again + 1);
});

it('goes on from now when what happened meanwhile was compacted away, and says that something may have', async () => {
  await watched();
  proxy.rule = (_, __, { client }) => {
    client.resetAndDestroy();
    return 'drop';
  };
  proxy.resetAll();
  for (const value of ['a', 'b', 'c']) await server.put(`${PREFIX}enable_plain`, value);
  const { header } = (await server.ask('/v3/kv/range', { key: b64('x') })) as { header: { revision: string } };
  await server.ask('/v3/kv/compaction', { revision: header.revision });
  const before = seen;
  proxy.rule = pass;
  await toldAfter(before);
  await waitFor('changes are told again', async () => {
    const count = seen;
    await server.put(`${PREFIX}enable_plain`, String(Math.random()));
    return waitFor('told', () => seen > count, { deadlineMs: 500, everyMs: 10 }).catch(() => false);
  });
});

it('survives a restart of the server', async () => {
  await watched();
  await server.restart();
  await waitFor('changes are told again', async () => {
    const count = seen;
    await server.put(`${PREFIX}enable_plain`, String(Math.random()));
    return waitFor('told', () => seen > count, { deadlineMs: 500, everyMs: 10 }).catch(() => false);
  });
});

it('leaves nothing behind: a disposed watch tells nothing and asks no more', async () => {
  const watch = await watched();
  let asked = 0;
  proxy.rule = (from) => {
    if (from === 'up') asked += 1;
    return 'pass';
  };
  watch.dispose();
  const before = seen;
  await server.put(`${PREFIX}enable_plain`, 'false');
  proxy.resetAll();
  await server.put(`${PREFIX}enable_plain`, 'true');
  expect(seen).toBe(before);
  expect(asked).toBe(0);
});
