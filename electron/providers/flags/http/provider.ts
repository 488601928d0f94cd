import { isDeepStrictEqual } from 'node:util';
import { type HttpConnectionConfig, placeholdersIn } from '../../../../shared/model/config/connections/http.ts';
import { ScramError } from '../../../../shared/model/error.ts';
import type { FlagState } from '../../../../shared/model/flag.ts';
import type { JsonValue } from '../../../../shared/model/json.ts';
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
import type { Api, ApiAnswer } from '../../shared/api.ts';
import { noSafeVariant } from '../shared/safe-variant.ts';
import { anyJson, type Listed, listItems } from './list.ts';
import {
  type Definition,
  definitionSchema,
  misfit,
  normalise,
  type Place,
  type ReadFlag,
  safeValue,
  stateOf,
} from './normalise.ts';
import { describe, lookUp } from './pointer.ts';
import { probe } from './probe.ts';
import { fill, fillPointer, type Values } from './template.ts';

export interface HttpFlagsOptions {
  readonly config: HttpConnectionConfig;
  readonly api: Api;
  readonly hintsOf: FlagHintsOf;
  readonly clock: Clock;
  /** Takes the credential out of words. */
  readonly redact: (text: string) => string;
}

/** Single reads that are under way at once. */
const AT_ONCE = 4;

/** A flag service of a team's own, as its mapping in the configuration tells. */
export function createHttpFlagsProvider(options: HttpFlagsOptions): FlagProvider {
  const { config, api, hintsOf, clock } = options;
  const { environments, list, read, write, flag: mapped } = config;
  const listOptions = { api, url: config.url, list, key: mapped.key };
  const inWrite = placeholdersIn(write?.path, write?.headers, write?.body);
  const canRollOut = inWrite.has('percentage');
  /** The keys of the last whole list of each environment, by its entity tag. */
  const held = new Map<string, { readonly mark: string; readonly keys: readonly string[] }>();

  function placeOf(environment: string): Place {
    const theirs = Object.hasOwn(environments, environment) ? environments[environment] : undefined;
    if (theirs !== undefined) return { environment, providerEnvironment: theirs, name: api.name };
    throw new ScramError(
      'not-found',
      `connection ${config.id} has no environment ${environment}: ${Object.keys(environments).join(', ')}`,
    );
  }

  /** Takes in a whole list; it is the one that later looks are compared with. */
  function taken({ items, etag }: Listed, place: Place): EnvironmentRead {
    const flags = items.map((item) => normalise(item, config, hintsOf(item.key), place).flag);
    if (etag === null) held.delete(place.environment);
    else held.set(place.environment, { mark: etag, keys: flags.map(({ key }) => key) });
    return { environment: place.environment, readAtMs: clock.now(), sourceChangedAtMs: null, mark: etag, flags };
  }

  async function readEnvironment(environment: string, signal: AbortSignal): Promise<EnvironmentRead> {
    const place = placeOf(environment);
    const listed = await listItems(listOptions, place.providerEnvironment, null, signal);
    if (listed === null) throw new ScramError('provider', `${api.name}: answered 304 unasked`);
    return taken(listed, place);
  }

  async function readChanges(
    environment: string,
    mark: string,
    signal: AbortSignal,
  ): Promise<EnvironmentChanges | null> {
    const place = placeOf(environment);
    const before = held.get(environment);
    if (before?.mark !== mark) return null;
    const listed = await listItems(listOptions, place.providerEnvironment, mark, signal);
    if (listed === null) {
      return { readAtMs: clock.now(), sourceChangedAtMs: null, mark, upserts: [], removals: [] };
    }
    const now = taken(listed, place);
    const present = new Set(now.flags.map(({ key }) => key));
    return {
      readAtMs: now.readAtMs,
      sourceChangedAtMs: null,
      mark: now.mark,
      upserts: now.flags,
      removals: before.keys.filter((key) => !present.has(key)),
    };
  }

  async function readNow(key: string, environment: string, signal: AbortSignal): Promise<ReadFlag> {
    const place = placeOf(environment);
    const values: Values = { flag: key, environment: place.providerEnvironment };
    const { value } = await api.ask({
      ...fill(read, values),
      method: read.method,
      schema: anyJson,
      what: `flag ${key}`,
      idempotentRead: true,
      signal,
    });
    const found = lookUp(value, fillPointer(read.item, values));
    if ('problem' in found) throw misfit(place, key, found.problem);
    const told = mapped.key === undefined ? null : lookUp(found.value, fillPointer(mapped.key, values));
    // The service must mean the flag that was asked for: a kill of another one would be the worst of answers (B3).
    if (told !== null && (!('value' in told) || told.value !== key)) {
      const other = 'value' in told ? `${mapped.key} is ${JSON.stringify(told.value)}` : told.problem;
      throw misfit(place, key, `the answer is not about this flag: ${other}`);
    }
    return normalise({ key, item: found.value }, config, hintsOf(key), place);
  }

  async function readFlags(
    keys: readonly string[],
    environment: string,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, ProviderFlag>> {
    const found = new Map<string, ProviderFlag>();
    const open = [...keys];
    const worker = async (): Promise<void> => {
      for (let key = open.pop(); key !== undefined; key = open.pop()) {
        try {
          found.set(key, (await readNow(key, environment, signal)).flag);
        } catch (error) {
          if (error instanceof ScramError && error.code === 'not-found') continue;
          open.length = 0;
          throw error;
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return found;
  }

  function definitionOf(definition: JsonValue, key: string): Definition {
    const parsed = definitionSchema.safeParse(definition);
    if (parsed.success) return parsed.data;
    throw new ScramError('refused', `the kept definition of ${key} is not one of an http connection`);
  }

  function planned(flag: ProviderFlag, definition: Definition): PlannedWrite {
    if (write === undefined) {
      throw new ScramError('refused', `connection ${config.id} only shows flags: it has no request that sets one`, {
        action: "Map it in scram.yaml: the connection's write.",
      });
    }
    // What the write does not carry stays as it is.
    const now = definitionOf(flag.definition, flag.key);
    const after = canRollOut ? definition : { ...definition, percentage: now.percentage };
    return { write: { ...after }, after: stateOf(after, config, hintsOf(flag.key)), definitionAfter: { ...after } };
  }

  function planKill(flag: ProviderFlag): PlannedWrite {
    const now = definitionOf(flag.definition, flag.key);
    const safe = safeValue(now.value, config, hintsOf(flag.key));
    if (safe === undefined) throw noSafeVariant(flag.key, flag.variants);
    const plan = planned(flag, { ...now, value: safe });
    // Killed whatever the value was: the safe one is what is written.
    return { ...plan, after: { ...plan.after, exposure: 'nobody', percentage: 0, targeting: null, killed: true } };
  }

  function planRestore(flag: ProviderFlag, earlier: { definition: JsonValue; state: FlagState }): PlannedWrite {
    return planned(flag, definitionOf(earlier.definition, flag.key));
  }

  function planRollout(flag: ProviderFlag, percentage: number): PlannedWrite {
    if (!(percentage >= 0 && percentage <= 100)) {
      throw new ScramError('invalid-input', `${percentage} is not a share of users: 0 to 100 per cent`);
    }
    const hints = hintsOf(flag.key);
    const { value } = definitionOf(flag.definition, flag.key);
    const safe = safeValue(value, config, hints);
    if (safe === undefined) throw noSafeVariant(flag.key, flag.variants);
    return planned(flag, { value: isDeepStrictEqual(safe, config.off) ? config.on : config.off, percentage });
  }

  async function apply(request: WriteRequest, signal: AbortSignal): Promise<void> {
    const { key, environment } = request;
    const parsed = definitionSchema.safeParse(request.write);
    if (!parsed.success || write === undefined) {
      throw new ScramError('refused', `the write for ${key} is not one of connection ${config.id}`);
    }
    const place = placeOf(environment);
    const { flag, revision } = await readNow(key, environment, signal);
    if (flag.state.revision !== request.expectRevision) {
      throw new ScramError('conflict', `${key} at ${api.name} has changed since it was read; nothing was written`, {
        action: 'Look at its present state and decide again.',
      });
    }
    const { value, percentage } = parsed.data;
    const filled = fill(write, {
      flag: key,
      environment: place.providerEnvironment,
      value: written(value),
      percentage,
      reason: request.comment,
      // As just read: a service that compares it closes the gap between this look and the write.
      revision,
    });
    const what = `setting ${key} in ${place.providerEnvironment}`;
    const answer = await api.ask({
      ...filled,
      method: write.method,
      schema: null,
      what,
      accept: write.success.status.filter((status) => status >= 300),
      signal,
    });
    proveAccepted(answer, what);
  }

  /** The value as the service takes it. */
  function written(value: JsonValue): JsonValue {
    if (write?.values === undefined) return value;
    if (isDeepStrictEqual(value, config.on)) return write.values.on;
    return isDeepStrictEqual(value, config.off) ? write.values.off : value;
  }

  function proveAccepted({ response }: ApiAnswer<unknown>, what: string): void {
    const { status, pointer, equals } = write?.success ?? {};
    const failed = (why: string) =>
      new ScramError('provider', `${api.name}, ${what}: not accepted: ${why}`, {
        action: "Look at the flag's present state. If it was set, correct write.success in scram.yaml.",
      });
    if (status && !status.includes(response.status)) {
      throw failed(`it answered ${response.status}, which is none of ${status.join(', ')}`);
    }
    if (pointer === undefined) return;
    const found = lookUp(response.json() as JsonValue, pointer);
    if ('problem' in found) throw failed(found.problem);
    if (!isDeepStrictEqual(found.value, equals))
      throw failed(`${pointer || 'the answer'}: ${describe(found.value)}, not ${JSON.stringify(equals)}`);
  }

  return {
    kind: 'http',
    capabilities: {
      watch: false,
      kill: write !== undefined,
      restoreExact: write !== undefined,
      rollout: canRollOut,
      bulk: null,
      audit: false,
      comment: inWrite.has('reason'),
      approvals: false,
    },
    environments: Object.keys(environments),
    providerEnvironment: (environment) => placeOf(environment).providerEnvironment,
    readEnvironment,
    readChanges,
    readFlag: async (key, environment, signal) => (await readNow(key, environment, signal)).flag,
    readFlags,
    planKill,
    planRestore,
    ...(canRollOut ? { planRollout } : {}),
    apply,
    watch: () => ({ dispose() {} }),
    probe: (signal) => probe(options, listOptions, signal),
    dispose() {
      held.clear();
      api.dispose();
    },
  };
}
