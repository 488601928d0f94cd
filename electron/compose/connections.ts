import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Config, ObserverConfig } from '../../shared/model/config/index.ts';
import { ScramError } from '../../shared/model/error.ts';
import type { RedactingLog } from '../platform/log.ts';
import { writeFileAtomic } from '../platform/files.ts';
import { watchFile } from '../platform/watch-file.ts';
import { createFlagdProvider } from '../providers/flags/flagd/index.ts';
import { createMetricObserver } from '../providers/flags/observers/metric.ts';
import { createPrometheusSource } from '../providers/metrics/prometheus/index.ts';
import type { FlagConnection } from '../services/flags/api.ts';
import { flagHintsOf } from '../services/flags/facts.ts';
import type { FlagObserver } from '../services/flags/provider.ts';
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
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: RedactingLog;
  readonly sandbox: SandboxEnds | null;
}

/** What is shown counts as stale after three missed looks at its file. */
const FLAGD_STALE_AFTER_MS = 30_000;

/** The secret that a credential names (E2). Throws `credential`; the log will never print it. */
function secretOf(credential: string, { env, log }: ConnectionContext): string {
  const name = credential.replace(/^env:/, '');
  const secret = env[name];
  if (secret === undefined || secret === '') {
    throw new ScramError('credential', `the environment variable ${name} is not set`, {
      action: `set ${name} before starting, or name another variable in scram.yaml`,
    });
  }
  log.registerSecret(secret);
  return secret;
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

function sourceOf(connection: Config['connections'][number], context: ConnectionContext): MetricSource | null {
  if (connection.kind === 'sandbox') return context.sandbox?.source ?? failingSource('sandbox', outsideSandbox());
  if (connection.kind !== 'prometheus') return null;
  try {
    const { url, timeout, credential, ca } = connection;
    return createPrometheusSource({
      url,
      timeoutMs: timeout,
      ...(credential === undefined ? {} : { credential: secretOf(credential, context) }),
      ...(ca === undefined ? {} : { caPem: readFileSync(path.resolve(context.baseDir, ca), 'utf8') }),
    });
  } catch (error) {
    const problem =
      error instanceof ScramError
        ? error
        : new ScramError('credential', `the certificate ${connection.ca} of ${connection.id} cannot be read`, {
            cause: error,
            action: 'name a PEM file that exists, relative to scram.yaml',
          });
    return failingSource('prometheus', problem);
  }
}

export function metricConnections(context: ConnectionContext): MetricConnection[] {
  return context.config.connections.flatMap((connection) => {
    const source = sourceOf(connection, context);
    if (source === null || connection.kind === 'flagd') return [];
    return [{ id: connection.id, source, stepMs: connection.refresh }];
  });
}

function observerOf(
  observer: ObserverConfig,
  metrics: readonly MetricConnection[],
  context: ConnectionContext,
): FlagObserver[] {
  if (observer.kind === 'sandbox') return context.sandbox ? [context.sandbox.observer] : [];
  const source = metrics.find((metric) => metric.id === observer.connection)?.source;
  return source ? [createMetricObserver({ ...observer, source, clock: context.clock })] : [];
}

export function flagConnections(context: ConnectionContext, metrics: readonly MetricConnection[]): FlagConnection[] {
  const { config, baseDir, clock } = context;
  return config.connections.flatMap((connection) => {
    if (connection.kind !== 'flagd') return [];
    const files = Object.fromEntries(
      Object.entries(connection.files).map(([environment, file]) => [environment, path.resolve(baseDir, file)]),
    );
    return [
      {
        id: connection.id,
        provider: createFlagdProvider({
          id: connection.id,
          files,
          hintsOf: flagHintsOf(config, connection.id),
          clock,
          watchFile,
          writeFile: writeFileAtomic,
        }),
        observers: connection.observers.flatMap((observer) => observerOf(observer, metrics, context)),
        refreshMs: connection.refresh ?? null,
        staleAfterMs: FLAGD_STALE_AFTER_MS,
      },
    ];
  });
}
