import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FlagProvider } from '../../../electron/services/flags/provider.ts';
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.ts';
import { type RunningUnleash, startUnleash } from '../../support/unleash.ts';
import { connectUnleash, emptyServer, flagsOf, never, PROJECT, rollout, seedBySql } from './fixture.ts';

const FLAGS = 2_000;
let server: RunningUnleash;
let front: FaultProxy;
let provider: FlagProvider;
beforeAll(async () => {
  server = await startUnleash();
  await emptyServer(server);
  await seedBySql(server, FLAGS);
  // Two of them with several strategies, whose order an export leaves out.
  for (const key of ['bench_000001', 'bench_000002'])
    await flagsOf(server).addStrategy(key, rollout('7', { title: 'more' }));
  front = await startFaultProxy(server.url);
}, 120_000);
afterAll(async () => {
  await front?.stop();
  await server?.stop();
});
beforeEach(() => () => provider?.dispose());

const connect = (largeRead: 'export' | 'single') =>
  connectUnleash({
    url: front.url,
    token: server.adminToken,
    environments: { production: 'production', staging: 'development' },
    largeRead,
  });
/** The paths that were asked for since `from`, by how often. */
function askedSince(from: number): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { method, path } of front.seen.slice(from)) {
    const what = `${method} ${path.replace(/\?.*/, '').replace(/(features)\/bench_\d+/, '$1/F')}`;
    counts[what] = (counts[what] ?? 0) + 1;
  }
  return counts;
}

describe('Unleash: reading many flags', () => {
  it('2,000 flags with their strategies in a few requests, the list shared by the environments, the search never asked', async () => {
    provider = connect('export');
    const from = front.seen.length;
    const [production, staging] = await Promise.all([
      provider.readEnvironment('production', never),
      provider.readEnvironment('staging', never),
    ]);
    expect(production.flags).toHaveLength(FLAGS);
    expect(staging.flags).toHaveLength(FLAGS);
    const asked = askedSince(from);
    expect(asked[`GET ${PROJECT}/features`]).toBe(1);
    expect(asked['POST /api/admin/features-batch/export']).toBe(4);
    expect(asked[`GET ${PROJECT}/features/F`]).toBe(2);
    expect(Object.keys(asked).join()).not.toContain('search/features');
    for (const key of ['bench_000001', 'bench_000049', 'bench_001999']) {
      const listed = production.flags.find((flag) => flag.key === key);
      expect(await provider.readFlag(key, 'production', never)).toEqual(listed);
    }

    const idleFrom = front.seen.length;
    await Promise.all([
      provider.readChanges!('production', production.mark ?? '', never),
      provider.readChanges!('staging', staging.mark ?? '', never),
    ]);
    expect(askedSince(idleFrom)).toEqual({ 'GET /api/admin/search/events': 1 });

    // The list again, and nothing else: no event told of a change to a strategy.
    const againFrom = front.seen.length;
    const again = await provider.readEnvironment('production', never);
    expect(again.flags.map(({ state }) => state)).toEqual(production.flags.map(({ state }) => state));
    expect(askedSince(againFrom)['POST /api/admin/features-batch/export']).toBeUndefined();
    expect(askedSince(againFrom)[`GET ${PROJECT}/features/F`]).toBeUndefined();
  });

  it('trap of the 304: an idle look is answered 304, also where it was sent with no-cache by others', async () => {
    provider = connect('export');
    const { mark } = await provider.readEnvironment('production', never);
    await provider.readChanges!('production', mark ?? '', never);
    const from = front.seen.length;
    const statuses: number[] = [];
    front.fault = async (call) => {
      const answer = await call.forward();
      statuses.push(answer.status);
      call.response.writeHead(answer.status, { ...answer.headers }).end(answer.body);
    };
    try {
      expect(await provider.readChanges!('production', mark ?? '', never)).toMatchObject({ upserts: [], removals: [] });
    } finally {
      front.fault = null;
    }
    expect(statuses).toEqual([304]);
    expect(front.seen.slice(from).map(({ headers }) => headers['cache-control'])).toEqual(['max-age=0']);
  });

  it('changes of every kind are told by one look: switched, a strategy, a tag, stale, new, archived, by a bulk write', async () => {
    provider = connect('export');
    const flags = flagsOf(server);
    const { mark } = await provider.readEnvironment('production', never);
    const keys = (from: number, count: number) =>
      Array.from({ length: count }, (_, i) => `bench_${String(from + i).padStart(6, '0')}`);
    await flags.switch('bench_000010', 'off');
    await flags.addStrategy('bench_000011', rollout('3'));
    await server.api('POST', '/api/admin/features/bench_000012/tags', { type: 'simple', value: 'payments' });
    await server.api('POST', `${PROJECT}/stale`, { features: ['bench_000013'], stale: true });
    await flags.create('enable_new');
    await server.api('DELETE', `${PROJECT}/features/bench_000014`);
    await flags.switch('bench_000015', 'off', 'development');
    await server.api('POST', `${PROJECT}/bulk_features/environments/production/off`, { features: keys(100, 150) });
    const changes = await provider.readChanges!('production', mark ?? '', never);
    const told = new Map(changes?.upserts.map((flag) => [flag.key, flag]));
    expect(told.get('bench_000010')?.state.killed).toBe(true);
    expect(told.get('bench_000011')?.state.targeting).toContain('3 %');
    expect(told.get('bench_000012')?.tags).toEqual(['payments']);
    expect(told.get('bench_000013')?.stale).toBe(true);
    expect(told.get('enable_new')?.state.exposure).toBe('nobody');
    expect(changes?.removals).toEqual(['bench_000014']);
    expect(told.has('bench_000015')).toBe(false);
    for (const key of keys(100, 150)) expect(told.get(key)?.state.killed).toBe(true);
    expect(told.get('bench_000100')?.changedBy).toBe('admin');
    for (const key of ['bench_000011', 'bench_000100', 'bench_000012']) {
      expect(await provider.readFlag(key, 'production', never)).toEqual(told.get(key));
    }
  });

  it('flag by flag where exports are not wanted: no event is left in the log', async () => {
    const events = async () => {
      const [row] = await server.sql("select count(*) as count from events where type = 'features-exported'");
      return Number(row?.count);
    };
    const before = await events();
    expect(before).toBeGreaterThan(0);
    provider = connect('single');
    const from = front.seen.length;
    const { flags } = await provider.readEnvironment('production', never);
    expect(flags.length).toBeGreaterThanOrEqual(FLAGS - 1);
    expect(askedSince(from)[`GET ${PROJECT}/features/F`]).toBeGreaterThanOrEqual(FLAGS - 1);
    expect(await events()).toBe(before);
  }, 180_000);
});
