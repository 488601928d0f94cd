import { ScramError } from '../../../../shared/model/error.ts';
import type {
  EnvironmentChanges,
  EnvironmentRead,
  FlagHintsOf,
  FlagProvider,
  ProviderFlag,
  WriteRequest,
} from '../../../services/flags/provider.ts';
import type { Clock } from '../../../services/ports.ts';
import { createApprovals } from './approvals.ts';
import { auditEntries, auditEvents } from './audit.ts';
import { createChanges, markOf } from './changes.ts';
import { inParallel, listFlags, PAGE } from './list.ts';
import { normalise, readDefinition, type ReadFlag } from './normalise.ts';
import { planKill, planRestore, planRollout, type Write, writeSchema } from './plan.ts';
import { probe } from './probe.ts';
import { flagSchema } from './schema.ts';
import { createSharedReads } from './shared-reads.ts';
import { instructionsOf, patchOf, type Service, send, type Target } from './write.ts';

export interface LaunchDarklyOptions extends Service {
  readonly id: string;
  readonly project: string;
  /** LaunchDarkly's keys of environments by our names. */
  readonly environments: Readonly<Record<string, string>>;
  /** Address of LaunchDarkly's own page. */
  readonly site: string;
  readonly hintsOf: FlagHintsOf;
  readonly clock: Clock;
}

/** Answers of the audit log that are followed for `audit`. */
const AUDIT_PAGES = 25;
/** Up to so many flags are read one by one; beyond, the whole list if that takes fewer requests. */
const MOST_SINGLE = 20;
/** Something else of the flag may be written at the same time, which moves the version and not what is served. */
const ATTEMPTS = 3;

/** Flags of one project of LaunchDarkly, by its REST API v2. */
export function createLaunchDarklyProvider(options: LaunchDarklyOptions): FlagProvider {
  const { id, api, project, environments, hintsOf, clock } = options;
  const ours = new Map(Object.entries(environments).map(([environment, key]) => [key, environment]));
  const listed = createSharedReads((keys, signal) => listFlags({ api, project, clock }, keys, signal));
  const approvals = createApprovals(options);
  const changedSince = createChanges({ api, project, clock });
  /** Per environment, which flags need which, as last listed: for what a person should know before a kill. */
  const dependents = new Map<string, Map<string, string[]>>();

  /** Flags of the project as last listed. */
  let lastCount: number | null = null;

  function keyOf(environment: string): string {
    const key = Object.hasOwn(environments, environment) ? environments[environment] : undefined;
    if (key !== undefined) return key;
    throw new ScramError(
      'not-found',
      `connection ${id} has no environment ${environment}: ${Object.keys(environments).join(', ')}`,
    );
  }

  const placeOf = (environment: string) => ({
    environment,
    providerEnvironment: keyOf(environment),
    name: api.name,
  });

  async function readEnvironment(environment: string, signal: AbortSignal): Promise<EnvironmentRead> {
    const place = placeOf(environment);
    const { flags, beganAtMs } = await listed(place.providerEnvironment, signal);
    const read = flags.map((flag) => normalise(flag, hintsOf(flag.key), place));
    const needed = new Map<string, string[]>();
    for (const { flag, prerequisites } of read) {
      for (const key of prerequisites) needed.set(key, [...(needed.get(key) ?? []), flag.key]);
    }
    dependents.set(environment, needed);
    lastCount = read.length;
    return {
      environment,
      readAtMs: clock.now(),
      sourceChangedAtMs: null,
      mark: markOf(beganAtMs, clock.now()),
      flags: read.map(({ flag }) => flag),
    };
  }

  async function readChanges(
    environment: string,
    mark: string,
    signal: AbortSignal,
  ): Promise<EnvironmentChanges | null> {
    const changed = await changedSince(keyOf(environment), mark, signal).catch((error: unknown) => {
      // A token may read flags and not the audit log: the whole list then tells, at its price.
      if (error instanceof ScramError && error.code === 'credential') return null;
      throw error;
    });
    if (changed === null) return null;
    const found = await readFlags(changed.keys, environment, signal);
    return {
      readAtMs: clock.now(),
      sourceChangedAtMs: null,
      mark: changed.mark,
      upserts: [...found.values()],
      removals: changed.keys.filter((key) => !found.has(key)),
    };
  }

  async function readNow(key: string, environment: string, signal: AbortSignal): Promise<ReadFlag> {
    const place = placeOf(environment);
    const { value } = await api.ask({
      method: 'GET',
      path: `/api/v2/flags/${encodeURIComponent(project)}/${encodeURIComponent(key)}`,
      query: { env: place.providerEnvironment },
      schema: flagSchema,
      what: `flag ${key}`,
      signal,
    });
    // The list leaves archived flags out as well: services are not told of them any more.
    if (value.archived || value.environments?.[place.providerEnvironment]?.archived) {
      throw new ScramError('not-found', `${api.name}: flag ${key} is archived`, {
        action: 'Restore it in LaunchDarkly.',
      });
    }
    return normalise(value, hintsOf(key), place);
  }

  async function readFlags(
    keys: readonly string[],
    environment: string,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, ProviderFlag>> {
    const pages = Math.ceil((lastCount ?? Number.POSITIVE_INFINITY) / PAGE);
    if (keys.length > Math.max(pages, MOST_SINGLE)) {
      const wanted = new Set(keys);
      const { flags } = await readEnvironment(environment, signal);
      return new Map(flags.flatMap((flag) => (wanted.has(flag.key) ? [[flag.key, flag]] : [])));
    }
    const found = await inParallel(keys, async (key) => {
      try {
        return (await readNow(key, environment, signal)).flag;
      } catch (error) {
        if (error instanceof ScramError && error.code === 'not-found') return null;
        throw error;
      }
    });
    return new Map(found.flatMap((flag) => (flag === null ? [] : [[flag.key, flag]])));
  }

  async function targetOf(request: WriteRequest, signal: AbortSignal): Promise<Target> {
    const { flag, version } = await readNow(request.key, request.environment, signal);
    if (flag.state.revision !== request.expectRevision) throw moved(request.key, flag.providerEnvironment);
    const { targeting, variations } = readDefinition(flag.definition, flag.key);
    const hasOffVariation = targeting.offVariation !== null;
    return { project, key: flag.key, environment: flag.providerEnvironment, version, hasOffVariation, variations };
  }

  function writeOf({ write, key }: WriteRequest): Write {
    const parsed = writeSchema.safeParse(write);
    if (parsed.success) return parsed.data;
    throw new ScramError('refused', `the write for ${key} is not one of a LaunchDarkly connection`);
  }

  async function apply(request: WriteRequest, signal: AbortSignal): Promise<void> {
    const write = writeOf(request);
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const target = await targetOf(request, signal);
      const outcome = await send(options, target, write, { patch: patchOf(write, target) }, request.comment, signal);
      if (outcome === 'done') return;
      // Refused, so that nothing was written. Which status a failed `test` has is not documented: the version tells.
      const again = await targetOf(request, signal);
      if (again.version !== target.version) continue;
      if (outcome === 'moved') break;
      return inOtherForm(request, write, again, outcome, signal);
    }
    throw moved(request.key, keyOf(request.environment));
  }

  /**
   * The version is as it was: it is the patch that was refused. What a semantic patch can say is then tried as one, whose
   * check (just done) and write are two steps: better than a kill, or its undo, that cannot be done.
   */
  async function inOtherForm(
    request: WriteRequest,
    write: Write,
    target: Target,
    refusal: ScramError,
    signal: AbortSignal,
  ): Promise<void> {
    const instructions = instructionsOf(write, target);
    if (instructions === null) throw refusal;
    const outcome = await send(options, target, write, { instructions }, request.comment, signal);
    if (outcome === 'moved') throw moved(target.key, target.environment);
    if (outcome !== 'done') throw outcome;
  }

  function moved(key: string, environment: string): ScramError {
    return new ScramError(
      'conflict',
      `${key} in ${environment} of ${api.name} has changed since it was read; nothing was written`,
      {
        action: 'Look at its present state and decide again.',
      },
    );
  }

  return {
    kind: 'launchdarkly',
    capabilities: {
      watch: false,
      kill: true,
      restoreExact: true,
      rollout: true,
      bulk: null,
      audit: true,
      comment: true,
      approvals: true,
    },
    environments: Object.keys(environments),
    providerEnvironment: keyOf,
    sharesReads: true,
    readEnvironment,
    readChanges,
    readFlag: async (key, environment, signal) => (await readNow(key, environment, signal)).flag,
    readFlags,
    planKill: (flag) => planKill(flag, dependents.get(flag.environment)?.get(flag.key) ?? []),
    planRestore,
    planRollout,
    apply,
    async requestApproval(request, signal) {
      const { key, comment, description } = request;
      const write = writeOf(request);
      const target = await targetOf(request, signal);
      const instructions = instructionsOf(write, target);
      if (instructions === null) {
        throw new ScramError(
          'refused',
          `LaunchDarkly takes approval requests as instructions, and what is to be written of ${key} cannot be said as such`,
          { action: 'Open an approval request for it in LaunchDarkly.' },
        );
      }
      return approvals.request(target, { instructions, description, comment }, signal);
    },
    followApproval: (approval, _environment, signal) => approvals.follow(approval, signal),
    applyApproval: (approval, _environment, signal) => approvals.apply(approval, signal),
    async audit(sinceMs, signal) {
      const { entries } = await auditEntries(api, project, sinceMs, AUDIT_PAGES, signal);
      return auditEvents(entries, project, (key) => ours.get(key));
    },
    watch: () => ({ dispose() {} }),
    probe: (signal) => probe({ api, project, environments, clock }, signal),
    dispose: () => api.dispose(),
  };
}
