import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  type Config,
  type FlagConnectionConfig,
  isFlagConnection,
  type MetricConnectionConfig,
  type ObserverConfig,
} from '../../shared/model/config/index.ts';
import { ScramError } from '../../shared/model/error.ts';
import type { RedactingLog } from '../platform/log.ts';
import type { ProviderContext } from '../providers/flags/context.ts';
import { createFailingProvider } from '../providers/flags/failing.ts';
import { createPrometheusSource } from '../providers/metrics/prometheus/index.ts';
import { createFlagProvider, createObserver } from '../providers/registry.ts';
import type { FlagConnection } from '../services/flags/api.ts';
import { flagHintsOf } from '../services/flags/facts.ts';
import type { FlagObserver } from '../services/flags/observer.ts';
import type { FlagProvider } from '../services/flags/provider.ts';
import type { Clock } from '../services/ports.ts';
import type { MetricConnection } from '../services/slis/api.ts';
import type { MetricSource } from '../services/slis/source.ts';

/** The practice world's ends, when there is one. */
export interface SandboxEnds {
  readonly source: MetricSource;
  readonly observer: FlagObserver;
}

export interface ConnectionContext {
  readonly config: Config;
  readonly baseDir: string;
  /** Folder for the adapters' working copies. */
  readonly workDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The secret that a credential names (E2). Throws why it cannot be had now; the log will never print it. */
  readonly secret: (credential: string) => string;
  readonly clock: Clock;
  readonly log: RedactingLog;
  readonly sandbox: SandboxEnds | null;
}

/** What is shown counts as stale after three missed looks at its source, and a file is looked at each ten seconds. */
const LOOKS_UNTIL_STALE = 3;
const FILE_LOOK_MS = 10_000;

export function textOf(file: string, { baseDir }: Pick<ConnectionContext, 'baseDir'>): string {
  try {
    return readFileSync(path.resolve(baseDir, file), 'utf8');
  } catch (cause) {
    throw new ScramError('config-invalid', `the file ${file} cannot be read`, {
      cause,
      action: 'name a file that exists, relative to scram.yaml',
    });
  }
}

/** A source that cannot be set up still has a place on the Health view, with the reason (H3). */
function failingSource(kind: string, error: unknown): MetricSource {
  const fail = () => Promise.reject(error);
  return { kind, instant: fail, range: fail, probe: fail, dispose() {} };
}

function outsideSandbox(): ScramError {
  return new ScramError('provider', 'kind sandbox is the practice world, which runs without a configuration only', {
    action: 'name a real metric source, or start without a configuration to practise',
  });
}

function sourceOf(connection: MetricConnectionConfig, context: ConnectionContext): MetricSource {
  if (connection.kind === 'sandbox') return context.sandbox?.source ?? failingSource('sandbox', outsideSandbox());
  try {
    const { url, timeout, credential, ca } = connection;
    return createPrometheusSource({
      url,
      timeoutMs: timeout,
      env: context.env,
      ...(credential === undefined ? {} : { credential: context.secret(credential) }),
      ...(ca === undefined ? {} : { caPem: textOf(ca, context) }),
    });
  } catch (error) {
    return failingSource('prometheus', error);
  }
}

export function metricConnections(context: ConnectionContext): MetricConnection[] {
  return context.config.connections.flatMap((connection) =>
    isFlagConnection(connection)
      ? []
      : [{ id: connection.id, source: sourceOf(connection, context), stepMs: connection.refresh }],
  );
}

function providerContext(connection: FlagConnectionConfig, context: ConnectionContext): ProviderContext {
  const { baseDir, clock, log, env, config, workDir } = context;
  return {
    baseDir,
    clock,
    log,
    env,
    hintsOf: flagHintsOf(config, connection.id),
    workDir: path.join(workDir, connection.id),
    secret: context.secret,
    readText: (file) => textOf(file, context),
  };
}

/** Our environments that a connection has, as its configuration maps them. */
function environmentsOf(connection: FlagConnectionConfig): string[] {
  if ('environments' in connection) return Object.keys(connection.environments);
  if ('files' in connection) return Object.keys(connection.files);
  if ('keys' in connection) return Object.keys(connection.keys);
  return Object.keys(connection.resources);
}

function providerOf(connection: FlagConnectionConfig, context: ConnectionContext): FlagProvider {
  try {
    return createFlagProvider(connection, providerContext(connection, context));
  } catch (error) {
    if (!(error instanceof ScramError)) throw error;
    return createFailingProvider(connection.kind, environmentsOf(connection), error);
  }
}

/** An endpoint serves one environment: the one it names, else the connection's only production, else its only one. */
function observedEnvironments(
  observer: ObserverConfig,
  connection: FlagConnectionConfig,
  { config }: ConnectionContext,
): readonly string[] | null {
  if (observer.kind === 'metric' || observer.kind === 'sandbox') return null;
  if (observer.environment !== undefined) return [observer.environment];
  const own = environmentsOf(connection);
  const production = own.filter((name) => config.environments[name]?.tone === 'production');
  return production.length === 1 ? production : own;
}

function observerOf(
  observer: ObserverConfig,
  connection: FlagConnectionConfig,
  metrics: readonly MetricConnection[],
  context: ConnectionContext,
): FlagObserver[] {
  if (observer.kind === 'sandbox') return context.sandbox ? [context.sandbox.observer] : [];
  const environments = observedEnvironments(observer, connection, context);
  try {
    return [
      createObserver(observer, {
        ...providerContext(connection, context),
        environments,
        metricSource: (id) => metrics.find((metric) => metric.id === id)?.source ?? null,
      }),
    ];
  } catch (error) {
    const region = 'region' in observer ? observer.region : '';
    return [
      {
        id: [observer.kind, region].filter((part) => part !== '').join(':'),
        environments,
        paceMs: FILE_LOOK_MS,
        observe: () => Promise.reject(error),
        dispose() {},
      },
    ];
  }
}

export function flagConnections(context: ConnectionContext, metrics: readonly MetricConnection[]): FlagConnection[] {
  return context.config.connections.filter(isFlagConnection).map((connection) => ({
    id: connection.id,
    provider: providerOf(connection, context),
    observers: connection.observers.flatMap((observer) => observerOf(observer, connection, metrics, context)),
    refreshMs: connection.refresh ?? null,
    staleAfterMs: LOOKS_UNTIL_STALE * ('poll' in connection ? connection.poll : FILE_LOOK_MS),
  }));
}
