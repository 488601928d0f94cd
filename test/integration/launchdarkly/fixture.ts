import { launchdarklyFlags } from '../../../electron/providers/flags/launchdarkly/index.ts';
import type { FlagProvider } from '../../../electron/services/flags/provider.ts';
import { launchdarklyConnectionSchema } from '../../../shared/model/config/connections/launchdarkly.ts';
import type { FlagFixture } from '../../contract/flag-provider.ts';
import { type ContextParts, contextOf } from '../../support/flag-context.ts';
import { evaluate } from './evaluate.ts';
import { newFlag, standardFlags } from './flags.ts';
import { type LdServer, startLaunchDarkly, TOKENS } from './server.ts';

export const never = new AbortController().signal;

/** The provider that a configuration makes. */
export function providerOf(
  url: string,
  settings: Record<string, unknown> = {},
  parts: ContextParts = {},
): FlagProvider {
  const config = launchdarklyConnectionSchema.parse({
    id: 'ld',
    kind: 'launchdarkly',
    url,
    project: 'default',
    environments: { production: 'production' },
    credential: 'env:LD_TOKEN',
    ...settings,
  });
  return launchdarklyFlags(config, contextOf({ ...parts, secrets: { LD_TOKEN: TOKENS.writer, ...parts.secrets } }));
}

/** What an SDK would serve each user, by the variant names that the console shows. */
export function served(server: LdServer, key: string, users: readonly string[], environment = 'production') {
  return users.map((user) => {
    const index = evaluate(server.flags, key, environment, user);
    return index === null ? null : String(server.flags.get(key)?.variations[index]?.value);
  });
}

export async function launchdarklyFixture(): Promise<FlagFixture> {
  const server = await startLaunchDarkly(standardFlags());
  let seeded = 0;
  return {
    provider: providerOf(server.url),
    snapshot: async () =>
      JSON.stringify(
        [...server.flags.values()].map((flag) => ({ ...flag, _version: 0 })),
        // Versions and times move with every write.
        (name, value: unknown) => (name === 'version' || name === 'lastModified' ? 0 : value),
      ),
    changeElsewhere: async (key) =>
      server.edit(key, 'production', (config) => {
        config.fallthrough = {
          rollout: {
            variations: [
              { variation: 0, weight: 60_000 },
              { variation: 1, weight: 40_000 },
            ],
          },
        };
      }),
    removeElsewhere: async (key) => server.remove(key),
    evaluate: async (key, users) => served(server, key, users),
    async seedMany(count) {
      const keys = Array.from({ length: count }, (_, index) => `enable_many_${seeded + index}`);
      seeded += count;
      for (const key of keys) server.add(newFlag(key));
      return keys;
    },
    commentOf: async (key) =>
      server.audit.find(({ accesses }) => accesses.some(({ resource }) => resource.endsWith(`flag/${key}`)))?.comment ??
      '',
    http: {
      url: server.url,
      connect: ({ url, caPem, timeoutMs }) =>
        providerOf(
          url,
          { ...(timeoutMs && { timeout: `${timeoutMs}ms` }), ...(caPem && { ca: 'ca.pem' }) },
          { files: { 'ca.pem': caPem ?? '' } },
        ),
    },
    dispose: () => server.stop(),
  };
}
