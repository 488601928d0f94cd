import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { unleashObserver } from '../../../electron/providers/flags/observers/unleash.ts';
import type { FlagProvider } from '../../../electron/services/flags/provider.ts';
import { unleashObserverSchema } from '../../../shared/model/config/connections/observers.ts';
import { PEERS } from '../../../scripts/test/peers.ts';
import { contextOf } from '../../support/flag-context.ts';
import { NODE, type RunningProcess, startProcess, waitFor } from '../../support/processes.ts';
import { type RunningUnleash, startUnleash } from '../../support/unleash.ts';
import { connectUnleash, emptyServer, flagsOf, never, rollout } from './fixture.ts';

let server: RunningUnleash;
let provider: FlagProvider;
beforeAll(async () => {
  server = await startUnleash();
  provider = connectUnleash({ url: server.url, token: server.adminToken });
}, 90_000);
afterAll(async () => {
  provider?.dispose();
  await server?.stop();
});
beforeEach(() => emptyServer(server));

const KEY = 'enable_checkout';

async function makeFlag(): Promise<void> {
  const flags = flagsOf(server);
  await flags.create(KEY);
  await flags.addStrategy(KEY, rollout('30', { title: 'gradual' }));
  await flags.switch(KEY, 'on');
}

async function change(plan: 'kill' | { restore: Awaited<ReturnType<FlagProvider['readFlag']>> }): Promise<void> {
  const flag = await provider.readFlag(KEY, 'production', never);
  const { write } = plan === 'kill' ? provider.planKill(flag) : provider.planRestore(flag, plan.restore);
  const expectRevision = flag.state.revision;
  await provider.apply({ key: KEY, environment: 'production', expectRevision, write, comment: '' }, never);
}

/** What the SDK last told: a 0 or 1 for each user. */
function told(sdk: RunningProcess): string {
  const lines = sdk
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{"atMs"'));
  const last = lines.at(-1);
  return last === undefined ? '' : (JSON.parse(last) as { served: string }).served;
}

function observerOf(token: string) {
  const config = unleashObserverSchema.parse({
    kind: 'unleash',
    region: 'eu-west',
    instance: 'unleash-1',
    url: server.url,
    credential: 'env:TOKEN',
  });
  return unleashObserver(config, {
    ...contextOf({ secrets: { TOKEN: token } }),
    environments: null,
    metricSource: () => null,
  });
}

const BOTH = [
  ['on', true],
  ['off', false],
];

describe('what services get from Unleash', () => {
  it('B7, B16: a running SDK serves the flag to nobody after a kill, and to the same of 1,000 users after its undo', async () => {
    await makeFlag();
    const before = await provider.readFlag(KEY, 'production', never);
    const args = [path.join(PEERS, 'sdk.mjs'), server.url, server.clientToken('production'), '500', KEY, '1000'];
    const sdk = startProcess(NODE, args);
    try {
      const first = await waitFor('some are served', () => (told(sdk).includes('1') ? told(sdk) : null), {
        deadlineMs: 20_000,
      });
      expect(first).toHaveLength(1000);
      expect(first.replaceAll('0', '').length).toBeGreaterThan(200);
      await change('kill');
      await waitFor('nobody is served', () => told(sdk) === '0'.repeat(1000), { deadlineMs: 20_000 });
      await change({ restore: before });
      await waitFor('the same are served again', () => told(sdk) === first, { deadlineMs: 20_000 });
    } finally {
      await sdk.stop();
    }
  });

  it('B5: by a client token: on or off for everyone, both where that depends on the user, so that an undo to a share is observed too; unchanged is a 304', async () => {
    await makeFlag();
    const flags = flagsOf(server);
    await flags.create('enable_all');
    await flags.switch('enable_all', 'on');
    await flags.create('enable_off');
    const observer = observerOf(server.clientToken('production'));
    const keys = [KEY, 'enable_all', 'enable_off'];
    const seen = async () => {
      const found = await observer.observe(keys, 'production', never);
      return Object.fromEntries(
        keys.map((name) => [
          name,
          found.filter(({ key }) => key === name).map(({ variant, value }) => [variant, value]),
        ]),
      );
    };
    try {
      await expect.poll(seen, { timeout: 10_000 }).toEqual({
        [KEY]: BOTH,
        enable_all: [['on', true]],
        enable_off: [['off', false]],
      });
      const before = await provider.readFlag(KEY, 'production', never);
      await change('kill');
      await expect.poll(async () => (await seen())[KEY], { timeout: 10_000 }).toEqual([['off', false]]);
      await change({ restore: before });
      await expect.poll(async () => (await seen())[KEY], { timeout: 10_000 }).toEqual(BOTH);
      const [first] = await observer.observe([KEY], 'production', never);
      expect(first).toMatchObject({ region: 'eu-west', instance: 'unleash-1' });
      expect(observer.paceMs).toBeLessThanOrEqual(100);
    } finally {
      observer.dispose();
    }
  });

  it('B5: by a frontend token: what a few users get', async () => {
    await makeFlag();
    const flags = flagsOf(server);
    await flags.create('enable_all');
    await flags.switch('enable_all', 'on');
    const observer = observerOf(server.frontendToken);
    const seen = async () => {
      const found = await observer.observe(['enable_all', 'enable_nowhere'], 'production', never);
      return found.map(({ key, variant }) => [key, variant]);
    };
    try {
      await expect.poll(seen, { timeout: 10_000 }).toEqual([
        ['enable_all', 'on'],
        ['enable_nowhere', 'off'],
      ]);
    } finally {
      observer.dispose();
    }
  });

  it('E2: a token of neither kind is a credential error', async () => {
    const observer = observerOf('*:production.nonsense');
    await expect(observer.observe([KEY], 'production', never)).rejects.toMatchObject({ code: 'credential' });
    observer.dispose();
  });
});
