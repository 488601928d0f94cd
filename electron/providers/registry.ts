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
import { flagdFlags } from './flags/flagd/index.ts';
import { metricObserver } from './flags/observers/metric.ts';

/** The adapter of each kind of flag connection. */
const FLAG_PROVIDERS: { readonly [K in FlagKind]?: FlagProviderFactory<ConnectionConfigOf<K>> } = {
  flagd: flagdFlags,
};

/** The adapter of each kind of observer; the practice world brings its own. */
const OBSERVERS: {
  readonly [K in Exclude<ObserverConfig['kind'], 'sandbox'>]?: ObserverFactory<ObserverConfigOf<K>>;
} = {
  metric: metricObserver,
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
