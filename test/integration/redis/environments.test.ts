import { afterEach, expect, it } from 'vitest';
import { waitFor } from '../../support/processes.ts';
import { startRedis } from '../../support/redis.ts';
import { JSON_TEXT } from '../flagd/samples.ts';
import { never, providerOf } from './fixture.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

it.each([
  ['keys', { production: 'p:', staging: 's:' }, { 'p:enable_plain': 'true', 's:enable_plain': 'true' }],
  // Two documents of which one's key begins as the other's.
  ['document', { production: 'flags', staging: 'flags.staging' }, { flags: JSON_TEXT, 'flags.staging': JSON_TEXT }],
] as const)('B3: a kill and its notice stay in their environment, layout %s', async (layout, keys, values) => {
  const server = await startRedis();
  ends.push(() => server.stop());
  for (const [key, value] of Object.entries(values)) await server.set(key, value);
  const provider = providerOf(server.url, { layout, keys });
  ends.push(() => provider.dispose());
  const seen: string[] = [];
  provider.watch((environment) => seen.push(environment));
  await waitFor('the watch stands', () => new Set(seen).size === 2);
  const { mark } = await provider.readEnvironment('production', never);
  const flag = await provider.readFlag('enable_plain', 'staging', never);
  expect(flag.providerEnvironment).toBe(keys.staging);
  seen.length = 0;
  const { write } = provider.planKill(flag);
  const request = { key: flag.key, environment: 'staging', expectRevision: flag.state.revision, write, comment: '' };
  await provider.apply(request, never);
  await waitFor('told', () => seen.length > 0);
  expect(new Set(seen)).toEqual(new Set(['staging']));
  expect((await provider.readFlag('enable_plain', 'staging', never)).state.killed).toBe(true);
  expect((await provider.readFlag('enable_plain', 'production', never)).state.killed).toBe(false);
  expect(await provider.readChanges!('production', mark!, never)).toMatchObject({ upserts: [], removals: [] });
});

it('H4: the mark of a document costs one PING while nothing changes', async () => {
  const server = await startRedis();
  ends.push(() => server.stop());
  await server.set('flags', JSON_TEXT);
  const provider = providerOf(server.url, { layout: 'document', keys: { production: 'flags' } });
  ends.push(() => provider.dispose());
  const { mark } = await provider.readEnvironment('production', never);
  await server.command('CONFIG', 'RESETSTAT');
  expect(await provider.readChanges!('production', mark!, never)).toMatchObject({ upserts: [], removals: [] });
  const stats = String(await server.command('INFO', 'commandstats'));
  expect([...stats.matchAll(/^cmdstat_([^:]+):/gm)].map(([, name]) => name).sort()).toEqual([
    'config|resetstat',
    'ping',
  ]);
  await server.set('flags', JSON_TEXT.replace('"defaultVariant":"on"', '"defaultVariant":"off"'));
  expect(await provider.readChanges!('production', mark!, never)).toBeNull();
});
