import type {
  ConnectionConfigOf,
  FlagConnectionConfig,
  FlagKind,
  ObserverConfig,
  ObserverConfigOf,
} from '../../shared/model/config/index.ts';
import { ScramError } from '../../shared/model/error.ts';
import type { FlagObserver } from '../services/flags/observer.ts';
import type { FlagProvider } from '../services/flags/provider.ts';
import type { FlagProviderFactory, ObserverContext, ObserverFactory, ProviderContext } from './flags/context.ts';
import { etcdFlags } from './flags/etcd/index.ts';
import { flagdFlags } from './flags/flagd/index.ts';
import { flagsmithFlags } from './flags/flagsmith/index.ts';
import { fliptFlags } from './flags/flipt/index.ts';
import { goffFlags } from './flags/goff/index.ts';
import { gitFlags } from './flags/git/index.ts';
import { httpFlags } from './flags/http/index.ts';
import { launchdarklyFlags } from './flags/launchdarkly/index.ts';
import { httpObserver } from './flags/observers/http.ts';
import { kubernetesFlags } from './flags/kubernetes/index.ts';
import { metricObserver } from './flags/observers/metric.ts';
import { ofrepObserver } from './flags/observers/ofrep.ts';
import { unleashObserver } from './flags/observers/unleash.ts';
import { unleashFlags } from './flags/unleash/index.ts';
import { redisFlags } from './flags/redis/index.ts';

/** The adapter of each kind of flag connection. */
const FLAG_PROVIDERS: { readonly [K in FlagKind]?: FlagProviderFactory<ConnectionConfigOf<K>> } = {
  flagd: flagdFlags,
  http: httpFlags,
  launchdarkly: launchdarklyFlags,
  etcd: etcdFlags,
  git: gitFlags,
  redis: redisFlags,
  flagsmith: flagsmithFlags,
  flipt: fliptFlags,
  goff: goffFlags,
  kubernetes: kubernetesFlags,
  unleash: unleashFlags,
};

/** The adapter of each kind of observer; the practice world brings its own. */
const OBSERVERS: {
  readonly [K in Exclude<ObserverConfig['kind'], 'sandbox'>]?: ObserverFactory<ObserverConfigOf<K>>;
} = {
  http: httpObserver,
  metric: metricObserver,
  ofrep: ofrepObserver,
  unleash: unleashObserver,
};

/** Throws `ScramError` when the configuration cannot be used. */
export function createFlagProvider(config: FlagConnectionConfig, context: ProviderContext): FlagProvider {
  // The table pairs each kind with the factory of its own configuration, which the type of a lookup cannot say.
  const make = FLAG_PROVIDERS[config.kind] as FlagProviderFactory<FlagConnectionConfig> | undefined;
  if (make === undefined) throw new ScramError('refused', `connections of kind ${config.kind} are not in this version`);
  return make(config, context);
}

/** Throws `ScramError` when the configuration cannot be used. */
export function createObserver(
  config: Exclude<ObserverConfig, { kind: 'sandbox' }>,
  context: ObserverContext,
): FlagObserver {
  const make = OBSERVERS[config.kind] as ObserverFactory<typeof config> | undefined;
  if (make === undefined) throw new ScramError('refused', `observers of kind ${config.kind} are not in this version`);
  return make(config, context);
}
