import { z } from 'zod';
import type { ObserverConfigOf } from '../../../../shared/model/config/index.ts';
import { ScramError } from '../../../../shared/model/error.ts';
import { jsonValueSchema } from '../../../../shared/model/json.ts';
import type { FlagObservation, FlagObserver } from '../../../services/flags/observer.ts';
import type { Clock } from '../../../services/ports.ts';
import type { Api } from '../../shared/api.ts';
import { openApi } from '../../shared/http-connection.ts';
import type { ObserverFactory } from '../context.ts';
import { dependenciesOf, strategyOf } from '../unleash/definition.ts';
import { explain } from '../unleash/client.ts';
import { dependencySchema, objectsOf, strategySchema } from '../unleash/answers.ts';
import { servingOf } from '../unleash/serving.ts';

/** `GET /api/client/features` (clientFeaturesSchema): strategies that do not count are left out, ids too. */
const clientFlagSchema = z.object({
  name: z.string(),
  enabled: z.boolean(),
  strategies: z.array(strategySchema.omit({ id: true })).nullish(),
  variants: z.array(z.record(z.string(), jsonValueSchema)).nullish(),
  dependencies: z.array(dependencySchema).nullish(),
});
const clientSchema = z.object({ features: z.array(clientFlagSchema) });
type ClientFlag = z.infer<typeof clientFlagSchema>;

/** `GET /api/frontend` (frontendApiFeaturesSchema): the flags that are on for one user. */
const frontendSchema = z.object({ toggles: z.array(z.object({ name: z.string() })) });

/** The server counts a new state once a second; asking sooner is answered 304, at next to no cost. */
const PACE_MS = 100;
/** More flags at once are asked for all together. */
const MOST_SINGLE = 8;
const USERS = ['scram-observer-1', 'scram-observer-2', 'scram-observer-3'];

export interface UnleashObserverOptions {
  readonly api: Api;
  readonly instance: string;
  readonly region: string;
  readonly environments: readonly string[] | null;
  readonly clock: Clock;
}

export const unleashObserver: ObserverFactory<ObserverConfigOf<'unleash'>> = (config, context) => {
  const instance = config.instance ?? new URL(config.url).host;
  const { api } = openApi({ ...config, id: `unleash:${instance}` }, context, {
    name: 'Unleash client API',
    auth: (token) => ({ kind: 'header', name: 'authorization', value: token }),
    headers: { 'unleash-appname': 'scram', 'unleash-instanceid': 'scram' },
    explain,
  });
  return createUnleashObserver({ ...config, api, instance, environments: context.environments, clock: context.clock });
};

/**
 * What Unleash, a proxy or Edge gives to SDKs now (B5, B6): by a client token what every SDK of the token's environment
 * evaluates, by a frontend token what a few users get. Which token it is shows in the answer: the client API takes none of
 * a browser. Where it depends on the user, both values are told.
 */
export function createUnleashObserver({
  api,
  instance,
  region,
  environments,
  clock,
}: UnleashObserverOptions): FlagObserver {
  /** The last whole answer of each request, with its entity tag. */
  const known = new Map<string, { readonly etag: string; readonly names: ReadonlyMap<string, ClientFlag> }>();
  let kind: 'client' | 'frontend' | null = null;

  async function clientFlags(prefix: string | null, signal: AbortSignal): Promise<ReadonlyMap<string, ClientFlag>> {
    const slot = prefix ?? '';
    const earlier = known.get(slot);
    const request = {
      method: 'GET',
      path: '/api/client/features',
      query: { namePrefix: prefix ?? undefined },
      schema: clientSchema,
      what: prefix === null ? 'all flags' : `flag ${prefix}`,
      signal,
    } as const;
    const answer = await (earlier ? api.askIfChanged(request, earlier.etag) : api.ask(request));
    if (answer === null) return earlier?.names ?? new Map();
    const names = new Map(answer.value.features.map((flag) => [flag.name, flag]));
    known.delete(slot);
    if (answer.etag !== null) known.set(slot, { etag: answer.etag, names });
    return names;
  }

  async function byClient(keys: readonly string[], signal: AbortSignal): Promise<FlagObservation[]> {
    const flags = new Map<string, ClientFlag>();
    const one = keys.length <= MOST_SINGLE;
    for (const names of await Promise.all(
      one ? keys.map((key) => clientFlags(key, signal)) : [clientFlags(null, signal)],
    )) {
      for (const key of keys) {
        const flag = names.get(key);
        if (flag) flags.set(key, flag);
      }
    }
    const atMs = clock.now();
    // A flag that is not listed is archived, or not of the token's projects: an SDK takes it for off.
    return keys.flatMap((key) => servedBy(flags.get(key)).map((value) => observation(key, value, atMs)));
  }

  async function byUsers(keys: readonly string[], signal: AbortSignal): Promise<FlagObservation[]> {
    const answers = await Promise.all(
      USERS.map(async (userId) => {
        const request = {
          method: 'GET',
          path: '/api/frontend',
          query: { userId, sessionId: userId },
          schema: frontendSchema,
          what: `flags of user ${userId}`,
          signal,
        } as const;
        return new Set((await api.ask(request)).value.toggles.map(({ name }) => name));
      }),
    );
    const atMs = clock.now();
    return keys.flatMap((key) =>
      [...new Set(answers.map((on) => on.has(key)))].map((value) => observation(key, value, atMs)),
    );
  }

  function observation(key: string, value: boolean, atMs: number): FlagObservation {
    return { key, instance, region, variant: value ? 'on' : 'off', value, atMs };
  }

  return {
    id: `unleash:${region}:${instance}`,
    environments,
    paceMs: PACE_MS,
    async observe(keys, _environment, signal) {
      if (keys.length === 0) return [];
      if (kind === 'frontend') return byUsers(keys, signal);
      try {
        const seen = await byClient(keys, signal);
        kind = 'client';
        return seen;
      } catch (error) {
        if (kind !== null || !(error instanceof ScramError && error.code === 'credential')) throw error;
        // A browser's token is refused there; one that is refused here too is of neither kind.
        const seen = await byUsers(keys, signal).catch(() => Promise.reject(error));
        kind = 'frontend';
        return seen;
      }
    },
    dispose: () => api.dispose(),
  };
}

/** The values that users get: both when it depends on the user. */
function servedBy(flag: ClientFlag | undefined): readonly boolean[] {
  if (flag === undefined) return [false];
  const serving = servingOf({
    enabled: flag.enabled,
    strategies: (flag.strategies ?? []).map((strategy) => strategyOf({ ...strategy, id: '' })),
    variants: objectsOf(flag.variants),
    dependencies: dependenciesOf(flag.dependencies),
    children: [],
  });
  if (serving.certain) return [true];
  return serving.percentage === 0 && !serving.partial ? [false] : [true, false];
}
