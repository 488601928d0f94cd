import { z } from 'zod';
import type { ObserverConfigOf } from '../../../../shared/model/config/index.ts';
import { ScramError } from '../../../../shared/model/error.ts';
import type { JsonValue } from '../../../../shared/model/json.ts';
import type { FlagObservation, FlagObserver } from '../../../services/flags/observer.ts';
import type { Clock } from '../../../services/ports.ts';
import type { Api } from '../../shared/api.ts';
import { openApi } from '../../shared/http-connection.ts';
import type { ObserverFactory } from '../context.ts';
import { describe, lookUp } from '../http/pointer.ts';
import { fillPath, fillPointer } from '../http/template.ts';

export interface HttpObserverOptions {
  readonly api: Api;
  readonly instance: string;
  readonly region: string;
  readonly environments: readonly string[] | null;
  /** `$flag` and `$environment` stand for their values. */
  readonly path: string;
  /** JSON pointers into the answer; `$flag` stands for the flag's key. */
  readonly variant: string | undefined;
  readonly value: string | undefined;
  readonly clock: Clock;
}

/** Often enough that a person sees a change arrive, seldom enough that no service notices. */
const PACE_MS = 200;
/** Requests that are under way at once. */
const AT_ONCE = 6;

/** What came from JSON.parse is JSON. */
const anyJson = z.unknown() as z.ZodType<JsonValue>;

export const httpObserver: ObserverFactory<ObserverConfigOf<'http'>> = (config, context) => {
  const instance = config.instance ?? new URL(config.url).host;
  const { api } = openApi({ ...config, id: `http:${instance}` }, context, { name: 'Observed endpoint' });
  const { region, path, variant, value } = config;
  const { environments, clock } = context;
  return createHttpObserver({ api, instance, region, environments, path, variant, value, clock });
};

/** What a service itself says that it uses (B5, B14): an endpoint of its own that answers JSON. */
export function createHttpObserver(options: HttpObserverOptions): FlagObserver {
  const { api, instance, region, path, clock } = options;
  const bulk = !path.includes('$flag');

  /** Null: there is no such flag, or no such page. */
  async function ask(key: string | null, environment: string, signal: AbortSignal) {
    const { value, response } = await api.ask({
      method: 'GET',
      path: fillPath(path, { environment, ...(key === null ? {} : { flag: key }) }),
      schema: anyJson,
      what: key === null ? 'the flags in use' : `flag ${key}`,
      accept: key === null ? [] : [404],
      signal,
    });
    return response.status === 404 ? null : { document: value, atMs: clock.now() };
  }

  function observation(key: string, environment: string, document: JsonValue, atMs: number): FlagObservation | null {
    const at = (pointer: string | undefined) =>
      pointer === undefined ? null : lookUp(document, fillPointer(pointer, { flag: key, environment }));
    const [variant, value] = [at(options.variant), at(options.value)];
    const problems = [variant, value].flatMap((found) => (found && 'problem' in found ? [found.problem] : []));
    const found = [variant, value].some((one) => one && 'value' in one);
    if (!found) {
      // In an answer about every flag one that is absent is not known there.
      if (bulk) return null;
      throw misfit(key, problems.join('; '));
    }
    const name = variant && 'value' in variant ? variant.value : null;
    if (name !== null && typeof name !== 'string') {
      throw misfit(key, `${options.variant}: expected the name of a variant, ${describe(name)}`);
    }
    return {
      key,
      instance,
      region,
      variant: name,
      ...(value && 'value' in value ? { value: value.value } : {}),
      atMs,
    };
  }

  function misfit(key: string, problem: string): ScramError {
    return new ScramError('provider', `${api.name}: the answer for flag ${key} does not fit: ${problem}`, {
      action: "Check the observer's path, variant and value in scram.yaml.",
    });
  }

  async function observeAll(keys: readonly string[], environment: string, signal: AbortSignal) {
    const answer = await ask(null, environment, signal);
    if (answer === null) return [];
    const seen = keys.map((key) => observation(key, environment, answer.document, answer.atMs));
    const known = seen.filter((one) => one !== null);
    // Not one of them: rather a wrong pointer than a service that knows no flag.
    if (known.length === 0 && keys.length > 0) {
      const pointer = options.value ?? options.variant ?? '';
      const found = lookUp(answer.document, fillPointer(pointer, { flag: keys[0] ?? '', environment }));
      throw misfit(keys[0] ?? '', 'problem' in found ? found.problem : 'nothing there');
    }
    return known;
  }

  async function observeEach(keys: readonly string[], environment: string, signal: AbortSignal) {
    const seen: FlagObservation[] = [];
    let unknown = 0;
    for (let start = 0; start < keys.length; start += AT_ONCE) {
      const some = keys.slice(start, start + AT_ONCE);
      const answers = await Promise.all(some.map((key) => ask(key, environment, signal)));
      for (const [index, key] of some.entries()) {
        const answer = answers[index] ?? null;
        const one = answer && observation(key, environment, answer.document, answer.atMs);
        if (one) seen.push(one);
        else unknown += 1;
      }
    }
    // A flag that an instance does not know is not observed there. All of them: the path is probably wrong.
    if (unknown > 0 && unknown === keys.length) {
      throw new ScramError('not-found', `${api.name}: answered 404 for ${keys.join(', ').slice(0, 200)}`, {
        action: "Check the observer's path in scram.yaml, or whether the service knows the flag.",
      });
    }
    return seen;
  }

  return {
    id: `http:${instance}`,
    environments: options.environments,
    paceMs: PACE_MS,
    bulk,
    observe: (keys, environment, signal) =>
      bulk ? observeAll(keys, environment, signal) : observeEach(keys, environment, signal),
    dispose: () => api.dispose(),
  };
}
