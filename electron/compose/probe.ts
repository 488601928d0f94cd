import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type Config, isFlagConnection } from '../../shared/model/config/index.ts';
import type { ProbeReport } from '../../shared/model/probe.ts';
import { ScramError } from '../../shared/model/error.ts';
import { systemClock } from '../platform/clock.ts';
import { createLog, stderrWriter } from '../platform/log.ts';
import type { MetricConnection } from '../services/slis/api.ts';
import { runCommand } from '../platform/run-command.ts';
import type { TeamStore } from '../services/team/store.ts';
import { LOCKED_VAULT, resolveSecrets } from './secrets.ts';
import { type ConnectionContext, flagConnections, metricConnections } from './connections.ts';
import { notifyTargets } from './notify.ts';
import { probeTargets, probeTeamStore } from './probe-others.ts';
import { teamStoreOf } from './team.ts';

/** Longest time that a connection may take to answer, milliseconds. */
const LIMIT_MS = 20_000;

export interface ProbedConnection {
  readonly id: string;
  readonly kind: string;
  readonly role: 'flags' | 'metrics' | 'notify' | 'team';
  readonly report: ProbeReport;
}

/**
 * Tries everything out that a configuration connects to, all at once (`scram check --probe`): connections writing
 * nothing, notify targets with a message that says that it is a test, the team store as a console that starts. Needs no data
 * folder, so that it works beside a running console; working copies go to a folder of its own that is taken away again.
 */
export async function probeConnections(
  config: Config,
  { baseDir, env }: Pick<ConnectionContext, 'baseDir' | 'env'>,
  makeStore: (config: Config, context: ConnectionContext) => TeamStore | null = teamStoreOf,
): Promise<ProbedConnection[]> {
  const log = createLog({ write: stderrWriter(), level: 'error' });
  const clock = systemClock(log);
  const ports = {
    vault: LOCKED_VAULT,
    env,
    runCommand,
    registerSecret: log.registerSecret,
    opened: { get: () => null },
  };
  const { secret } = await resolveSecrets(config, ports, AbortSignal.timeout(LIMIT_MS));
  const workDir = await mkdtemp(path.join(os.tmpdir(), 'scram-probe-'));
  const context: ConnectionContext = { config, baseDir, env, secret, log, workDir, clock, sandbox: null };
  const metrics = metricConnections(context);
  const flags = flagConnections(context, metrics);
  const targets = notifyTargets(context);
  const store = makeStore(config, context);
  try {
    return await Promise.all([
      ...config.connections.map(async (connection): Promise<ProbedConnection> => {
        const { id, kind } = connection;
        const role = isFlagConnection(connection) ? 'flags' : 'metrics';
        const provider = flags.find((one) => one.id === id)?.provider;
        const metric = metrics.find((one) => one.id === id);
        const probe = async (signal: AbortSignal): Promise<ProbeReport> => {
          if (provider) return provider.probe(signal);
          if (metric) return probeMetrics(metric, signal);
          throw new ScramError('internal', `connection ${id} was not set up`);
        };
        return { id, kind, role, report: await reportOf(probe) };
      }),
      ...probeTargets(targets, reportOf),
      ...(store === null ? [] : [probeTeamStore(store, reportOf)]),
    ]);
  } finally {
    for (const { provider, observers } of flags) {
      provider.dispose();
      for (const observer of observers) observer.dispose();
    }
    for (const { source } of metrics) source.dispose();
    for (const { target } of targets) target.dispose();
    await store?.dispose();
    await rm(workDir, { recursive: true, force: true });
  }
}

async function probeMetrics({ source }: MetricConnection, signal: AbortSignal): Promise<ProbeReport> {
  const { ok, latencyMs, clockSkewMs, detail } = await source.probe(signal);
  return { ok, latencyMs, clockSkewMs, canRead: ok, canWrite: null, detail, fields: [] };
}

/** What a person is told whatever happens: a probe that hangs or throws is a report too. */
async function reportOf(probe: (signal: AbortSignal) => Promise<ProbeReport>): Promise<ProbeReport> {
  const limit = AbortSignal.timeout(LIMIT_MS);
  const late = Promise.withResolvers<never>();
  const onLate = (): void => late.reject(new ScramError('timeout', `no answer within ${LIMIT_MS / 1_000} s`));
  limit.addEventListener('abort', onLate, { once: true });
  try {
    return await Promise.race([probe(limit), late.promise]);
  } catch (error) {
    const words =
      error instanceof ScramError ? [error.message, error.action].filter(Boolean).join('. ') : 'unexpected error';
    return { ok: false, latencyMs: 0, clockSkewMs: null, canRead: false, canWrite: null, detail: words, fields: [] };
  } finally {
    limit.removeEventListener('abort', onLate);
  }
}
