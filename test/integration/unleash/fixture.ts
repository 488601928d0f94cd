import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { unleashFlags } from '../../../electron/providers/flags/unleash/index.ts';
import type { FlagProvider } from '../../../electron/services/flags/provider.ts';
import { unleashConnectionSchema } from '../../../shared/model/config/connections/unleash.ts';
import { PEERS } from '../../../scripts/test/peers.ts';
import type { FlagFixture } from '../../contract/flag-provider.ts';
import { contextOf, type ContextParts } from '../../support/flag-context.ts';
import { waitFor } from '../../support/processes.ts';
import type { RunningUnleash } from '../../support/unleash.ts';

export const never = new AbortController().signal;
export const PROJECT = '/api/admin/projects/default';

export interface Connect {
  readonly url: string;
  readonly token: string;
  readonly caPem?: string;
  readonly timeoutMs?: number;
  readonly project?: string;
  readonly environments?: Readonly<Record<string, string>>;
  readonly largeRead?: 'export' | 'single';
  readonly safeDefaults?: ContextParts['safeDefaults'];
}

export function connectUnleash(options: Connect): FlagProvider {
  const config = unleashConnectionSchema.parse({
    id: 'flags-eu',
    kind: 'unleash',
    url: options.url,
    credential: 'env:UNLEASH_TOKEN',
    project: options.project ?? 'default',
    environments: options.environments ?? { production: 'production' },
    timeout: `${options.timeoutMs ?? 10_000}ms`,
    ...(options.largeRead === undefined ? {} : { largeRead: options.largeRead }),
    ...(options.caPem === undefined ? {} : { ca: 'ca.pem' }),
  });
  return unleashFlags(
    config,
    contextOf({
      secrets: { UNLEASH_TOKEN: options.token },
      files: { 'ca.pem': options.caPem ?? '' },
      ...(options.safeDefaults ? { safeDefaults: options.safeDefaults } : {}),
    }),
  );
}

/** Flags of the default project, at the server. */
export function flagsOf(server: RunningUnleash) {
  const at = (key: string, environment: string) => `${PROJECT}/features/${key}/environments/${environment}`;
  return {
    create: (name: string, body: object = {}) =>
      server.api('POST', `${PROJECT}/features`, { name, type: 'release', ...body }),
    addStrategy: async (key: string, strategy: object, environment = 'production'): Promise<string> => {
      const added = (await server.api('POST', `${at(key, environment)}/strategies`, strategy)) as { id: string };
      return added.id;
    },
    switch: (key: string, to: 'on' | 'off', environment = 'production') =>
      server.api('POST', `${at(key, environment)}/${to}`),
    patchStrategy: (key: string, id: string, patch: readonly object[], environment = 'production') =>
      server.api('PATCH', `${at(key, environment)}/strategies/${id}`, patch),
    /** As the server has it, ids and all; without what moves by itself. */
    read: async (key: string): Promise<ServerFlag> => {
      const flag = (await server.api('GET', `${PROJECT}/features/${key}?variantEnvironments=true`)) as ServerFlag;
      const { lifecycle: _, ...rest } = flag as ServerFlag & { lifecycle?: unknown };
      return rest;
    },
    list: async (): Promise<string[]> => {
      const { features } = (await server.api('GET', `${PROJECT}/features`)) as { features: { name: string }[] };
      return features.map(({ name }) => name).sort();
    },
  };
}

export interface ServerStrategy {
  readonly id: string;
  readonly name: string;
  readonly title: string | null;
  readonly disabled: boolean;
  readonly parameters: Record<string, string>;
  readonly constraints: unknown[];
  readonly variants: unknown[];
  readonly segments?: number[];
  readonly sortOrder: number;
}
export interface ServerFlag {
  readonly name: string;
  readonly environments: { name: string; enabled: boolean; strategies: ServerStrategy[] }[];
}

export function environmentOf(flag: ServerFlag, name = 'production') {
  return flag.environments.find((environment) => environment.name === name)!;
}

export const rollout = (share: string, more: object = {}) => ({
  name: 'flexibleRollout',
  parameters: { rollout: share, stickiness: 'userId', groupId: 'group' },
  constraints: [],
  variants: [],
  segments: [],
  ...more,
});

/**
 * Every flag gone for good. Not by the API: Unleash notes the stages of a flag's life a moment after they began, and ends
 * (an unhandled rejection) when the flag is deleted before that; so what it has still to note is waited for.
 */
export async function emptyServer(server: RunningUnleash): Promise<void> {
  const notNoted = (stage: string) =>
    `not exists (select from feature_lifecycles where feature = name and stage = '${stage}')`;
  await waitFor('the stages of every flag are noted', async () => {
    const [row] = await server.sql(
      `select count(*) as open from features
       where ${notNoted('initial')} or (archived_at is not null and ${notNoted('archived')})`,
    );
    return Number(row?.open) === 0;
  });
  await server.sql('delete from dependent_features');
  await server.sql('delete from features');
}

/** Flags `bench_000000` and on, on in production by a gradual rollout each, written past the API for speed. */
export async function seedBySql(server: RunningUnleash, count: number): Promise<void> {
  const numbers = `generate_series(0, ${count - 1}) i`;
  const name = "'bench_' || lpad(i::text, 6, '0')";
  const environments = "unnest(array['development', 'production']) e";
  await server.sql(
    `insert into features(name, description, type, project) select ${name}, 'Flag ' || i, 'release', 'default' from ${numbers}`,
  );
  await server.sql(
    `insert into feature_environments(environment, feature_name, enabled) select e, ${name}, true from ${numbers}, ${environments}`,
  );
  await server.sql(
    `insert into feature_strategies(id, feature_name, project_name, environment, strategy_name, parameters, constraints, sort_order)
     select gen_random_uuid()::text, ${name}, 'default', e, 'flexibleRollout',
       json_build_object('rollout', (i % 100 + 1)::text, 'stickiness', 'default', 'groupId', ${name}), '[]', 0
     from ${numbers}, ${environments}`,
  );
  await server.sql(`insert into feature_lifecycles(feature, stage) select ${name}, 'initial' from ${numbers}`);
  await server.sql('analyze');
}

interface Sdk {
  isEnabled(flag: string, context: { userId: string; sessionId: string }): boolean;
  destroy(): void;
}
interface SdkModule {
  startUnleash(options: object): Promise<Sdk>;
}

/** What counts at the client API; creation, tags and the like do not move its revision. */
const SERVED = /^feature-(environment|strategy|archived|revived|dependenc)/;

/** Who gets the flag by Unleash's own SDK, once the server serves everything that has happened so far. */
export async function evaluate(server: RunningUnleash, key: string, users: readonly string[]): Promise<string[]> {
  const token = server.clientToken('production');
  const { events } = (await server.api('GET', '/api/admin/search/events?limit=50&project=IS:default')) as {
    events: { id: number; type: string }[];
  };
  const newest = Math.max(0, ...events.filter(({ type }) => SERVED.test(type)).map(({ id }) => id));
  await waitFor('the server serves the newest state', async () => {
    const answer = await fetch(`${server.url}/api/client/features`, { headers: { authorization: token } });
    const { meta } = (await answer.json()) as { meta: { revisionId: number } };
    return meta.revisionId >= newest;
  });
  const entry = pathToFileURL(path.join(PEERS, 'node_modules/unleash-client/lib/index.js')).href;
  const { startUnleash } = (await import(entry)) as SdkModule;
  const sdk = await startUnleash({
    url: `${server.url}/api`,
    appName: 'scram-test',
    customHeaders: { Authorization: token },
    disableMetrics: true,
    refreshInterval: 3_600_000,
    skipInstanceCountWarning: true,
    backupPath: '/nonexistent',
    storageProvider: { set: async () => undefined, get: async () => undefined },
  });
  try {
    return users.map((userId) => (sdk.isEnabled(key, { userId, sessionId: userId }) ? 'on' : 'off'));
  } finally {
    sdk.destroy();
  }
}

/** The contract's flags on a server that several fixtures use one after the other: each begins by emptying it. */
export async function unleashFixture(server: RunningUnleash): Promise<FlagFixture> {
  const flags = flagsOf(server);
  await emptyServer(server);
  await flags.create('enable_rollout', { description: 'Recommendations' });
  await flags.addStrategy('enable_rollout', rollout('20', { title: 'gradual' }));
  await flags.switch('enable_rollout', 'on');
  await flags.create('enable_plain');
  await flags.switch('enable_plain', 'on');
  await flags.create('ops_disable_dep', { type: 'kill-switch' });
  let seeded = 0;
  const connect = (options: { url: string; caPem?: string; timeoutMs?: number }) =>
    connectUnleash({ ...options, token: server.adminToken });
  return {
    provider: connect({ url: server.url }),
    holds: 'boolean',
    snapshot: async () => JSON.stringify(await Promise.all((await flags.list()).map(flags.read))),
    changeElsewhere: async (key) => {
      const { enabled } = environmentOf(await flags.read(key));
      await flags.switch(key, enabled ? 'off' : 'on');
    },
    removeElsewhere: async (key) => {
      await server.api('DELETE', `${PROJECT}/features/${key}`);
    },
    evaluate: (key, users) => evaluate(server, key, users),
    seedMany: async (count) => {
      const keys = Array.from({ length: count }, () => `seeded_${seeded++}`);
      const open = keys.values();
      await Promise.all(
        Array.from({ length: 4 }, async () => {
          for (const key of open) await flags.create(key);
        }),
      );
      return keys;
    },
    http: {
      url: server.url,
      connect,
      // Reading many strategies at once is a POST, too.
      isWrite: ({ method, path: at }) => method !== 'GET' && !at.includes('/features-batch/export'),
    },
    dispose: async () => undefined,
  };
}
