import { ScramError } from '../../../../shared/model/error.ts';
import type { ProbeField, ProbeReport } from '../../../../shared/model/probe.ts';
import type { Clock } from '../../../services/ports.ts';
import type { Api } from '../../shared/api.ts';
import { flagsSchema, identitySchema, projectEnvironmentSchema, tokenSchema } from './schema.ts';

export interface ProbeOptions {
  readonly api: Api;
  readonly project: string;
  /** LaunchDarkly's keys by our names. */
  readonly environments: Readonly<Record<string, string>>;
  readonly clock: Clock;
}

const wordsOf = (error: unknown): string =>
  error instanceof ScramError
    ? [error.message, error.action].filter((part) => part !== null).join('. ')
    : String(error);

/** Who the token is, what it may, and what each environment demands; nothing is written. */
export async function probe(options: ProbeOptions, signal: AbortSignal): Promise<ProbeReport> {
  const { api, project, clock } = options;
  const fields: ProbeField[] = [];
  const started = performance.now();
  let latencyMs = 0;
  let clockSkewMs: number | null = null;
  let canRead = true;
  let detail: string;
  try {
    const { value, response } = await api.ask({
      method: 'GET',
      path: `/api/v2/flags/${encodeURIComponent(project)}`,
      query: { limit: 1 },
      schema: flagsSchema,
      what: `the flags of project ${project}`,
      signal,
    });
    latencyMs = performance.now() - started;
    clockSkewMs = response.dateMs === null ? null : response.dateMs - clock.now();
    detail = `${api.name}: project ${project} has ${value.totalCount} flags`;
  } catch (error) {
    return {
      ok: false,
      latencyMs: performance.now() - started,
      clockSkewMs: null,
      canRead: false,
      canWrite: null,
      detail: wordsOf(error),
      fields,
    };
  }

  let canWrite = await probeToken(options, fields, signal);
  for (const [environment, key] of Object.entries(options.environments)) {
    const source = `/api/v2/projects/${project}/environments/${key}`;
    try {
      const { value } = await api.ask({
        method: 'GET',
        path: `/api/v2/projects/${encodeURIComponent(project)}/environments/${encodeURIComponent(key)}`,
        schema: projectEnvironmentSchema,
        what: `environment ${key}`,
        signal,
      });
      const approval = value.approvalSettings;
      const tags = approval?.requiredApprovalTags ?? [];
      const demanded = approval?.required === true;
      if (demanded && tags.length === 0) canWrite = false;
      const scope = tags.length > 0 ? `of flags with the tags ${tags.join(', ')}` : 'of every flag';
      fields.push({
        name: `environment ${environment}`,
        source,
        value: value.name ? `${key} (${value.name})` : key,
        problem: demanded
          ? `changes ${scope} need ${approval?.minNumApprovals ?? 1} approvals in LaunchDarkly: a kill waits for them unless the token has bypassRequiredApproval`
          : null,
      });
    } catch (error) {
      const missing = error instanceof ScramError && error.code === 'not-found';
      if (missing) canRead = false;
      fields.push({
        name: `environment ${environment}`,
        source,
        value: null,
        problem: missing ? `project ${project} has no environment ${key}` : wordsOf(error),
      });
    }
  }
  const problems = fields.flatMap(({ problem }) => (problem === null ? [] : [problem]));
  return {
    ok: canRead && canWrite !== false,
    latencyMs,
    clockSkewMs,
    canRead,
    canWrite,
    detail: [detail, ...problems].join('; '),
    fields,
  };
}

/** Whether the token's role lets it change flags; null where only LaunchDarkly's own policies tell. */
async function probeToken({ api }: ProbeOptions, fields: ProbeField[], signal: AbortSignal): Promise<boolean | null> {
  try {
    const { value: identity } = await api.ask({
      method: 'GET',
      path: '/api/v2/caller-identity',
      schema: identitySchema,
      what: 'who the token is',
      signal,
    });
    fields.push({
      name: 'token',
      source: '/api/v2/caller-identity',
      value: identity.tokenName ?? identity.authKind ?? null,
      problem: null,
    });
    if (!identity.tokenId) return null;
    const { value: token } = await api.ask({
      method: 'GET',
      path: `/api/v2/tokens/${encodeURIComponent(identity.tokenId)}`,
      schema: tokenSchema,
      what: "the token's role",
      signal,
    });
    const custom = (token.customRoleIds?.length ?? 0) > 0 || (token.inlineRole?.length ?? 0) > 0;
    const readsOnly = !custom && token.role === 'reader';
    fields.push({
      name: 'role',
      source: '/api/v2/tokens/…',
      value: custom ? 'custom role' : (token.role ?? null),
      problem: readsOnly ? 'a reader cannot change flags: give the token the role writer, or a custom one' : null,
    });
    if (readsOnly) return false;
    return !custom && (token.role === 'writer' || token.role === 'admin') ? true : null;
  } catch {
    // Older accounts and narrow roles do not tell: the first write will.
    return null;
  }
}
