import { redisFlags } from '../../../electron/providers/flags/redis/index.ts';
import type { FlagProvider } from '../../../electron/services/flags/provider.ts';
import { redisConnectionSchema } from '../../../shared/model/config/connections/stores.ts';
import type { FlagFixture } from '../../contract/flag-provider.ts';
import { type ContextParts, contextOf } from '../../support/flag-context.ts';
import { type RunningRedis, startRedis } from '../../support/redis.ts';
import { JSON_EDITS, JSON_TEXT } from '../flagd/samples.ts';
import { edited } from '../document/file-fixture.ts';
import { evaluate } from '../flagd/fixture.ts';

export const PREFIX = 'flags:production:';
export const never = new AbortController().signal;

/** The provider that a configuration makes. */
export function providerOf(
  url: string,
  settings: Record<string, unknown> = {},
  parts: ContextParts = {},
): FlagProvider {
  const keys = { production: PREFIX };
  return redisFlags(
    redisConnectionSchema.parse({ id: 'flags', kind: 'redis', url, keys, ...settings }),
    contextOf(parts),
  );
}

export const KEYS: Readonly<Record<string, string>> = {
  enable_rollout: 'true',
  enable_plain: 'true',
  ops_disable_dep: 'false',
};

export async function fill(server: RunningRedis): Promise<void> {
  for (const [key, value] of Object.entries(KEYS)) await server.set(PREFIX + key, value);
}

export async function keysFixture(): Promise<FlagFixture> {
  const server = await startRedis();
  await fill(server);
  return {
    provider: providerOf(server.url),
    holds: 'switch',
    snapshot: async () => JSON.stringify(await server.all(PREFIX)),
    changeElsewhere: (key) => server.set(PREFIX + key, KEYS[key] === 'true' ? 'false' : 'true'),
    removeElsewhere: (key) => server.remove(PREFIX + key),
    evaluate: async (key, users) => {
      const value = (await server.all(PREFIX))[PREFIX + key] ?? null;
      return users.map(() => value);
    },
    async seedMany(count) {
      const names = Array.from({ length: count }, (_, index) => `enable_many_${count}_${index}`);
      for (const name of names) await server.set(PREFIX + name, 'false');
      return names;
    },
    dispose: () => server.stop(),
  };
}

export const DOCUMENT = 'flags.json';

/** The whole flag file in one key. */
export async function documentFixture(): Promise<FlagFixture> {
  const server = await startRedis();
  await server.set(DOCUMENT, Buffer.from(JSON_TEXT));
  const text = async () => Buffer.from((await server.all(DOCUMENT))[DOCUMENT] ?? '', 'latin1').toString('utf8');
  const edit = async (how: Parameters<typeof edited>[1]) =>
    server.set(DOCUMENT, Buffer.from(edited(await text(), how)));
  const connect = (url: string, settings: Record<string, unknown> = {}, parts: ContextParts = {}) =>
    providerOf(url, { layout: 'document', keys: { production: DOCUMENT }, ...settings }, parts);
  return {
    provider: connect(server.url),
    snapshot: text,
    changeElsewhere: (key) => edit(JSON_EDITS.change[key]),
    removeElsewhere: (key) => edit(JSON_EDITS.remove[key]),
    evaluate: async (key, users) => evaluate(await text(), key, users),
    dispose: () => server.stop(),
  };
}
