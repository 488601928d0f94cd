import { flagsmithFlags } from '../../../electron/providers/flags/flagsmith/index.ts';
import type { FlagProvider } from '../../../electron/services/flags/provider.ts';
import { flagsmithConnectionSchema } from '../../../shared/model/config/connections/flagsmith.ts';
import type { FlagFixture } from '../../contract/flag-provider.ts';
import { contextOf } from '../../support/flag-context.ts';
import { type FlagsmithServer, startFlagsmithServer } from './server.ts';
import { inSplit, percentageSplit } from './store.ts';

export const never = new AbortController().signal;

export interface FlagsmithConnect {
  readonly url: string;
  readonly caPem?: string;
  readonly timeoutMs?: number;
  readonly environments?: Record<string, string>;
  readonly safeDefaults?: Readonly<Record<string, string>>;
  readonly secret?: string;
  /** Clock that runs ahead by so many milliseconds. */
  readonly aheadMs?: () => number;
}

export function connectFlagsmith(server: FlagsmithServer, options: FlagsmithConnect): FlagProvider {
  const config = flagsmithConnectionSchema.parse({
    kind: 'flagsmith',
    id: 'flagsmith-shop',
    url: options.url,
    credential: 'env:FLAGSMITH_KEY',
    project: 7,
    environments: options.environments ?? { production: 'Production' },
    timeout: `${options.timeoutMs ?? 5000}ms`,
    ...(options.caPem === undefined ? {} : { ca: 'ca.pem' }),
  });
  const context = contextOf({
    secrets: { FLAGSMITH_KEY: options.secret ?? server.key },
    files: { 'ca.pem': options.caPem ?? '' },
    ...(options.safeDefaults ? { safeDefaults: options.safeDefaults } : {}),
  });
  const now = () => context.clock.now() + (options.aheadMs?.() ?? 0);
  return flagsmithFlags(config, { ...context, clock: { ...context.clock, now } });
}

export interface FlagsmithFixture extends FlagFixture {
  readonly server: FlagsmithServer;
}

export interface FixtureOptions {
  readonly versioning?: boolean;
  readonly edge?: boolean;
  readonly safeDefaults?: Readonly<Record<string, string>>;
}

/** `enable_rollout` is off, with an override for a segment of 20 % of all identities. */
export async function flagsmithFixture(options: FixtureOptions = {}): Promise<FlagsmithFixture> {
  const server = await startFlagsmithServer({ edge: options.edge ?? false });
  server.settings.use_v2_feature_versioning = options.versioning ?? false;
  server.add('enable_rollout', { description: 'Recommendations' });
  const segment: number = server.segment('fifth', percentageSplit(20), (user) => inSplit(() => segment, 20)(user));
  server.overrideSegment('enable_rollout', segment, { enabled: true });
  server.add('enable_plain', { enabled: true });
  server.add('ops_disable_dep');
  server.add('layout', {
    type: 'MULTIVARIATE',
    enabled: true,
    value: 'wide',
    initial_value: 'wide',
    options: [{ id: 501, value: 'narrow' }],
    shares: [[501, 0]],
  });
  const more = options.safeDefaults ? { safeDefaults: options.safeDefaults } : {};
  const url = `${server.url}/api/v1`;
  let seeded = 0;
  return {
    server,
    provider: connectFlagsmith(server, { url, ...more }),
    snapshot: async () => JSON.stringify(server.held()),
    changeElsewhere: async (key) =>
      server.change(key, () => {
        const row = server.own(key);
        row.enabled = !row.enabled;
        row.updatedAt = new Date().toISOString();
      }),
    removeElsewhere: async (key) => server.remove(key),
    evaluate: async (key, users) => users.map((user) => server.evaluate(key, user)),
    seedMany: async (count) => {
      const keys = Array.from({ length: count }, (_, index) => `seeded_${seeded + index}`);
      seeded += count;
      for (const key of keys) server.add(key);
      return keys;
    },
    http: { url, connect: (at) => connectFlagsmith(server, { ...more, ...at }) },
    dispose: () => server.stop(),
  };
}
