import { z } from 'zod';
import { ScramError } from '../../../../shared/model/error.ts';
import type { ProbeField, ProbeReport } from '../../../../shared/model/probe.ts';
import type { Clock } from '../../../services/ports.ts';
import type { Api, ApiAnswer } from '../../shared/api.ts';

const uiConfigSchema = z.object({
  version: z.string().nullish(),
  versionInfo: z
    .object({ current: z.object({ oss: z.string().nullish(), enterprise: z.string().nullish() }).nullish() })
    .nullish(),
  maintenanceMode: z.boolean().nullish(),
});
const userSchema = z.object({
  permissions: z.array(
    z.object({ permission: z.string(), project: z.string().nullish(), environment: z.string().nullish() }),
  ),
});
const overviewSchema = z.object({ name: z.string(), environments: z.array(z.object({ environment: z.string() })) });
const changeRequestsSchema = z.array(
  z.object({ environment: z.string(), changeRequestEnabled: z.boolean(), requiredApprovals: z.number().nullish() }),
);

/** The right to switch a flag of one environment on and off. */
const TOGGLE = 'UPDATE_FEATURE_ENVIRONMENT';

export interface ProbeOptions {
  readonly api: Api;
  readonly clock: Clock;
  readonly project: string;
  /** The provider's names, by ours. */
  readonly environments: Readonly<Record<string, string>>;
}

/** Names of the project's environments. Throws `not-found` when there is no such project: the list of its flags is just empty. */
export async function projectEnvironments(api: Api, project: string, signal: AbortSignal): Promise<readonly string[]> {
  const { value } = await api.ask(overviewRequest(project, signal));
  return value.environments.map(({ environment }) => environment);
}

function overviewRequest(project: string, signal: AbortSignal) {
  const path = `/api/admin/projects/${encodeURIComponent(project)}/overview`;
  return { method: 'GET', path, schema: overviewSchema, what: `project ${project}`, signal } as const;
}

/** Tries the connection out with a handful of small reads; writes nothing. */
export async function probeUnleash(
  { api, clock, project, environments }: ProbeOptions,
  signal: AbortSignal,
): Promise<ProbeReport> {
  const startedMs = performance.now();
  const get = <T>(path: string, schema: z.ZodType<T>, what: string) =>
    api.ask({ method: 'GET', path, schema, what, signal });
  let overview: ApiAnswer<z.infer<typeof overviewSchema>>;
  try {
    overview = await api.ask(overviewRequest(project, signal));
  } catch (error) {
    const problem =
      error instanceof ScramError ? [error.message, error.action].filter(Boolean).join(' ') : String(error);
    const latencyMs = performance.now() - startedMs;
    return { ok: false, latencyMs, clockSkewMs: null, canRead: false, canWrite: null, detail: problem, fields: [] };
  }
  const latencyMs = performance.now() - startedMs;
  const [config, user, demands] = await Promise.all([
    get('/api/admin/ui-config', uiConfigSchema, 'version').catch(() => null),
    get('/api/admin/user', userSchema, 'permissions').catch(() => null),
    changeRequests(api, project, signal),
  ]);
  const version = versionOf(config?.value);
  const maintenance = config?.value.maintenanceMode === true;
  const there = overview.value.environments.map(({ environment }) => environment);
  const fields: ProbeField[] = [
    { name: 'version', source: '/api/admin/ui-config', value: version, problem: null },
    { name: 'project', source: null, value: `${overview.value.name} (${project})`, problem: null },
  ];
  let canWrite: boolean | null = user === null ? null : true;
  for (const [ours, theirs] of Object.entries(environments)) {
    const missing = !there.includes(theirs);
    const allowed = user === null || missing || user.value.permissions.some(grants(project, theirs));
    const demanded = demands?.get(theirs);
    if (!allowed && canWrite !== null) canWrite = false;
    fields.push({
      name: `environment ${ours}`,
      source: theirs,
      value: demanded === undefined ? theirs : `${theirs}: changes go through change requests (${demanded} approvals)`,
      problem: missing
        ? `project ${project} has no environment ${theirs}; it has ${there.join(', ')}`
        : allowed
          ? null
          : `the credential may not switch flags there: ${TOGGLE} is missing`,
    });
  }
  if (maintenance) fields.push({ name: 'maintenance', source: null, value: 'on', problem: 'Unleash takes no changes' });
  const problems = fields.flatMap(({ problem }) => problem ?? []);
  const dateMs = overview.response.dateMs;
  return {
    ok: problems.length === 0,
    latencyMs,
    clockSkewMs: dateMs === null ? null : dateMs - clock.now(),
    canRead: fields.every(({ name, problem }) => !name.startsWith('environment') || !problem?.startsWith('project')),
    canWrite: maintenance ? false : canWrite,
    detail:
      problems.length > 0 ? problems.join('; ') : `Unleash ${version ?? ''}, project ${project}`.replace('  ', ' '),
    fields,
  };
}

function versionOf(config: z.infer<typeof uiConfigSchema> | undefined): string | null {
  const { oss, enterprise } = config?.versionInfo?.current ?? {};
  return enterprise || oss || config?.version || null;
}

/** A right without project or environment holds for all of them. */
function grants(project: string, environment: string) {
  return (right: z.infer<typeof userSchema>['permissions'][number]): boolean => {
    if (right.permission === 'ADMIN') return true;
    const covers = (scope: string | null | undefined, name: string) => !scope || scope === '*' || scope === name;
    return right.permission === TOGGLE && covers(right.project, project) && covers(right.environment, environment);
  };
}

/** Approvals demanded per environment; null where Unleash has no change requests (404: its open-source build). */
async function changeRequests(
  api: Api,
  project: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number> | null> {
  const path = `/api/admin/projects/${encodeURIComponent(project)}/change-requests/config`;
  try {
    const { value } = await api.ask({
      method: 'GET',
      path,
      schema: changeRequestsSchema,
      what: 'change requests',
      signal,
    });
    const demanded = value.filter(({ changeRequestEnabled }) => changeRequestEnabled);
    return new Map(demanded.map(({ environment, requiredApprovals }) => [environment, requiredApprovals ?? 1]));
  } catch {
    return null;
  }
}
