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
import type { Api } from '../../shared/api.ts';
import { revisionOfJson } from '../shared/revision.ts';
import { safeVariant } from '../shared/safe-variant.ts';
import { writesOver } from '../shared/writes-over.ts';
import type { FlagsmithEnvironment } from './answers.ts';
import { readAudit } from './audit.ts';
import { createFlagsmithClient, type Place } from './client.ts';
import { type Live, readAll, readOne } from './live.ts';
import { planKill, planRestore, writeSchema } from './plan.ts';
import { approvalsOf, probe } from './probe.ts';
import { servedOf, variantsOf } from './serving.ts';
import { writeStates } from './write.ts';

export interface FlagsmithOptions {
  readonly id: string;
  readonly api: Api;
  /** Number of the project. */
  readonly project: number;
  /** Flagsmith's name of each environment, by ours. */
  readonly environments: Readonly<Record<string, string>>;
  readonly hintsOf: FlagHintsOf;
  readonly clock: Clock;
}

/** The audit log is written by a queue, and not for everything by old versions: it is believed for so long, milliseconds. */
const AUDIT_BELIEVED_MS = 60_000;

/** From so many flags on the lists are fewer requests than each flag's own. */
const LIST_FROM = 6;

/** Flagsmith by its Admin API (docs.flagsmith.com; Flagsmith/flagsmith, api/). */
export function createFlagsmithProvider(options: FlagsmithOptions): FlagProvider {
  const { api, environments, hintsOf, clock } = options;
  const client = createFlagsmithClient(api, options.project);
  const ours = new Map(Object.entries(environments).map(([name, theirs]) => [theirs, name]));
  /** Number of each feature by its name, as last seen. */
  const known = new Map<string, number>();
  /** Flagsmith has no precondition on writes: those of this console go one after the other. */
  const queues = new Map<string, Promise<unknown>>();
  let edge: boolean | null = null;

  function nameOf(environment: string): string {
    const name = Object.hasOwn(environments, environment) ? environments[environment] : undefined;
    if (name !== undefined) return name;
    throw new ScramError(
      'not-found',
      `connection ${options.id} has no environment ${environment}: ${Object.keys(environments).join(', ')}`,
    );
  }

  /** Where the environment's states are, with its settings as they are now. */
  async function placeOf(environment: string, signal: AbortSignal): Promise<Place> {
    const name = nameOf(environment);
    const [all, project] = await Promise.all([
      client.environments(signal),
      edge === null ? client.project(signal) : null,
    ]);
    if (project !== null) edge = project.value.use_edge_identities;
    const found = all.find((one) => one.name === name);
    if (found === undefined) throw noEnvironment(api.name, name, all);
    return { environment: found, edge: edge ?? false };
  }
  /** As last seen: an environment's key and number never change, and what does is read before a write. */
  const places = new Map<string, Place>();
  async function knownPlace(environment: string, signal: AbortSignal): Promise<Place> {
    const place = places.get(environment) ?? (await placeOf(environment, signal));
    places.set(environment, place);
    return place;
  }

  function normalise({ definition, feature, changedAtMs }: Live, environment: string): ProviderFlag {
    known.set(feature.name, feature.id);
    const variants = variantsOf(definition);
    const safeDefault = safeVariant(variants, hintsOf(feature.name));
    return {
      key: feature.name,
      environment,
      providerEnvironment: nameOf(environment),
      state: { ...servedOf(definition, safeDefault), revision: revisionOfJson(definition) },
      variants: Object.entries(variants).map(([name, value]) => ({ name, value })),
      safeDefault,
      description: feature.description?.trim() || null,
      type: null,
      owner: feature.owners.find(({ email }) => email)?.email ?? null,
      tags: [],
      // Archived features are hidden in Flagsmith and served all the same.
      stale: feature.is_archived,
      lastSeenAtMs: null,
      changedAtMs,
      changedBy: null,
      definition,
    };
  }

  /** Newest entry of the audit log; null when it may not be read or does not exist. */
  async function auditMark(signal: AbortSignal): Promise<string | null> {
    try {
      const { results } = await client.audit(1, 1, signal);
      return String(results[0]?.id ?? 0);
    } catch (error) {
      if (error instanceof ScramError && ['credential', 'not-found'].includes(error.code)) return null;
      throw error;
    }
  }

  async function readEnvironment(environment: string, signal: AbortSignal): Promise<EnvironmentRead> {
    // Taken before the reading: a change in between makes the mark old, never the flags.
    const entry = await auditMark(signal);
    const place = await placeOf(environment, signal);
    places.set(environment, place);
    const all = await readAll(client, place, signal);
    const readAtMs = clock.now();
    return {
      environment,
      readAtMs,
      sourceChangedAtMs: null,
      mark: entry === null ? null : `${entry}@${readAtMs}`,
      flags: all.map((live) => normalise(live, environment)),
    };
  }

  async function readChanges(
    environment: string,
    mark: string,
    signal: AbortSignal,
  ): Promise<EnvironmentChanges | null> {
    nameOf(environment);
    const [entry, readAtMs] = mark.split('@');
    if (clock.now() - Number(readAtMs) > AUDIT_BELIEVED_MS) return null;
    if ((await auditMark(signal)) !== entry) return null;
    return { readAtMs: clock.now(), sourceChangedAtMs: null, mark, upserts: [], removals: [] };
  }

  async function featureOf(key: string, signal: AbortSignal): Promise<{ id: number; name: string }> {
    const id = known.get(key) ?? (await client.searchFeatures(key, signal)).find(({ name }) => name === key)?.id;
    if (id === undefined) throw gone(api.name, key);
    return { id, name: key };
  }

  async function liveOf(key: string, place: Place, signal: AbortSignal): Promise<Live> {
    try {
      const live = await readOne(client, place, await featureOf(key, signal), signal);
      if (live.feature.name === key) return live;
    } catch (error) {
      if (!(error instanceof ScramError) || error.code !== 'not-found') throw error;
    }
    // A number that was known may be another feature's, or none: removed, and perhaps made again under its name.
    if (!known.delete(key)) throw gone(api.name, key);
    return readOne(client, place, await featureOf(key, signal), signal);
  }

  async function readFlag(key: string, environment: string, signal: AbortSignal): Promise<ProviderFlag> {
    await settled([key], environment, signal);
    return normalise(await liveOf(key, await knownPlace(environment, signal), signal), environment);
  }

  async function readFlags(keys: readonly string[], environment: string, signal: AbortSignal) {
    await settled(keys, environment, signal);
    const place = await knownPlace(environment, signal);
    const wanted = new Set(keys);
    const all =
      keys.length >= LIST_FROM
        ? (await readAll(client, place, signal)).filter(({ feature }) => wanted.has(feature.name))
        : await Promise.all(
            keys.map((key) =>
              liveOf(key, place, signal).catch((error: unknown) => {
                if (error instanceof ScramError && error.code === 'not-found') return null;
                throw error;
              }),
            ),
          );
    const flags = all.flatMap((live) => (live === null ? [] : [normalise(live, environment)]));
    return new Map(flags.map((flag) => [flag.key, flag]));
  }

  async function write({ key, environment, expectRevision, write }: WriteRequest, signal: AbortSignal): Promise<void> {
    const read = writeSchema.safeParse(write);
    if (!read.success || read.data.target.feature.name !== key) {
      throw new ScramError('refused', `the write for ${key} is not one of a Flagsmith connection`);
    }
    const [place, live] = await Promise.all([
      placeOf(environment, signal),
      knownPlace(environment, signal).then((at) => liveOf(key, at, signal)),
    ]);
    places.set(environment, place);
    if (revisionOfJson(live.definition) !== expectRevision) throw moved(key, nameOf(environment));
    const approvals = approvalsOf(place.environment);
    if (approvals > 0) {
      throw new ScramError(
        'approval-required',
        `${api.name}: environment ${place.environment.name} takes changes by change request only, with ${approvals === 1 ? '1 approval' : `${approvals} approvals`}`,
        { action: `Make a change request for ${key} in Flagsmith, in environment ${place.environment.name}.` },
      );
    }
    signal.throwIfAborted();
    await writeStates(client, place, live, read.data.target);
  }

  const queueOf = (key: string, environment: string): string => `${environment}\n${key}`;

  function settled(keys: readonly string[], environment: string, signal: AbortSignal): Promise<void> {
    return writesOver(
      keys.flatMap((key) => queues.get(queueOf(key, environment)) ?? []),
      signal,
    );
  }

  function apply(request: WriteRequest, signal: AbortSignal): Promise<void> {
    const id = queueOf(request.key, request.environment);
    const before = queues.get(id) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(() => write(request, signal));
    queues.set(id, mine);
    return mine.finally(() => {
      if (queues.get(id) === mine) queues.delete(id);
    });
  }

  return {
    kind: 'flagsmith',
    capabilities: {
      watch: false,
      kill: true,
      restoreExact: true,
      rollout: false,
      bulk: null,
      audit: true,
      comment: false,
      approvals: false,
    },
    environments: Object.keys(environments),
    providerEnvironment: nameOf,
    readEnvironment,
    readChanges,
    readFlag,
    readFlags,
    planKill,
    planRestore,
    apply,
    audit: (sinceMs, signal) => readAudit(client, ours, sinceMs, signal),
    watch: () => ({ dispose() {} }),
    probe: (signal) => probe(client, environments, clock, signal),
    dispose() {
      known.clear();
      places.clear();
      api.dispose();
    },
  };
}

function noEnvironment(where: string, name: string, there: readonly FlagsmithEnvironment[]): ScramError {
  return new ScramError(
    'not-found',
    `${where} has no environment ${name} in this project, only ${there.map((one) => one.name).join(', ') || 'none'}`,
    { action: "Check the connection's project and environments in scram.yaml." },
  );
}

function gone(where: string, key: string): ScramError {
  return new ScramError('not-found', `${where} has no feature ${key} any more`, { action: 'Look at it in Flagsmith.' });
}

function moved(key: string, where: string): ScramError {
  return new ScramError('conflict', `${key} in ${where} has changed since it was read; nothing was written`, {
    action: 'Look at its present state and decide again.',
  });
}
