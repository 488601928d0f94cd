import { etcdFlags } from '../../../electron/providers/flags/etcd/index.ts';
import type { FlagProvider } from '../../../electron/services/flags/provider.ts';
import { etcdConnectionSchema } from '../../../shared/model/config/connections/stores.ts';
import type { FlagFixture } from '../../contract/flag-provider.ts';
import { type RunningEtcd, startEtcd } from '../../support/etcd.ts';
import { type ContextParts, contextOf } from '../../support/flag-context.ts';
import { JSON_EDITS, JSON_TEXT } from '../flagd/samples.ts';
import { edited } from '../document/file-fixture.ts';
import { evaluate } from '../flagd/fixture.ts';

export const PREFIX = '/flags/production/';
export const never = new AbortController().signal;

/** The provider that a configuration makes. */
export function providerOf(
  url: string,
  settings: Record<string, unknown> = {},
  parts: ContextParts = {},
): FlagProvider {
  const config = etcdConnectionSchema.parse({
    id: 'flags',
    kind: 'etcd',
    url,
    keys: { production: PREFIX },
    ...settings,
  });
  return etcdFlags(config, contextOf(parts));
}

/** What services read: the text of a key. Theirs is no targeting, so that every user gets the same. */
export const KEYS: Readonly<Record<string, string>> = {
  enable_rollout: 'true',
  enable_plain: 'true',
  ops_disable_dep: 'false',
};

export async function fill(server: RunningEtcd, prefix = PREFIX): Promise<void> {
  for (const [key, value] of Object.entries(KEYS)) await server.put(prefix + key, value);
}

/** No user is configured on this server; logins have tests of their own. */
function httpEnd(server: RunningEtcd, connect: typeof providerOf): NonNullable<FlagFixture['http']> {
  return {
    url: server.url,
    anonymous: true,
    isWrite: ({ path }) => path.endsWith('/txn'),
    connect: ({ url, caPem, timeoutMs }) =>
      connect(
        url,
        { ...(timeoutMs && { timeout: `${timeoutMs}ms` }), ...(caPem && { ca: 'ca.pem' }) },
        { files: { 'ca.pem': caPem ?? '' } },
      ),
  };
}

export async function keysFixture(): Promise<FlagFixture> {
  const server = await startEtcd();
  await fill(server);
  return {
    provider: providerOf(server.url),
    holds: 'switch',
    snapshot: async () => JSON.stringify(await server.all(PREFIX)),
    changeElsewhere: (key) => server.put(PREFIX + key, KEYS[key] === 'true' ? 'false' : 'true'),
    removeElsewhere: (key) => server.remove(PREFIX + key),
    evaluate: async (key, users) => {
      const value = (await server.all(PREFIX))[PREFIX + key] ?? null;
      return users.map(() => value);
    },
    async seedMany(count) {
      const names = Array.from({ length: count }, (_, index) => `enable_many_${count}_${index}`);
      for (const name of names) await server.put(PREFIX + name, 'false');
      return names;
    },
    http: httpEnd(server, providerOf),
    dispose: () => server.stop(),
  };
}

export const DOCUMENT = 'flags.json';

/** The whole flag file in one key. */
export async function documentFixture(): Promise<FlagFixture> {
  const server = await startEtcd();
  await server.put(DOCUMENT, Buffer.from(JSON_TEXT));
  const text = async () => Buffer.from((await server.all(DOCUMENT))[DOCUMENT] ?? '', 'latin1').toString('utf8');
  const edit = async (how: Parameters<typeof edited>[1]) =>
    server.put(DOCUMENT, Buffer.from(edited(await text(), how)));
  const connect = (url: string, settings: Record<string, unknown> = {}, parts: ContextParts = {}) =>
    providerOf(url, { layout: 'document', keys: { production: DOCUMENT }, ...settings }, parts);
  return {
    provider: connect(server.url),
    snapshot: text,
    changeElsewhere: (key) => edit(JSON_EDITS.change[key]),
    removeElsewhere: (key) => edit(JSON_EDITS.remove[key]),
    evaluate: async (key, users) => evaluate(await text(), key, users),
    http: httpEnd(server, connect),
    dispose: () => server.stop(),
  };
}
