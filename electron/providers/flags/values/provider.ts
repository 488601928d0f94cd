import { z } from 'zod';
import { ScramError } from '../../../../shared/model/error.ts';
import { type JsonValue, jsonValueSchema } from '../../../../shared/model/json.ts';
import type { ProbeReport } from '../../../../shared/model/probe.ts';
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
import { bytesOf, definitionOf, normalise, type OnOff, revisionOf, stateOf } from './normalise.ts';
import { probeStore } from './probe.ts';
import type { StoredValue, ValueEdit, ValueStore } from './store.ts';

export interface ValuesOptions {
  readonly kind: string;
  readonly id: string;
  readonly store: ValueStore;
  /** What the keys of each environment start with. */
  readonly prefixes: Readonly<Record<string, string>>;
  readonly values: OnOff;
  readonly hintsOf: FlagHintsOf;
  readonly clock: Clock;
}

/** Somebody may write the same text again and again, which moves a version and no flag. */
const ATTEMPTS = 5;

const writeSchema = z.strictObject({ value: jsonValueSchema });

/** Flags kept one by one in a key-value store: what a key holds is what its flag serves to everyone. */
export function createValuesProvider(options: ValuesOptions): FlagProvider {
  const { kind, id, store, prefixes, values, hintsOf, clock } = options;

  function prefixOf(environment: string): string {
    const prefix = Object.hasOwn(prefixes, environment) ? prefixes[environment] : undefined;
    if (prefix !== undefined) return prefix;
    throw new ScramError(
      'not-found',
      `connection ${id} has no environment ${environment}: ${Object.keys(prefixes).join(', ')}`,
    );
  }

  function flagOf(fullKey: string, { bytes }: StoredValue, environment: string, prefix: string): ProviderFlag {
    const key = fullKey.slice(prefix.length);
    return normalise(bytes, values, hintsOf(key), { key, environment, prefix });
  }

  /** A key that is the prefix itself marks a folder, and is no flag. */
  const flagsOf = (found: ReadonlyMap<string, StoredValue>, environment: string, prefix: string): ProviderFlag[] =>
    [...found].flatMap(([key, stored]) => (key === prefix ? [] : [flagOf(key, stored, environment, prefix)]));

  async function readEnvironment(environment: string, signal: AbortSignal): Promise<EnvironmentRead> {
    const prefix = prefixOf(environment);
    const { values: found, mark } = await store.list(prefix, signal);
    const flags = flagsOf(found, environment, prefix);
    return { environment, readAtMs: clock.now(), sourceChangedAtMs: null, mark, flags };
  }

  async function readChanges(
    environment: string,
    mark: string,
    signal: AbortSignal,
  ): Promise<EnvironmentChanges | null> {
    const prefix = prefixOf(environment);
    const found = await store.changes(prefix, mark, signal);
    if (found === null) return null;
    return {
      readAtMs: clock.now(),
      sourceChangedAtMs: null,
      mark: found.mark,
      upserts: flagsOf(found.values, environment, prefix),
      removals: found.removed.filter((key) => key !== prefix).map((key) => key.slice(prefix.length)),
    };
  }

  async function readFlags(
    keys: readonly string[],
    environment: string,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, ProviderFlag>> {
    const prefix = prefixOf(environment);
    const found = await store.get(
      keys.map((key) => prefix + key),
      signal,
    );
    return new Map(flagsOf(found, environment, prefix).map((flag) => [flag.key, flag]));
  }

  async function readFlag(key: string, environment: string, signal: AbortSignal): Promise<ProviderFlag> {
    const flag = (await readFlags([key], environment, signal)).get(key);
    if (flag === undefined) throw gone(prefixOf(environment) + key);
    return flag;
  }

  function gone(fullKey: string): ScramError {
    return new ScramError('not-found', `${store.name} has no key ${fullKey} any more`, {
      action: 'Look at the store: a kill never makes a key, since no service may read it.',
    });
  }

  function moved(fullKey: string): ScramError {
    return new ScramError('conflict', `${fullKey} at ${store.name} has changed since it was read; it was not written`, {
      action: 'Look at its present state and decide again.',
    });
  }

  function planOf(flag: ProviderFlag, definition: JsonValue): PlannedWrite {
    const after = stateOf(bytesOf(definition, flag.key), values, hintsOf(flag.key));
    return { write: { value: definition }, after, definitionAfter: definition };
  }

  function planKill(flag: ProviderFlag): PlannedWrite {
    if (flag.safeDefault === null) {
      throw new ScramError('refused', `which value of ${flag.key} is safe to serve is not known`, {
        action: `Name it in scram.yaml: flags[].safeDefault of ${flag.key}, ${
          flag.variants.length > 1
            ? `one of ${flag.variants.map((variant) => variant.name).join(', ')}`
            : `the text to store; its present value ${flag.state.serves} means neither on (${values.on}) nor off (${values.off})`
        }.`,
      });
    }
    const definition = definitionOf(Buffer.from(flag.safeDefault));
    return planOf(flag, definition);
  }

  function planRestore(flag: ProviderFlag, earlier: { definition: JsonValue }): PlannedWrite {
    return planOf(flag, earlier.definition);
  }

  /** The edit of one request, or what keeps it from being written. */
  function editOf(request: WriteRequest, found: ReadonlyMap<string, StoredValue>): ValueEdit | Error {
    const key = prefixOf(request.environment) + request.key;
    const present = found.get(key);
    if (present === undefined) return gone(key);
    if (revisionOf(present.bytes) !== request.expectRevision) return moved(key);
    const write = writeSchema.safeParse(request.write);
    if (!write.success) {
      return new ScramError('refused', `the write for ${request.key} is not one of a ${kind} connection`);
    }
    try {
      return { key, bytes: bytesOf(write.data.value, request.key), expect: present };
    } catch (error) {
      return asError(error);
    }
  }

  /** One attempt. Requests that are undefined in the answer have moved in a way that does not matter: look again. */
  async function attempt(
    requests: readonly WriteRequest[],
    signal: AbortSignal,
  ): Promise<readonly (Error | null | undefined)[]> {
    const keys = requests.map((request) => prefixOf(request.environment) + request.key);
    const found = await store.get(keys, signal);
    const edits = requests.map((request) => editOf(request, found));
    const good = edits.filter((edit): edit is ValueEdit => !(edit instanceof Error));
    const written = good.length === 0 ? [] : await store.compareAndSet(good, signal);
    const outcome = new Map(good.map((edit, index) => [edit, written[index] === true]));
    return edits.map((edit) => (edit instanceof Error ? edit : outcome.get(edit) ? null : undefined));
  }

  async function applyAll(requests: readonly WriteRequest[], signal: AbortSignal): Promise<(Error | null)[]> {
    if (requests.length > store.bulk) {
      throw new ScramError('refused', `${requests.length} changes are more than ${store.bulk} at once`);
    }
    const answers: (Error | null | undefined)[] = requests.map(() => undefined);
    for (let tries = 1; answers.includes(undefined); tries += 1) {
      const open = requests.flatMap((request, index) => (answers[index] === undefined ? [{ request, index }] : []));
      try {
        const outcomes = await attempt(
          open.map(({ request }) => request),
          signal,
        );
        for (const [at, { index, request }] of open.entries()) {
          const tooOften = tries >= ATTEMPTS ? moved(prefixOf(request.environment) + request.key) : undefined;
          answers[index] = outcomes[at] === undefined ? tooOften : outcomes[at];
        }
      } catch (error) {
        if (open.length === requests.length) throw error;
        for (const { index } of open) answers[index] = asError(error);
      }
    }
    return answers.map((answer) => answer ?? null);
  }

  async function apply(request: WriteRequest, signal: AbortSignal): Promise<void> {
    const [problem] = await applyAll([request], signal);
    if (problem) throw problem;
  }

  return {
    kind,
    capabilities: {
      watch: true,
      kill: true,
      restoreExact: true,
      rollout: false,
      bulk: store.bulk,
      audit: false,
      comment: false,
      approvals: false,
    },
    environments: Object.keys(prefixes),
    providerEnvironment: prefixOf,
    readEnvironment,
    readChanges,
    readFlag,
    readFlags,
    planKill,
    planRestore,
    apply,
    applyAll,
    watch(onChange) {
      const names = new Map(Object.entries(prefixes).map(([environment, prefix]) => [prefix, environment]));
      return store.watch([...names.keys()], (prefix) => {
        const environment = names.get(prefix);
        if (environment !== undefined) onChange(environment);
      });
    },
    probe: (signal): Promise<ProbeReport> => probeStore(store, prefixes, signal),
    dispose: () => store.dispose(),
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
