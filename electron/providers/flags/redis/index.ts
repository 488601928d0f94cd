import type { ConnectionConfigOf } from '../../../../shared/model/config/index.ts';
import type { FlagProvider } from '../../../services/flags/provider.ts';
import type { FlagProviderFactory, ProviderContext } from '../context.ts';
import { createDocumentProvider } from '../document/provider.ts';
import { formatOf } from '../document/formats.ts';
import { createValuesProvider } from '../values/provider.ts';
import { createConnection } from './connection.ts';
import { createRedisDocument } from './document.ts';
import { createRedisStore, type RedisParts } from './store.ts';
import { createTracker } from './tracker.ts';

type Config = ConnectionConfigOf<'redis'>;

function partsOf(config: Config, context: ProviderContext): RedisParts {
  const { clock, log } = context;
  const redis = {
    url: config.url,
    timeoutMs: config.timeout,
    caPem: config.ca === undefined ? undefined : context.readText(config.ca),
    credential: config.credential === undefined ? undefined : context.secret(config.credential),
  };
  return {
    connection: createConnection(redis),
    tracker: createTracker({ redis, prefixes: Object.values(config.keys), clock, log }),
    clock,
    timeoutMs: config.timeout,
    pollMs: config.poll,
  };
}

/** Flags in Redis: a key for each flag, or one key with a whole flag file. */
export const redisFlags: FlagProviderFactory<Config> = (config, context): FlagProvider => {
  const { id, keys, values } = config;
  const { hintsOf, clock } = context;
  const parts = partsOf(config, context);
  if (config.layout === 'document') {
    return createDocumentProvider({
      kind: 'redis',
      id,
      sources: Object.fromEntries(
        Object.entries(keys).map(([environment, key]) => [environment, createRedisDocument(parts, key)]),
      ),
      format: formatOf(config.format),
      hintsOf,
      clock,
    });
  }
  return createValuesProvider({
    kind: 'redis',
    id,
    store: createRedisStore(parts),
    prefixes: keys,
    values,
    hintsOf,
    clock,
  });
};
