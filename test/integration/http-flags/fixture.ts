import { httpFlags } from '../../../electron/providers/flags/http/index.ts';
import type { FlagProvider } from '../../../electron/services/flags/provider.ts';
import { httpConnectionSchema } from '../../../shared/model/config/connections/http.ts';
import type { FlagFixture } from '../../contract/flag-provider.ts';
import { type ContextParts, contextOf } from '../../support/flag-context.ts';
import { newFlag, servedTo, startInHouse, TOKEN } from './server.ts';

export const never = new AbortController().signal;

/** How a team maps its service in scram.yaml. */
export const MAPPING = {
  id: 'inhouse',
  kind: 'http',
  credential: 'env:FLAGS_TOKEN',
  environments: { production: 'prod' },
  auth: { header: 'X-Flag-Token', scheme: '' },
  list: { path: '/v1/$environment/flags?after=$cursor', items: '/data/flags', next: '/data/next' },
  read: { path: '/v1/$environment/flags/$flag' },
  write: {
    path: '/v1/$environment/flags/$flag',
    headers: { 'If-Match': '"$revision"' },
    body: { enabled: '$value', share: '$percentage', reason: '$reason' },
  },
  flag: {
    key: '/name',
    value: '/enabled',
    percentage: '/share',
    revision: '/revision',
    description: '/about',
    owner: '/team',
    changedAt: '/updated/at',
    changedBy: '/updated/by',
  },
};

/** The provider that a configuration makes; `settings` replace those of `MAPPING`. */
export function providerOf(
  url: string,
  settings: Record<string, unknown> = {},
  parts: ContextParts = {},
): FlagProvider {
  const config = httpConnectionSchema.parse({ ...MAPPING, url, ...settings });
  return httpFlags(config, contextOf({ ...parts, secrets: { FLAGS_TOKEN: TOKEN, ...parts.secrets } }));
}

export function standardFlags() {
  return [
    newFlag('enable_rollout', { share: 20 }),
    newFlag('enable_plain'),
    newFlag('ops_disable_dep', { enabled: false }),
    newFlag('layout', { enabled: 'wide' }),
  ];
}

export async function httpFixture(): Promise<FlagFixture> {
  const server = await startInHouse(standardFlags());
  const { prod } = server.environments;
  if (!prod) throw new Error('no environment prod');
  return {
    provider: providerOf(server.url),
    snapshot: async () =>
      JSON.stringify([...prod.values()].map(({ name, enabled, share }) => ({ name, enabled, share }))),
    changeElsewhere: async (key) =>
      server.edit('prod', key, (flag) => {
        flag.share = 60;
      }),
    removeElsewhere: async (key) => void prod.delete(key),
    async evaluate(key, users) {
      const flag = prod.get(key);
      return users.map((user) => (flag ? String(servedTo(flag, user)) : null));
    },
    async seedMany(count) {
      const keys = Array.from({ length: count }, (_, index) => `enable_many_${count}_${index}`);
      for (const key of keys) prod.set(key, newFlag(key));
      return keys;
    },
    commentOf: async (key) => prod.get(key)?.reason ?? '',
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
