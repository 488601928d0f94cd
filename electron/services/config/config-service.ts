import { basename, dirname, resolve } from 'node:path';
import type { ConfigProblem } from '../../../shared/contract/console.ts';
import type { Config } from '../../../shared/model/config/index.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { Clock, Disposable, Log } from '../ports.ts';
import type { ConfigCheck, ConfigService, LoadedConfig } from './api.ts';
import { parseConfig, wholeFile } from './parse-config.ts';

/** A file that is being written is broken for a moment; problems are shown when they stay for this long. */
const SETTLE_MS = 300;

export interface ConfigFile {
  /** Path of `scram.yaml`; relative paths in it start from its folder. */
  readonly path: string;
  /** The file's text; throws when it cannot be read. */
  readText(path: string): string;
  watchFile(path: string, onChange: () => void, clock: Clock): Disposable;
  readonly clock: Clock;
  readonly log?: Log;
}

/** The first reading of a configuration found problems, so there is nothing to go on with. */
export class ConfigInvalid extends ScramError {
  readonly problems: readonly ConfigProblem[];

  constructor(path: string, problems: readonly ConfigProblem[]) {
    const count = `${problems.length} problem${problems.length === 1 ? '' : 's'}`;
    super('config-invalid', [`${path} has ${count}:`, ...problems.map(problemText)].join('\n'), {
      action: `mend ${basename(path)}; \`scram check\` lists what is left`,
    });
    this.problems = problems;
  }
}

/** `scram.yaml:3:5: environments.production.tone: … (expected: …)`, for terminals and logs. */
export function problemText(problem: ConfigProblem): string {
  const place = [problem.file, problem.line, problem.column].filter((part) => part !== null).join(':');
  const path = problem.path === '' ? '' : `${problem.path}: `;
  return `${place}: ${path}${problem.message}${problem.expected === null ? '' : ` (expected: ${problem.expected})`}`;
}

/** Reads and checks a configuration file once. A file that cannot be read is a problem like any other. */
export function checkConfigFile(file: Pick<ConfigFile, 'path' | 'readText'>): ConfigCheck {
  let text: string;
  try {
    text = file.readText(file.path);
  } catch (error) {
    return { ok: false, problems: [wholeFile(file.path, unreadable(error), 'a file that can be read')] };
  }
  return parseConfig(text, file.path);
}

/**
 * The configuration of a file, read again when the file changes. What was last good stays in force while the file has
 * problems, and the problems are told beside it. Throws `ConfigInvalid` when there is nothing good to start from.
 */
export function createConfigService(file: ConfigFile): ConfigService {
  const { clock, log } = file;
  const path = resolve(file.path);
  const listeners = new Set<(loaded: LoadedConfig, configChanged: boolean) => void>();
  let settling: Disposable | null = null;

  // Before the first reading, so that no change falls in between.
  const watch = file.watchFile(path, reload, clock);
  const first = checkConfigFile({ path, readText: file.readText });
  if (!first.ok) {
    watch.dispose();
    throw new ConfigInvalid(path, first.problems);
  }
  let loaded = load(first.config, first.digest);

  function load(config: Config, digest: string): LoadedConfig {
    const state = { mode: 'configured' as const, path, team: config.team, loadedAtMs: clock.now(), problems: [] };
    return { config, digest, baseDir: dirname(path), state };
  }

  function reload(): void {
    settling?.dispose();
    settling = null;
    const check = checkConfigFile({ path, readText: file.readText });
    if (check.ok) {
      accept(check.config, check.digest);
      return;
    }
    settling = clock.after(SETTLE_MS, () => {
      settling = null;
      const again = checkConfigFile({ path, readText: file.readText });
      if (again.ok) accept(again.config, again.digest);
      else showProblems(again.problems);
    });
  }

  function accept(config: Config, digest: string): void {
    const configChanged = digest !== loaded.digest;
    if (!configChanged && loaded.state.problems.length === 0) return;
    loaded = configChanged ? load(config, digest) : { ...loaded, state: { ...loaded.state, problems: [] } };
    log?.info('config.loaded', { path, digest, changed: configChanged });
    tell(configChanged);
  }

  function showProblems(problems: ConfigProblem[]): void {
    if (JSON.stringify(problems) === JSON.stringify(loaded.state.problems)) return;
    loaded = { ...loaded, state: { ...loaded.state, problems } };
    log?.warn('config.problems', { path, count: problems.length });
    tell(false);
  }

  function tell(configChanged: boolean): void {
    for (const listener of [...listeners]) listener(loaded, configChanged);
  }

  return {
    current: () => loaded,
    onChange(listener) {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
    dispose() {
      watch.dispose();
      settling?.dispose();
      listeners.clear();
    },
  };
}

/** A configuration that never changes: the sandbox's, and those of tests. */
export function createFixedConfig(
  config: Config,
  at: Pick<LoadedConfig, 'baseDir' | 'digest'> & { loadedAtMs: number },
): ConfigService {
  const loaded: LoadedConfig = {
    config,
    baseDir: at.baseDir,
    digest: at.digest,
    state: { mode: 'sandbox', path: null, team: config.team, loadedAtMs: at.loadedAtMs, problems: [] },
  };
  return { current: () => loaded, onChange: () => ({ dispose() {} }), dispose() {} };
}

function unreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'ENOENT') return 'the file is not there';
  if (code === 'EACCES' || code === 'EPERM') return 'the file may not be read by this user';
  if (code === 'EISDIR') return 'this is a folder';
  return `the file cannot be read${code === null ? '' : ` (${String(code)})`}`;
}
