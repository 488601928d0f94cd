import { fliptFlags } from '../../../electron/providers/flags/flipt/index.ts';
import type { FlagProvider } from '../../../electron/services/flags/provider.ts';
import { fliptConnectionSchema } from '../../../shared/model/config/connections/flipt.ts';
import type { FlagFixture } from '../../contract/flag-provider.ts';
import { type ContextParts, contextOf } from '../../support/flag-context.ts';
import { type FliptPayload, type FliptServer, payload, startFliptServer, threshold } from './server.ts';

export const never = new AbortController().signal;

export interface FliptConnect {
  readonly url: string;
  readonly caPem?: string;
  readonly timeoutMs?: number;
  readonly environments?: Record<string, string>;
  readonly safeDefaults?: ContextParts['safeDefaults'];
}

export function connectFlipt(server: FliptServer, options: FliptConnect): FlagProvider {
  const config = fliptConnectionSchema.parse({
    kind: 'flipt',
    id: 'flipt-shop',
    url: options.url,
    credential: 'env:FLIPT_TOKEN',
    namespace: 'shop',
    environments: options.environments ?? { production: 'prod' },
    timeout: `${options.timeoutMs ?? 5000}ms`,
    ...(options.caPem === undefined ? {} : { ca: 'ca.pem' }),
  });
  return fliptFlags(
    config,
    contextOf({
      secrets: { FLIPT_TOKEN: server.token },
      files: { 'ca.pem': options.caPem ?? '' },
      ...(options.safeDefaults ? { safeDefaults: options.safeDefaults } : {}),
    }),
  );
}

const FLAGS: readonly FliptPayload[] = [
  payload('enable_rollout', {
    description: 'Recommendations',
    rollouts: [threshold(20, true)],
    metadata: { owner: 'shop', team: { id: 7 } },
  }),
  payload('enable_plain', { enabled: true }),
  payload('ops_disable_dep'),
  payload('layout', {
    type: 'VARIANT_FLAG_TYPE',
    enabled: true,
    variants: [
      { key: 'wide', name: 'Wide', description: '', attachment: { columns: 3 } },
      { key: 'narrow', name: 'Narrow', description: '' },
    ],
    defaultVariant: 'wide',
  }),
];

export interface FliptFixture extends FlagFixture {
  readonly server: FliptServer;
}

export async function fliptFixture(options: Partial<FliptConnect> = {}): Promise<FliptFixture> {
  const server = await startFliptServer();
  for (const flag of structuredClone(FLAGS)) server.flags.set(flag.key, flag);
  return {
    server,
    provider: connectFlipt(server, { url: server.url, ...options }),
    snapshot: async () => JSON.stringify([...server.flags]),
    changeElsewhere: async (key) =>
      server.commit(() => {
        const flag = server.flags.get(key);
        if (flag) server.flags.set(key, { ...flag, enabled: !flag.enabled });
      }),
    removeElsewhere: async (key) => server.commit(() => server.flags.delete(key)),
    evaluate: async (key, users) => users.map((user) => server.evaluate(key, user)),
    seedMany: async (count) => {
      const keys = Array.from({ length: count }, (_, index) => `seeded_${server.flags.size + index}`);
      server.commit(() => {
        for (const key of keys) server.flags.set(key, payload(key));
      });
      return keys;
    },
    http: { url: server.url, connect: (at) => connectFlipt(server, { ...options, ...at }) },
    dispose: () => server.stop(),
  };
}
