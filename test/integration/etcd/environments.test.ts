import { afterEach, expect, it } from 'vitest';
import { startEtcd } from '../../support/etcd.ts';
import { waitFor } from '../../support/processes.ts';
import { JSON_TEXT } from '../flagd/samples.ts';
import { never, providerOf } from './fixture.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

it.each([
  [
    'keys',
    { production: '/flags/p/', staging: '/flags/s/' },
    { '/flags/p/enable_plain': 'true', '/flags/s/enable_plain': 'true' },
  ],
  ['document', { production: '/flags/p', staging: '/flags/p2' }, { '/flags/p': JSON_TEXT, '/flags/p2': JSON_TEXT }],
] as const)('B3: a kill and its notice stay in their environment, layout %s', async (layout, keys, values) => {
  const server = await startEtcd();
  ends.push(() => server.stop());
  for (const [key, value] of Object.entries(values)) await server.put(key, value);
  const provider = providerOf(server.url, { layout, keys });
  ends.push(() => provider.dispose());
  const seen: string[] = [];
  provider.watch((environment) => seen.push(environment));
  await waitFor('both watches stand', () => new Set(seen).size === 2 || layout === 'document');
  const flag = await provider.readFlag('enable_plain', 'staging', never);
  expect(flag.providerEnvironment).toBe(keys.staging);
  expect(provider.providerEnvironment?.('staging')).toBe(keys.staging);
  await waitFor('the watch of staging tells', async () => {
    seen.length = 0;
    for (const [key, value] of Object.entries(values)) if (key.startsWith(keys.staging)) await server.put(key, value);
    return waitFor('told', () => seen.length > 0, { deadlineMs: 500 }).catch(() => false);
  });
  seen.length = 0;
  const { write } = provider.planKill(flag);
  const request = { key: flag.key, environment: 'staging', expectRevision: flag.state.revision, write, comment: '' };
  await provider.apply(request, never);
  await waitFor('told', () => seen.length > 0);
  expect(new Set(seen)).toEqual(new Set(['staging']));
  expect((await provider.readFlag('enable_plain', 'staging', never)).state.killed).toBe(true);
  expect((await provider.readFlag('enable_plain', 'production', never)).state.killed).toBe(false);
});
