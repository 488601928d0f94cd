import { z } from 'zod';
import { ScramError } from '../../../../shared/model/error.ts';
import { flagTypeSchema } from '../../../../shared/model/flag.ts';
import type { JsonValue } from '../../../../shared/model/json.ts';
import type { ProbeField, ProbeReport } from '../../../../shared/model/probe.ts';
import type {
  EnvironmentChanges,
  EnvironmentRead,
  FlagHintsOf,
  FlagProvider,
  PlannedWrite,
  ProviderFlag,
  WriteRequest,
} from '../../../services/flags/provider.ts';
import type { Clock } from '../../../services/ports.ts';
import type { Api } from '../../shared/api.ts';
import { clockSkewOf } from '../shared/clock-skew.ts';
import { revisionOfJson } from '../shared/revision.ts';
import { safeVariant } from '../shared/safe-variant.ts';
import { keptFlag, planKill, planRollout } from './plan.ts';
import {
  environmentListSchema,
  FLAG_TYPE,
  type FliptFlag,
  flagSchema,
  jsonOf,
  namespaceAnswerSchema,
  resourceAnswerSchema,
  resourceListSchema,
} from './resource.ts';
import { servedOf, variantsOf } from './serving.ts';

export interface FliptOptions {
  readonly id: string;
  readonly api: Api;
  readonly namespace: string;
  /** Flipt's key of each environment, by ours. */
  readonly environments: Readonly<Record<string, string>>;
  readonly hintsOf: FlagHintsOf;
  readonly clock: Clock;
}

/** A write is tried this often while others commit to the same environment in between. */
const ATTEMPTS = 4;
/** From so many flags on it is cheaper to list them all than to ask for each. */
const LIST_FROM = 6;

const writeSchema = z.strictObject({ payload: flagSchema });

/** Flipt v2 by its Management API (docs.flipt.io, v2/reference; flipt-io/flipt, rpc/v2/environments). */
export function createFliptProvider(options: FliptOptions): FlagProvider {
  const { api, namespace, environments, hintsOf, clock } = options;

  function keyOf(environment: string): string {
    const key = Object.hasOwn(environments, environment) ? environments[environment] : undefined;
    if (key !== undefined) return key;
    throw new ScramError(
      'not-found',
      `connection ${options.id} has no environment ${environment}: ${Object.keys(environments).join(', ')}`,
    );
  }
  const pathOf = (environment: string): string =>
    `/api/v2/environments/${encodeURIComponent(keyOf(environment))}/namespaces/${encodeURIComponent(namespace)}`;
  const nameOf = (environment: string): string => `${keyOf(environment)}/${namespace}`;

  function normalise(flag: FliptFlag, environment: string): ProviderFlag {
    const variants = variantsOf(flag);
    const safeDefault = safeVariant(variants, hintsOf(flag.key));
    const definition = jsonOf(flag);
    const metadata = flag.metadata ?? {};
    const type = flagTypeSchema.safeParse(metadata.type);
    return {
      key: flag.key,
      environment,
      providerEnvironment: nameOf(environment),
      state: { ...servedOf(flag, safeDefault), revision: revisionOfJson(definition) },
      variants: Object.entries(variants).map(([name, value]) => ({ name, value })),
      safeDefault,
      description: words(flag.description) ?? words(flag.name === flag.key ? '' : flag.name),
      type: type.success ? type.data : null,
      owner: words(metadata.owner),
      tags: Array.isArray(metadata.tags) ? metadata.tags.map(String) : [],
      stale: false,
      lastSeenAtMs: null,
      changedAtMs: null,
      changedBy: null,
      definition,
    };
  }

  /** A whole namespace is one answer: Flipt does not page it. */
  async function list(environment: string, signal: AbortSignal) {
    const answer = await api.ask({
      method: 'GET',
      path: `${pathOf(environment)}/resources/${FLAG_TYPE}`,
      schema: resourceListSchema,
      what: `the flags of ${nameOf(environment)}`,
      signal,
    });
    return answer.value;
  }

  async function get(key: string, environment: string, signal: AbortSignal) {
    const answer = await api.ask({
      method: 'GET',
      path: `${pathOf(environment)}/resources/${FLAG_TYPE}/${encodeURIComponent(key)}`,
      schema: resourceAnswerSchema,
      what: `flag ${key} of ${nameOf(environment)}`,
      signal,
    });
    return { flag: normalise(answer.value.resource.payload, environment), commit: answer.value.revision };
  }

  async function readEnvironment(environment: string, signal: AbortSignal): Promise<EnvironmentRead> {
    const { resources, revision } = await list(environment, signal);
    return {
      environment,
      readAtMs: clock.now(),
      sourceChangedAtMs: null,
      mark: revision,
      flags: resources.map(({ payload }) => normalise(payload, environment)),
    };
  }

  /** The commit that the environment stands at, by the smallest answer that tells it. */
  async function readChanges(
    environment: string,
    mark: string,
    signal: AbortSignal,
  ): Promise<EnvironmentChanges | null> {
    const { value } = await api.ask({
      method: 'GET',
      path: pathOf(environment),
      schema: namespaceAnswerSchema,
      what: `namespace ${nameOf(environment)}`,
      signal,
    });
    if (value.revision !== mark) return null;
    return { readAtMs: clock.now(), sourceChangedAtMs: null, mark, upserts: [], removals: [] };
  }

  async function readFlags(keys: readonly string[], environment: string, signal: AbortSignal) {
    const found = new Map<string, ProviderFlag>();
    if (keys.length >= LIST_FROM) {
      const wanted = new Set(keys);
      for (const { key, payload } of (await list(environment, signal)).resources) {
        if (wanted.has(key)) found.set(key, normalise(payload, environment));
      }
      return found;
    }
    const flags = await Promise.all(
      keys.map((key) =>
        get(key, environment, signal).catch((error: unknown) => {
          if (error instanceof ScramError && error.code === 'not-found') return null;
          throw error;
        }),
      ),
    );
    for (const read of flags) if (read !== null) found.set(read.flag.key, read.flag);
    return found;
  }

  function planRestore(
    flag: ProviderFlag,
    earlier: { definition: JsonValue; state: ProviderFlag['state'] },
  ): PlannedWrite {
    const payload = jsonOf(keptFlag(earlier.definition, flag.key));
    return { write: { payload }, after: earlier.state, definitionAfter: payload };
  }

  async function apply(request: WriteRequest, signal: AbortSignal): Promise<void> {
    const { key, environment, expectRevision } = request;
    const write = writeSchema.safeParse(request.write);
    if (!write.success || write.data.payload.key !== key) {
      throw new ScramError('refused', `the write for ${key} is not one of a Flipt connection`);
    }
    const overtaken = new Map<string, ScramError>();
    for (let attempt = 1; ; attempt += 1) {
      const { flag, commit } = await get(key, environment, signal);
      if (flag.state.revision !== expectRevision) throw moved(key, nameOf(environment));
      const refused = overtaken.get(commit);
      if (refused !== undefined) throw refused;
      try {
        // The commit is Flipt's own precondition: it refuses the write when anything was committed since
        // (flipt-io/flipt, internal/storage/git/repository.go, UpdateIfHeadMatches).
        await api.ask({
          method: 'PUT',
          path: `${pathOf(environment)}/resources`,
          json: { key, payload: jsonOf(write.data.payload), revision: commit },
          schema: resourceAnswerSchema,
          what: `writing flag ${key} of ${nameOf(environment)}`,
          signal,
        });
        return;
      } catch (error) {
        // Nothing was written. If it was another flag that was committed, this one is still as it was decided upon.
        if (!(error instanceof ScramError) || error.code !== 'conflict' || attempt === ATTEMPTS) throw error;
        overtaken.set(commit, error);
      }
    }
  }

  async function probe(signal: AbortSignal): Promise<ProbeReport> {
    const sentAtMs = clock.now();
    const started = performance.now();
    const base = { latencyMs: 0, clockSkewMs: null, canRead: false, canWrite: null, fields: [] };
    try {
      const { value, response } = await api.ask({
        method: 'GET',
        path: '/api/v2/environments',
        schema: environmentListSchema,
        what: 'its environments',
        signal,
      });
      const latencyMs = performance.now() - started;
      const clockSkewMs = clockSkewOf(response.dateMs, sentAtMs, clock.now());
      const there = value.environments.map(({ key }) => key);
      const fields = await Promise.all(
        Object.keys(environments).map((environment) => probeEnvironment(environment, there, signal)),
      );
      const wrong = fields.filter(({ problem }) => problem !== null);
      const detail =
        wrong.length === 0
          ? `${api.name} answers; whether its credential may change flags shows when it does.`
          : `${api.name}: ${wrong.map(({ problem }) => problem).join('; ')}`;
      return { ...base, ok: wrong.length === 0, latencyMs, clockSkewMs, canRead: wrong.length === 0, detail, fields };
    } catch (error) {
      if (signal.aborted || !(error instanceof ScramError)) throw error;
      return { ...base, ok: false, latencyMs: performance.now() - started, detail: error.message };
    }
  }

  async function probeEnvironment(
    environment: string,
    there: readonly string[],
    signal: AbortSignal,
  ): Promise<ProbeField> {
    const field = { name: `environment ${environment}`, source: pathOf(environment), value: nameOf(environment) };
    if (!there.includes(keyOf(environment))) {
      return { ...field, problem: `there is no environment ${keyOf(environment)}, only ${there.join(', ') || 'none'}` };
    }
    try {
      const { resources } = await list(environment, signal);
      return { ...field, value: `${nameOf(environment)}, ${resources.length} flags`, problem: null };
    } catch (error) {
      if (signal.aborted || !(error instanceof ScramError)) throw error;
      return { ...field, problem: error.message };
    }
  }

  return {
    kind: 'flipt',
    capabilities: {
      watch: false,
      kill: true,
      restoreExact: true,
      rollout: true,
      bulk: null,
      audit: false,
      comment: false,
      approvals: false,
    },
    environments: Object.keys(environments),
    providerEnvironment: nameOf,
    readEnvironment,
    readChanges,
    readFlag: async (key, environment, signal) => (await get(key, environment, signal)).flag,
    readFlags,
    planKill,
    planRestore,
    planRollout,
    apply,
    watch: () => ({ dispose() {} }),
    probe,
    dispose: () => api.dispose(),
  };
}

function moved(key: string, where: string): ScramError {
  return new ScramError('conflict', `${key} in ${where} has changed since it was read; nothing was written`, {
    action: 'Look at its present state and decide again.',
  });
}

function words(value: JsonValue | undefined): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}
