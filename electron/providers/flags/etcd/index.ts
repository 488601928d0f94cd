import type { ConnectionConfigOf } from '../../../../shared/model/config/index.ts';
import type { FlagProvider } from '../../../services/flags/provider.ts';
import type { FlagProviderFactory, ProviderContext } from '../context.ts';
import { createDocumentProvider } from '../document/provider.ts';
import { formatOf } from '../document/formats.ts';
import { createValuesProvider } from '../values/provider.ts';
import { createEtcdClient, type EtcdClient } from './client.ts';
import { createEtcdDocument } from './document.ts';
import { createEtcdStore } from './store.ts';
import { createEtcdWatcher, type EtcdWatcher } from './watch.ts';

type Config = ConnectionConfigOf<'etcd'>;

function partsOf(config: Config, context: ProviderContext): { client: EtcdClient; watcher: EtcdWatcher } {
  const { url, proxy, timeout: timeoutMs } = config;
  const caPem = config.ca === undefined ? undefined : context.readText(config.ca);
  const credential = config.credential === undefined ? undefined : context.secret(config.credential);
  const client = createEtcdClient({ url, credential, caPem, proxy, env: context.env, timeoutMs });
  return { client, watcher: createEtcdWatcher({ client, clock: context.clock, log: context.log }) };
}

/** Flags in etcd: a key for each flag, or one key with a whole flag file. */
export const etcdFlags: FlagProviderFactory<Config> = (config, context): FlagProvider => {
  const { id, keys, values } = config;
  const { hintsOf, clock } = context;
  const parts = partsOf(config, context);
  if (config.layout === 'document') {
    return createDocumentProvider({
      kind: 'etcd',
      id,
      sources: Object.fromEntries(
        Object.entries(keys).map(([environment, key]) => [environment, createEtcdDocument({ ...parts, key })]),
      ),
      format: formatOf(config.format),
      hintsOf,
      clock,
    });
  }
  return createValuesProvider({
    kind: 'etcd',
    id,
    store: createEtcdStore(parts),
    prefixes: keys,
    values,
    hintsOf,
    clock,
  });
};
