import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Marker } from '../../shared/model/marker.ts';
import { writeFileAtomic } from '../platform/files.ts';
import { watchFile } from '../platform/watch-file.ts';
import { createSandboxSource } from '../providers/metrics/sandbox/index.ts';
import type { ConfigService } from '../services/config/api.ts';
import { ConfigInvalid, createFixedConfig } from '../services/config/config-service.ts';
import { parseConfig } from '../services/config/parse-config.ts';
import type { FlagObserver } from '../services/flags/observer.ts';
import type { Clock, Disposable } from '../services/ports.ts';
import type { MetricSource } from '../services/slis/source.ts';
import { type FlagVersion, readFlagVersion } from './flag-version.ts';
import { type History, historyText, parseHistory } from './history.ts';
import { FLAG_FILES, pastOf, RAISED_BEFORE_MS, raisedMarker, SANDBOX_CONFIG, SERVICE_FLAGS } from './scenario.ts';
import { createWorld } from './world.ts';

const DEFAULT_SEED = 20_240;
/** So often is it noted that the world is in use, milliseconds. */
const SAVE_EVERY_MS = 60_000;

export interface SandboxOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly seed?: number;
  readonly readText?: (path: string) => Promise<string>;
  readonly writeText?: (path: string, text: string) => Promise<void>;
  readonly watchFile?: (path: string, onChange: () => void, clock: Clock) => Disposable;
}

/** The practice world with its ends: what `compose.ts` wires in place of outside systems (G1). */
export interface Sandbox {
  readonly configuration: ConfigService;
  readonly source: MetricSource;
  readonly observer: FlagObserver;
  /** Flag changes from before the console looked, oldest first: the raise that the breach follows from. */
  readonly history: readonly Marker[];
  /** Stops at once; resolves when what was seen is on disk. */
  dispose(): Promise<void>;
}

/**
 * Opens the practice world in `<dataDir>/sandbox`. A first start, or one after the world was left alone for an hour,
 * writes the flag files anew, with the new flag raised four minutes ago; otherwise the files and what was done to them
 * stay. Throws `provider` when the folder cannot be written.
 */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { dataDir, clock, seed = DEFAULT_SEED } = options;
  const readText = options.readText ?? ((path: string) => readFile(path, 'utf8'));
  const writeText = options.writeText ?? writeFileAtomic;
  const watch = options.watchFile ?? watchFile;
  const folder = join(dataDir, 'sandbox');
  const historyFile = join(folder, 'history.json');
  const environments = Object.entries(FLAG_FILES).map(([name, file]) => ({ name, path: join(folder, file) }));
  const startMs = clock.now();
  await mkdir(folder, { recursive: true, mode: 0o700 });

  const known = parseHistory(await textOrNull(historyFile), startMs);
  const history: History = known ?? { raisedAtMs: startMs - RAISED_BEFORE_MS, contents: pastOf(startMs) };
  const versions: FlagVersion[] = history.contents.flatMap(
    (content) => readFlagVersion(content.environment, content.atMs, content.text) ?? [],
  );
  for (const { name, path } of environments) {
    // A file that was removed comes back as it was; one that was edited meanwhile is taken as it is.
    const last = versions.findLast((version) => version.environment === name);
    if (last && (known === null || (await textOrNull(path)) === null)) await writeText(path, last.text);
  }

  let disposed = false;
  let saving: Promise<void> = Promise.resolve();
  function save(): Promise<void> {
    if (disposed) return saving;
    const text = historyText({ raisedAtMs: history.raisedAtMs, contents: versions.map(contentOf) }, clock.now());
    // A history that cannot be kept costs the charts of an earlier run, and nothing of this one.
    saving = saving.then(() => writeText(historyFile, text)).catch(() => {});
    return saving;
  }

  async function readEnvironment(name: string, path: string): Promise<void> {
    const text = await textOrNull(path);
    const last = versions.findLast((version) => version.environment === name);
    if (text === null || text === last?.text) return;
    const version = readFlagVersion(name, clock.now(), text);
    // Broken in the middle of a write, or by hand: the practice services stay with what they had.
    if (!version) return;
    versions.push(version);
    await save();
  }

  async function textOrNull(path: string): Promise<string | null> {
    try {
      return await readText(path);
    } catch {
      return null;
    }
  }

  const watches = environments.map(({ name, path }) => watch(path, () => void readEnvironment(name, path), clock));
  for (const { name, path } of environments) await readEnvironment(name, path);
  await save();
  const keepAlive = clock.every(SAVE_EVERY_MS, save);

  const check = parseConfig(SANDBOX_CONFIG, 'sandbox');
  if (!check.ok) throw new ConfigInvalid('the practice configuration', check.problems);
  const world = createWorld(seed, versions);
  return {
    configuration: createFixedConfig(check.config, { baseDir: folder, digest: check.digest, loadedAtMs: startMs }),
    source: createSandboxSource(world, clock),
    observer: {
      id: 'practice instances',
      environments: null,
      paceMs: 1_000,
      async observe(keys, environment) {
        return keys.flatMap((key) => {
          const service = Object.keys(SERVICE_FLAGS).find((name) => SERVICE_FLAGS[name]?.includes(key));
          return service === undefined ? [] : world.observe(service, key, environment, clock.now());
        });
      },
      dispose() {},
    },
    history: [raisedMarker(history.raisedAtMs)],
    dispose() {
      disposed = true;
      for (const one of watches) one.dispose();
      keepAlive.dispose();
      return saving;
    },
  };
}

function contentOf({ environment, atMs, text }: FlagVersion) {
  return { environment, atMs, text };
}
