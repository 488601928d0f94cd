import { z } from 'zod';
import type { ObserverConfigOf } from '../../../../shared/model/config/index.ts';
import { ScramError } from '../../../../shared/model/error.ts';
import { type JsonValue, jsonValueSchema } from '../../../../shared/model/json.ts';
import type { HttpResponse } from '../../../platform/http/client.ts';
import type { FlagObservation, FlagObserver } from '../../../services/flags/observer.ts';
import type { Clock } from '../../../services/ports.ts';
import type { Api, Explained } from '../../shared/api.ts';
import { mismatch } from '../../shared/field-name.ts';
import { openApi } from '../../shared/http-connection.ts';
import type { ObserverFactory } from '../context.ts';

/** What one user is served of one flag; `variant` null without a value: the services' own code decides. */
type Served = Pick<FlagObservation, 'variant' | 'value'>;

const CODE_DEFAULT: Served = { variant: null };

/** `evaluationSuccess`, `evaluationFailure` and `flagNotFound` of the protocol's openapi.yaml, of every version so far. */
const evaluationSchema = z.object({
  key: z.string(),
  value: jsonValueSchema.optional(),
  variant: z.string().nullish(),
  reason: z.string().nullish(),
  errorCode: z.string().optional(),
  errorDetails: z.string().nullish(),
});
type Evaluation = z.infer<typeof evaluationSchema>;

const bulkSchema = z.object({ flags: z.array(evaluationSchema) });
const failureSchema = z.looseObject({
  errorCode: z.string().optional(),
  errorDetails: z.string().nullish(),
  message: z.string().optional(),
});

/** One request tells of every flag, and mostly that nothing has changed. */
const PACE_MS = 200;
/** A server without bulk evaluation is asked again after this long, milliseconds: it may have been updated. */
const BULK_AGAIN_MS = 60_000;
/** Statuses of a server that has single evaluation alone. */
const NO_BULK = [404, 405, 501];
/** Single evaluations that are under way at once. */
const AT_ONCE = 6;
/** The observer itself asked in a way that this flag needs more of: nothing is known of other users. */
const UNTOLD = new Set(['TARGETING_KEY_MISSING', 'INVALID_CONTEXT']);

export interface OfrepObserverOptions {
  readonly api: Api;
  readonly instance: string;
  readonly region: string;
  readonly environments: readonly string[] | null;
  /** `targetingKey` of each user that is asked for. */
  readonly users: readonly string[];
  readonly clock: Clock;
}

export const ofrepObserver: ObserverFactory<ObserverConfigOf<'ofrep'>> = (config, context) => {
  const instance = config.instance ?? new URL(config.url).host;
  const { api } = openApi({ ...config, id: `ofrep:${instance}` }, context, {
    name: 'OFREP',
    explain: explained,
    ...(config.header === 'x-api-key'
      ? { auth: (secret) => ({ kind: 'header', name: 'x-api-key', value: secret }) as const }
      : { auth: (secret) => ({ kind: 'bearer', token: secret }) as const }),
    ...(config.headers === undefined ? {} : { headers: config.headers }),
  });
  return createOfrepObserver({ ...config, api, instance, environments: context.environments, clock: context.clock });
};

/**
 * What a flag daemon or relay serves now (B5, B6), by OpenFeature's remote evaluation protocol (open-feature/protocol,
 * service/openapi.yaml). Every user of the configuration yields an observation: where they differ the instance has
 * several variants told, and never looks done before the last of them is.
 */
export function createOfrepObserver(options: OfrepObserverOptions): FlagObserver {
  const { api, instance, region, users, clock } = options;
  /** The last whole answer of each user, with its entity tag. */
  const known = new Map<string, { readonly etag: string; readonly served: ReadonlyMap<string, Served | null> }>();
  let bulkAgainAtMs = 0;

  /** Every flag by key; null when the server has no bulk evaluation. */
  async function evaluateAll(user: string, signal: AbortSignal): Promise<ReadonlyMap<string, Served | null> | null> {
    if (clock.now() < bulkAgainAtMs) return null;
    const earlier = known.get(user);
    const request = {
      method: 'POST',
      path: '/ofrep/v1/evaluate/flags',
      json: { context: { targetingKey: user } },
      schema: bulkSchema,
      what: 'all flags',
      accept: NO_BULK,
      idempotentRead: true,
      signal,
    } as const;
    const answer = await (earlier ? api.askIfChanged(request, earlier.etag) : api.ask(request));
    // 304: the server has just said that it still serves the same.
    if (answer === null) return earlier?.served ?? null;
    known.delete(user);
    if (NO_BULK.includes(answer.response.status)) {
      bulkAgainAtMs = clock.now() + BULK_AGAIN_MS;
      return null;
    }
    const served = new Map(answer.value.flags.map((flag) => [flag.key, servedOf(flag)]));
    if (answer.etag !== null) known.set(user, { etag: answer.etag, served });
    return served;
  }

  /** One flag; null when the server cannot tell for this user. */
  async function evaluateOne(key: string, user: string, signal: AbortSignal): Promise<Served | null> {
    const what = `flag ${key}`;
    const { response } = await api.ask({
      method: 'POST',
      path: `/ofrep/v1/evaluate/flags/${encodeURIComponent(key)}`,
      json: { context: { targetingKey: user } },
      schema: null,
      what,
      accept: [400, 404],
      idempotentRead: true,
      signal,
    });
    const failed = response.status !== 200;
    const body = failed ? bodyOf(response) : response.json();
    const read = evaluationSchema.safeParse(body);
    if (failed && !(read.success && read.data.errorCode !== undefined)) {
      // Some servers answer without the key, which the protocol demands; others are no OFREP server at all.
      const told = failureSchema.safeParse(body);
      const errorCode = told.success ? told.data.errorCode : undefined;
      if (errorCode === undefined) throw notOfrep(api.name, what, response);
      return servedOf({ key, errorCode });
    }
    if (!read.success) {
      throw new ScramError('provider', `${api.name}: the answer for ${what} does not fit: ${mismatch(read.error)}`, {
        action: 'Check that the address is an OFREP server, and its version.',
      });
    }
    return servedOf(read.data);
  }

  async function observeUser(keys: readonly string[], user: string, signal: AbortSignal): Promise<FlagObservation[]> {
    const all = await evaluateAll(user, signal);
    // As of now also where a 304 stands for the answer: the server has confirmed it.
    const atMs = clock.now();
    const seen: FlagObservation[] = [];
    const add = (key: string, served: Served | null, at: number): void => {
      if (served !== null) seen.push({ key, instance, region, ...served, atMs: at });
    };
    const missing: string[] = [];
    for (const key of keys) {
      const served = all?.get(key);
      if (served === undefined) missing.push(key);
      else add(key, served, atMs);
    }
    for (let start = 0; start < missing.length; start += AT_ONCE) {
      const some = missing.slice(start, start + AT_ONCE);
      const served = await Promise.all(some.map((key) => evaluateOne(key, user, signal)));
      some.forEach((key, index) => {
        add(key, served[index] ?? null, clock.now());
      });
    }
    return seen;
  }

  return {
    id: `ofrep:${region}:${instance}`,
    environments: options.environments,
    paceMs: PACE_MS,
    get bulk() {
      return clock.now() >= bulkAgainAtMs;
    },
    async observe(keys, _environment, signal) {
      const [first, ...rest] = users;
      if (first === undefined) return [];
      // The first learns whether there is bulk evaluation, the others then ask at once.
      const all = [await observeUser(keys, first, signal)];
      all.push(...(await Promise.all(rest.map((user) => observeUser(keys, user, signal)))));
      // Users who get the same say it once.
      const seen = new Map<string, FlagObservation>();
      for (const one of all.flat()) seen.set(JSON.stringify([one.key, one.variant, one.value]), one);
      return [...seen.values()];
    },
    dispose() {
      known.clear();
      api.dispose();
    },
  };
}

/** Null: nothing can be told of this user. */
function servedOf({ value, variant, reason, errorCode }: Evaluation): Served | null {
  if (errorCode !== undefined) return UNTOLD.has(errorCode) ? null : CODE_DEFAULT;
  const name = variant === undefined || variant === null || variant === '' ? null : variant;
  // No value: the code decides (service/adrs/0006). Flipt answers "" for a disabled flag without a default variant.
  if (value === undefined || value === null || reason === 'ERROR') return CODE_DEFAULT;
  if (reason === 'DISABLED' && name === null) return CODE_DEFAULT;
  return { variant: name, value: value satisfies JsonValue };
}

function notOfrep(name: string, what: string, response: HttpResponse): ScramError {
  return new ScramError('provider', `${name}, ${what}: answered ${response.status} and no OFREP failure`, {
    action: "Check the observer's address: what answers there has no /ofrep/v1/evaluate/flags.",
  });
}

function bodyOf(response: HttpResponse): unknown {
  try {
    return response.json();
  } catch {
    return undefined;
  }
}

function explained(_response: HttpResponse, body: unknown): Explained | null {
  const told = failureSchema.safeParse(body);
  if (!told.success) return null;
  const words = [told.data.errorCode, told.data.errorDetails ?? told.data.message].filter((part) => part).join(': ');
  return words === '' ? null : { message: words };
}
