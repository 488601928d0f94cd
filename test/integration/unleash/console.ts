import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Entry, EntryData } from '../../../shared/model/entry.ts';
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.ts';
import { waitFor } from '../../support/processes.ts';
import { type RunningUnleash, startUnleash } from '../../support/unleash.ts';
import { type RunningHost, runScram, startWebHost } from '../../support/web-host.ts';
import { environmentOf, flagsOf, rollout, type ServerFlag } from './fixture.ts';

export const PRICING = 'enable_new_pricing';
export const RECS = 'ops_disable_recs';

/** What a person would write: the console behind a proxy of ours, its observer straight at the server. */
function configText(proxyUrl: string, serverUrl: string): string {
  return `version: 1
team: payments
environments:
  production: { tone: production, propagationObjective: 30s }
  staging: {}
connections:
  - id: flags-eu
    kind: unleash
    url: ${proxyUrl}
    project: default
    environments: { production: production, staging: development }
    credential: env:FLAGS_EU_ADMIN
    timeout: 1s
    poll: 1s
    refresh: 5s
    observers:
      - { kind: unleash, region: eu-west, instance: unleash-1, url: ${serverUrl}, credential: env:FLAGS_EU_CLIENT }
services:
  - id: checkout
    owner: payments
    flags: [ { connection: flags-eu, key: ${PRICING} } ]
    dependencies: [ { id: recommendations, killSwitch: ${RECS} } ]
flags:
  - { key: ${RECS}, type: ops, polarity: disables, owner: payments, fallback: popular items, failState: feature-on, critical: true }
killSets: [ { id: checkout-minimum, flags: [${PRICING}, ${RECS}] } ]
`;
}

export interface Console {
  readonly server: RunningUnleash;
  readonly proxy: FaultProxy;
  readonly folder: string;
  readonly dataDir: string;
  readonly config: string;
  /** What the terminal and the web hosts wrote so far, for the secrets that must not be in it. */
  said(): string;
  /** One terminal command, as a user would give it. */
  scram(...args: string[]): ReturnType<typeof runScram>;
  scramWith(env: Record<string, string>, ...args: string[]): ReturnType<typeof runScram>;
  startHost(): Promise<RunningHost>;
  /** The flag at Unleash, past the proxy: ids, strategies, constraints, variants and all. */
  flag(key: string): Promise<ServerFlag>;
  enabled(key: string, environment?: 'production' | 'development'): Promise<boolean>;
  /** What the ledger says of the changes since the last call, oldest first. */
  ledgerNews(): Promise<EntryData[]>;
  stop(): Promise<void>;
}

/** A real Unleash with two flags that have everything an undo could lose, and a folder with a configuration for it. */
export async function startConsole(): Promise<Console> {
  const server = await startUnleash();
  const proxy = await startFaultProxy(server.url, {
    isWrite: ({ method, path: at }) => method !== 'GET' && !at.includes('/features-batch/export'),
  });
  await makeFlags(server);
  const folder = await mkdtemp(path.join(os.tmpdir(), 'scram-unleash-'));
  const dataDir = path.join(folder, 'data');
  await mkdir(dataDir);
  const config = path.join(folder, 'scram.yaml');
  await writeFile(config, configText(proxy.url, server.url));
  const credentials = { FLAGS_EU_ADMIN: server.adminToken, FLAGS_EU_CLIENT: server.clientToken('production') };
  const hosts: RunningHost[] = [];
  const said: string[] = [];
  let seen = 0;

  async function scramWith(env: Record<string, string>, ...args: string[]) {
    const result = await runScram([...args, '--data-dir', dataDir, '--config', config], { cwd: folder, env });
    said.push(result.stdout, result.stderr);
    return result;
  }
  const scram = (...args: string[]) => scramWith(credentials, ...args);
  const flag = flagsOf(server).read;
  return {
    server,
    proxy,
    folder,
    dataDir,
    config,
    said: () => [...said, ...hosts.map((host) => host.log())].join('\n'),
    scram,
    scramWith,
    async startHost() {
      const host = await startWebHost({ dataDir, config, env: credentials });
      hosts.push(host);
      return host;
    },
    flag,
    enabled: async (key, environment = 'production') => environmentOf(await flag(key), environment).enabled,
    async ledgerNews() {
      const { stdout } = await scram('ledger', 'show', '--json');
      const { entries } = JSON.parse(stdout) as { entries: Entry[] };
      const fresh = entries.filter(({ body }) => body.sequence > seen).reverse();
      seen = Math.max(seen, ...fresh.map(({ body }) => body.sequence));
      return fresh.map(({ body }) => body.data).filter(({ kind }) => kind.startsWith('change.'));
    },
    async stop() {
      for (const host of hosts) await host.stop();
      await proxy.stop();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function makeFlags(server: RunningUnleash): Promise<void> {
  const flags = flagsOf(server);
  await flags.create(PRICING, { description: 'New prices at the checkout' });
  const variant = (name: string, weight: number) => ({
    name,
    weight,
    weightType: name === 'blue' ? 'fix' : 'variable',
    stickiness: 'userId',
    payload: { type: 'json', value: `{"prices":"${name}"}` },
  });
  await flags.addStrategy(
    PRICING,
    rollout('35', {
      title: 'gradual',
      constraints: [
        { contextName: 'country', operator: 'IN', values: ['DE', 'AT'], inverted: false, caseInsensitive: false },
        { contextName: 'userId', operator: 'NOT_IN', values: ['7'], inverted: false, caseInsensitive: false },
      ],
      variants: [variant('blue', 300), variant('green', 700)],
    }),
  );
  const staff = {
    contextName: 'userId',
    operator: 'IN',
    values: ['ada', 'grace'],
    inverted: false,
    caseInsensitive: false,
  };
  await flags.addStrategy(PRICING, rollout('100', { title: 'staff', constraints: [staff] }));
  await flags.switch(PRICING, 'on');
  await flags.switch(PRICING, 'on', 'development');
  await flags.create(RECS, { type: 'kill-switch' });
  // Unleash notes a moment later that a flag has begun to live; what is compared later has it from the start.
  await waitFor('the flags are listed', async () => (await flags.list()).length === 2);
}

/** The changes of one flag that the JSON of `scram kill` tells of. */
export interface Killed {
  readonly environment: string;
  readonly results: readonly {
    readonly flag: string;
    readonly exitCode: number;
    readonly error: string | null;
    readonly change: { readonly change: { readonly hash: string }; readonly stage: string } | null;
  }[];
}

export const killedOf = (stdout: string) => JSON.parse(stdout) as Killed;
