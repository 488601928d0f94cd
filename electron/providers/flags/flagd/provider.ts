import { constants } from 'node:fs';
import { access, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { ScramError } from '../../../../shared/model/error.ts';
import type { FlagState } from '../../../../shared/model/flag.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../../shared/model/json.ts';
import type {
  EnvironmentChanges,
  EnvironmentRead,
  FlagHintsOf,
  FlagProvider,
  PlannedWrite,
  ProviderFlag,
  WriteRequest,
} from '../../../services/flags/provider.ts';
import type { ProbeReport } from '../../../../shared/model/probe.ts';
import type { Clock, Disposable } from '../../../services/ports.ts';
import { servingOf } from './definition.ts';
import { servesEveryone } from './evaluate.ts';
import { checkAll, type FlagFile, openFlagFile } from './flag-file.ts';
import { killJson } from './json-kill.ts';
import { normalise, revisionOf } from './normalise.ts';
import { fileError, markOf, readBytes } from './read.ts';
import { killYaml } from './yaml-kill.ts';

export interface FlagdOptions {
  readonly id: string;
  /** Absolute path of each environment's flag file; `.yaml` and `.yml` are YAML, everything else JSON. */
  readonly files: Readonly<Record<string, string>>;
  readonly hintsOf: FlagHintsOf;
  readonly clock: Clock;
  /**
   * Replaces a file whole or leaves it whole (temporary file, fsync, rename), through symbolic links. `beforeReplace`
   * runs right before the rename; a throw keeps the old file.
   */
  readonly writeFile: (
    path: string,
    bytes: Uint8Array,
    options: { readonly beforeReplace: () => Promise<void> },
  ) => Promise<unknown>;
  readonly watchFile: (path: string, onChange: () => void, clock: Clock) => Disposable;
}

/** A writer that does not replace the file but rewrites it needs this long at most between its first and last byte. */
const SETTLE_MS = 60;
const ATTEMPTS = 4;

const writeSchema = z.strictObject({
  text: z.string(),
  /** The variant that everyone must be served afterwards; null for an undo, which puts back whatever was there. */
  serves: z.string().nullable(),
});
const definitionSchema = z.looseObject({ text: z.string() });

/** The flag provider for flagd's file source: the files are read, watched and edited in place. */
export function createFlagdProvider(options: FlagdOptions): FlagProvider {
  const { files, hintsOf, clock } = options;
  const watches = new Set<Disposable>();
  /** The version that was read last: an apply right after a preview finds its place without reading 10,000 flags. */
  let hot: { path: string; file: FlagFile } | null = null;
  /** What this provider itself wrote last: proven then, so that reading it back need not check 10,000 flags again. */
  let written: Uint8Array | null = null;

  function pathOf(environment: string): string {
    const path = Object.hasOwn(files, environment) ? files[environment] : undefined;
    if (path !== undefined) return path;
    throw new ScramError(
      'not-found',
      `connection ${options.id} has no environment ${environment}: ${Object.keys(files).join(', ')}`,
    );
  }

  /** Reads the file and what `use` needs of it, again when it was caught half written. */
  async function open<T>(path: string, signal: AbortSignal, use: (file: FlagFile) => T): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const bytes = await readBytes(path, signal);
      try {
        const known = hot && hot.path === path && hot.file.bytes.equals(bytes) ? hot.file : null;
        return use(known ?? openFlagFile(path, bytes));
      } catch (error) {
        // Truncated while being written: what is half there now is whole in a moment.
        if (attempt === ATTEMPTS) throw error;
        await pause(signal);
      }
    }
  }

  function openHot(path: string, signal: AbortSignal): Promise<FlagFile> {
    return open(path, signal, (file) => {
      if (hot?.file !== file && !(written && file.bytes.equals(written))) checkAll(file);
      written = null;
      hot = { path, file };
      return file;
    });
  }

  function pause(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const abort = () => {
        timer.dispose();
        reject(signal.reason);
      };
      const timer = clock.after(SETTLE_MS, () => {
        signal.removeEventListener('abort', abort);
        resolve();
      });
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  function flagOf(file: FlagFile, key: string, environment: string, path: string): ProviderFlag {
    if (!file.has(key))
      throw new ScramError('not-found', `${path} has no flag ${key} any more`, { action: 'Look at the flag file.' });
    return normalise(file, key, hintsOf(key), { environment, path });
  }

  async function readEnvironment(environment: string, signal: AbortSignal): Promise<EnvironmentRead> {
    const path = pathOf(environment);
    const place = { environment, path };
    // Taken before the reading: a change in between makes the mark old, never the flags.
    const found = await markOf(path, clock.now());
    const flags = await open(path, signal, (file) => file.keys.map((key) => normalise(file, key, hintsOf(key), place)));
    return {
      environment,
      readAtMs: clock.now(),
      sourceChangedAtMs: found?.changedAtMs ?? null,
      mark: found?.mark ?? null,
      flags,
    };
  }

  async function readChanges(environment: string, mark: string, signal: AbortSignal): Promise<EnvironmentChanges | null> {
    signal.throwIfAborted();
    const found = await markOf(pathOf(environment), clock.now());
    if (found?.mark !== mark) return null;
    return { readAtMs: clock.now(), sourceChangedAtMs: found.changedAtMs, mark, upserts: [], removals: [] };
  }

  async function readFlag(key: string, environment: string, signal: AbortSignal): Promise<ProviderFlag> {
    const path = pathOf(environment);
    return flagOf(await openHot(path, signal), key, environment, path);
  }

  function planKill(flag: ProviderFlag): PlannedWrite {
    if (flag.safeDefault === null) {
      throw new ScramError('refused', `which variant of ${flag.key} is safe to serve is not known`, {
        action: `Name it in scram.yaml: flags[].safeDefault of ${flag.key}, one of ${flag.variants.map((variant) => variant.name).join(', ') || 'its variants'}.`,
      });
    }
    const text = textOf(flag.definition, flag.key);
    const edited = /\.ya?ml$/i.test(flag.providerEnvironment)
      ? killYaml(text, flag.safeDefault)
      : killJson(text, flag.safeDefault);
    const after: FlagState = {
      exposure: 'nobody',
      percentage: 0,
      serves: flag.safeDefault,
      targeting: null,
      killed: true,
      offMeaning: 'off-value',
      revision: revisionOf(edited, {}, null),
    };
    return { write: { text: edited, serves: flag.safeDefault }, after, definitionAfter: { text: edited } };
  }

  function planRestore(flag: ProviderFlag, earlier: { definition: JsonValue; state: FlagState }): PlannedWrite {
    const text = textOf(earlier.definition, flag.key);
    return { write: { text, serves: null }, after: earlier.state, definitionAfter: { text } };
  }

  async function apply(request: WriteRequest, signal: AbortSignal, attempt = 1): Promise<void> {
    const { key, environment, expectRevision } = request;
    const path = pathOf(environment);
    const write = writeSchema.safeParse(request.write);
    if (!write.success) throw new ScramError('refused', `the write for ${key} is not one of a flagd connection`);
    const file = await openHot(path, signal);
    const present = flagOf(file, key, environment, path);
    if (present.state.revision !== expectRevision) throw moved(path, key);
    const { bytes, definition } = file.replaced(key, write.data.text);
    proveServed(path, file, key, definition, write.data.serves);

    let overtaken = false;
    const beforeReplace = async (): Promise<void> => {
      // Whoever asked has given up by now and looked what became of it: a write that lands later would belie that.
      signal.throwIfAborted();
      overtaken = !(await readBytes(path)).equals(file.bytes);
      if (overtaken) throw moved(path, key);
    };
    try {
      await options.writeFile(path, bytes, { beforeReplace });
      written = bytes;
    } catch (error) {
      // Another writer came in between and its work is not overwritten (B2): start again from what is there now, which
      // is a conflict if it was this flag that moved.
      if (overtaken && attempt < ATTEMPTS) return apply(request, signal, attempt + 1);
      throw error instanceof ScramError ? error : fileError(path, error, 'write');
    }
  }

  async function probe(signal: AbortSignal): Promise<ProbeReport> {
    const started = performance.now();
    const details: string[] = [];
    let canRead = true;
    let canWrite = true;
    for (const path of Object.values(files)) {
      try {
        details.push(`${path}: ${(await openHot(path, signal)).keys.length} flags`);
      } catch (error) {
        canRead = false;
        details.push(error instanceof Error ? error.message : String(error));
      }
      try {
        const target = await realpath(path);
        // A replace by rename needs the folder; the file's own mode says whether people meant it to be changed.
        await access(target, constants.W_OK);
        await access(dirname(target), constants.W_OK);
      } catch (error) {
        canWrite = false;
        if (canRead) details.push(fileError(path, error, 'write').message);
      }
    }
    return {
      ok: canRead && canWrite,
      latencyMs: performance.now() - started,
      clockSkewMs: null,
      canRead,
      canWrite,
      detail: details.join('; '),
      fields: [],
    };
  }

  return {
    kind: 'flagd',
    capabilities: {
      watch: true,
      kill: true,
      restoreExact: true,
      rollout: false,
      bulk: null,
      audit: false,
      comment: false,
    },
    environments: Object.keys(files),
    readEnvironment,
    readChanges,
    readFlag,
    planKill,
    planRestore,
    apply: (request, signal) => apply(request, signal),
    watch(onChange) {
      const own = Object.entries(files).map(([environment, path]) =>
        options.watchFile(path, () => onChange(environment), clock),
      );
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
    probe,
    dispose() {
      for (const watch of watches) watch.dispose();
      watches.clear();
      hot = null;
    },
  };
}

function textOf(definition: JsonValue, key: string): string {
  const read = definitionSchema.safeParse(definition);
  if (read.success) return read.data.text;
  throw new ScramError('refused', `the kept definition of ${key} is not one of a flagd connection`);
}

function moved(path: string, key: string): ScramError {
  return new ScramError('conflict', `${key} in ${path} has changed since it was read; nothing was written`, {
    action: 'Look at its present state and decide again.',
  });
}

/** The last look before the disk: flagd itself must serve what was promised, or accept what is put back (B16, B7). */
function proveServed(path: string, file: FlagFile, key: string, definition: JsonObject, serves: string | null): void {
  const rules = servingOf(definition).targeting === null && isJsonObject(file.evaluators) ? {} : file.evaluators;
  if (serves === null || servesEveryone(key, definition, rules, serves)) return;
  throw new ScramError(
    'refused',
    `${path}: the new definition of ${key} would not serve ${serves} to everyone; nothing was written`,
  );
}
