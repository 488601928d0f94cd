import type { FlagObserver } from '../../services/flags/observer.ts';
import type { FlagHintsOf, FlagProvider } from '../../services/flags/provider.ts';
import type { Clock, Log } from '../../services/ports.ts';
import type { MetricSource } from '../../services/slis/source.ts';

/** What an adapter is given besides its own configuration. */
export interface ProviderContext {
  /** Folder of scram.yaml: relative paths start there. */
  readonly baseDir: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly hintsOf: FlagHintsOf;
  /** Variables of the caller: proxies, KUBECONFIG, HOME. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder for an adapter's own working copies; made when it is first needed. */
  readonly workDir: string;
  /** The secret that a credential names (E2). Throws `credential`; the log will never print it. */
  secret(credential: string): string;
  /** Text of a file of the configuration, such as a certificate. Throws `config-invalid` with the path. */
  readText(path: string): string;
}

/** Makes the adapter of one connection. Throws `ScramError` when the configuration cannot be used. */
export type FlagProviderFactory<Config> = (config: Config, context: ProviderContext) => FlagProvider;

export interface ObserverContext extends ProviderContext {
  /** Our environments that it sees; null for all of the connection's. */
  readonly environments: readonly string[] | null;
  /** The metric source of this connection's id; null when there is none. */
  metricSource(connection: string): MetricSource | null;
}
export type ObserverFactory<Config> = (config: Config, context: ObserverContext) => FlagObserver;
