import { z } from 'zod';
import { ScramError } from '../../../../shared/model/error.ts';
import type { JsonValue } from '../../../../shared/model/json.ts';
import type {
  FlagHintsOf,
  FlagProvider,
  PlannedWrite,
  ProviderFlag,
  WriteRequest,
} from '../../../services/flags/provider.ts';
import type { Clock, Disposable } from '../../../services/ports.ts';
import type { FlagFormat, OpenDocument, PlannedEdit } from './format.ts';
import { probeSources } from './probe.ts';
import { createDocumentReader } from './reader.ts';
import { textRevision } from './revision.ts';
import type { DocumentSource } from './source.ts';
import { createDocumentWriter } from './writer.ts';

export interface DocumentProviderOptions {
  readonly kind: string;
  /** Id of the connection, for errors. */
  readonly id: string;
  /** The document of each of our environments. They are disposed of with the provider. */
  readonly sources: Readonly<Record<string, DocumentSource>>;
  readonly format: FlagFormat;
  readonly hintsOf: FlagHintsOf;
  readonly clock: Clock;
  /** The sources keep the reason of a change beside it. */
  readonly keepsComment?: boolean;
  /** Who changed what at the sources, where they keep that. */
  readonly audit?: FlagProvider['audit'];
}

/** Flags that one write changes at most: a commit or a patch that a person can still read. */
const BULK = 500;

const definitionSchema = z.looseObject({ text: z.string() });

/** A flag provider over documents that hold all flags of an environment: they are read, watched and edited in place. */
export function createDocumentProvider(options: DocumentProviderOptions): FlagProvider {
  const { kind, id, sources, format, hintsOf, clock, audit } = options;
  const watches = new Set<Disposable>();
  const reader = createDocumentReader(options);
  const writer = createDocumentWriter({ kind, reader, flagOf });

  function sourceOf(environment: string): DocumentSource {
    const source = Object.hasOwn(sources, environment) ? sources[environment] : undefined;
    if (source !== undefined) return source;
    throw new ScramError(
      'not-found',
      `connection ${id} has no environment ${environment}: ${Object.keys(sources).join(', ')}`,
    );
  }

  function flagOf(open: OpenDocument, key: string, environment: string, source: DocumentSource): ProviderFlag {
    if (!open.has(key)) {
      throw new ScramError('not-found', `${source.name} has no flag ${key} any more`, {
        action: 'Look at the flag file.',
      });
    }
    return open.flag(key, hintsOf(key), environment);
  }

  function textOf(definition: JsonValue, key: string): string {
    const read = definitionSchema.safeParse(definition);
    if (read.success) return read.data.text;
    throw new ScramError('refused', `the kept definition of ${key} is not one of a ${kind} connection`);
  }

  function planned(source: DocumentSource, edit: PlannedEdit): PlannedWrite {
    const text = source.stored?.(edit.text) ?? edit.text;
    return {
      write: { text, serves: edit.promised.serves, shares: edit.promised.shares },
      after: { ...edit.after, revision: textRevision(text) },
      definitionAfter: { text },
      ...(edit.notes === undefined || edit.notes.length === 0 ? {} : { notes: edit.notes }),
    };
  }

  async function apply(request: WriteRequest, signal: AbortSignal): Promise<void> {
    const source = sourceOf(request.environment);
    const [failure] = await writer.write(source, [request], signal);
    if (failure) throw failure;
  }

  async function applyAll(requests: readonly WriteRequest[], signal: AbortSignal): Promise<readonly (Error | null)[]> {
    const [first] = requests;
    if (first === undefined) return [];
    const keys = new Set(requests.map(({ key }) => key));
    const apart = keys.size === requests.length && requests.every((each) => each.environment === first.environment);
    if (requests.length > BULK || !apart) {
      throw new ScramError('refused', `a write at once takes up to ${BULK} different flags of one environment`);
    }
    const source = sourceOf(first.environment);
    return writer.write(source, requests, signal);
  }

  const { planRollout } = format;
  const all = Object.entries(sources);
  return {
    kind,
    capabilities: {
      watch: all.every(([, source]) => source.watch !== undefined),
      kill: true,
      restoreExact: true,
      rollout: planRollout !== undefined,
      bulk: BULK,
      audit: audit !== undefined,
      comment: options.keepsComment ?? false,
      approvals: false,
    },
    environments: Object.keys(sources),
    providerEnvironment: (environment) => sourceOf(environment).name,
    async readEnvironment(environment, signal) {
      const read = await reader.open(sourceOf(environment), signal, (document) =>
        document.keys.map((key) => document.flag(key, hintsOf(key), environment)),
      );
      const { mark, changedAtMs } = read.document;
      return { environment, readAtMs: clock.now(), sourceChangedAtMs: changedAtMs, mark, flags: read.value };
    },
    async readChanges(environment, mark, signal) {
      signal.throwIfAborted();
      const found = (await sourceOf(environment).mark?.(signal)) ?? null;
      if (found?.mark !== mark) return null;
      return { readAtMs: clock.now(), sourceChangedAtMs: found.changedAtMs, mark, upserts: [], removals: [] };
    },
    async readFlag(key, environment, signal) {
      const source = sourceOf(environment);
      return flagOf((await reader.openHot(source, signal)).value, key, environment, source);
    },
    async readFlags(keys, environment, signal) {
      const source = sourceOf(environment);
      const { value } = await reader.openHot(source, signal);
      return new Map(keys.filter((key) => value.has(key)).map((key) => [key, flagOf(value, key, environment, source)]));
    },
    planKill(flag) {
      const source = sourceOf(flag.environment);
      return planned(source, format.planKill(flag, textOf(flag.definition, flag.key), source.fileName));
    },
    planRestore(flag, earlier) {
      const text = textOf(earlier.definition, flag.key);
      return { write: { text, serves: null, shares: null }, after: earlier.state, definitionAfter: { text } };
    },
    ...(planRollout === undefined
      ? {}
      : {
          planRollout(flag: ProviderFlag, percentage: number): PlannedWrite {
            if (!(percentage >= 0 && percentage <= 100)) {
              throw new ScramError('refused', `${percentage} is no share of users: 0 to 100 per cent`);
            }
            const source = sourceOf(flag.environment);
            const text = textOf(flag.definition, flag.key);
            return planned(source, planRollout(flag, text, source.fileName, percentage));
          },
        }),
    apply,
    applyAll,
    ...(audit === undefined ? {} : { audit }),
    watch(onChange) {
      const own = all.flatMap(([environment, source]) => source.watch?.(() => onChange(environment)) ?? []);
      for (const watch of own) watches.add(watch);
      return {
        dispose() {
          for (const watch of own) {
            watch.dispose();
            watches.delete(watch);
          }
        },
      };
    },
    probe: (signal) =>
      probeSources(
        all.map(([, source]) => source),
        async (source) => (await reader.openHot(source, signal)).value.keys.length,
        signal,
      ),
    dispose() {
      for (const watch of watches) watch.dispose();
      watches.clear();
      for (const [, source] of all) source.dispose();
      reader.forget();
    },
  };
}
