import { ScramError } from '../../../../shared/model/error.ts';
import type { ProbeField, ProbeReport } from '../../../../shared/model/probe.ts';
import type { Clock } from '../../../services/ports.ts';
import { clockSkewOf } from '../shared/clock-skew.ts';
import type { FlagsmithEnvironment } from './answers.ts';
import type { FlagsmithClient } from './client.ts';

/** Number of approvals that a change needs; 0 when it needs none. */
export function approvalsOf({ minimum_change_request_approvals }: FlagsmithEnvironment): number {
  return Math.max(0, minimum_change_request_approvals ?? 0);
}

/**
 * Tries the connection out. What the credential may change is not told: Flagsmith answers an organisation's key 400 when
 * it asks for its permissions (api/projects/views.py, my-permissions).
 */
export async function probe(
  client: FlagsmithClient,
  environments: Readonly<Record<string, string>>,
  clock: Clock,
  signal: AbortSignal,
): Promise<ProbeReport> {
  const { name } = client.api;
  const sentAtMs = clock.now();
  const started = performance.now();
  try {
    const { value: project, response } = await client.project(signal);
    const latencyMs = performance.now() - started;
    const clockSkewMs = clockSkewOf(response.dateMs, sentAtMs, clock.now());
    const there = await client.environments(signal);
    const fields = Object.entries(environments).map(([ours, theirs]) => fieldOf(ours, theirs, there));
    const problems = fields.flatMap(({ problem }) => (problem === null ? [] : [problem]));
    const canRead = Object.values(environments).every((theirs) => there.some((one) => one.name === theirs));
    const ok = problems.length === 0;
    const detail = ok
      ? `${name} answers for project ${project.name}; whether its credential may change flags shows when it does.`
      : `${name}, project ${project.name}: ${problems.join('; ')}`;
    return { ok, latencyMs, clockSkewMs, canRead, canWrite: ok || !canRead ? null : false, detail, fields };
  } catch (error) {
    if (signal.aborted || !(error instanceof ScramError)) throw error;
    const latencyMs = performance.now() - started;
    return {
      ok: false,
      latencyMs,
      clockSkewMs: null,
      canRead: false,
      canWrite: null,
      detail: error.message,
      fields: [],
    };
  }
}

function fieldOf(ours: string, theirs: string, there: readonly FlagsmithEnvironment[]): ProbeField {
  const field = { name: `environment ${ours}`, source: 'GET /environments/', value: theirs };
  const found = there.find((one) => one.name === theirs);
  if (found === undefined) {
    const names = there.map((one) => one.name).join(', ');
    return { ...field, problem: `there is no environment ${theirs}, only ${names || 'none'}` };
  }
  const problem = approvalsOf(found) === 0 ? null : `environment ${theirs} takes changes by change request only`;
  return { ...field, value: found.use_v2_feature_versioning ? `${theirs}, with feature versioning` : theirs, problem };
}
