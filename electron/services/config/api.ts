import type { ConfigProblem, ConfigState } from '../../../shared/contract/console.ts';
import type { Config } from '../../../shared/model/config/index.ts';
import type { Disposable } from '../ports.ts';

export interface LoadedConfig {
  readonly config: Config;
  readonly state: ConfigState;
  /** Folder that relative paths of the configuration start from. */
  readonly baseDir: string;
  /** SHA-256 of the file's bytes, hex. */
  readonly digest: string;
}

export type ConfigCheck = { ok: true; config: Config; digest: string } | { ok: false; problems: ConfigProblem[] };

export interface ConfigService {
  /** The configuration in force: the last one without problems. */
  current(): LoadedConfig;
  /** Called for a new good configuration, and when the problems of the file change. */
  onChange(listener: (loaded: LoadedConfig, configChanged: boolean) => void): Disposable;
  dispose(): void;
}
