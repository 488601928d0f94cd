import { existsSync, readFileSync } from 'node:fs';
import * as files from 'node:fs/promises';
import path from 'node:path';
import { dataPaths } from '../platform/paths.ts';
import type { ConfigCheck } from '../services/config/api.ts';
import { checkConfigFile as checkFile } from '../services/config/config-service.ts';
import { writeStarter } from '../services/config/starter.ts';

export interface ConfigPlaces {
  /** From `--config`; a folder means the scram.yaml in it. */
  readonly configPath: string | null;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly dataDir: string;
}

const NAME = 'scram.yaml';
export const readText = (file: string): string => readFileSync(file, 'utf8');

/** Where the page's own starter goes, and where a configuration is looked for last. */
export function ownConfigFolder(dataDir: string): string {
  return path.join(dataPaths(dataDir).folder, 'config');
}

/**
 * The configuration to use: what was asked for, else SCRAM_CONFIG, else ./scram.yaml, else the data folder's own.
 * Null: there is none, and the sandbox is shown. What was asked for is returned even when it is not there: that is an
 * error, and never a reason to show the sandbox instead.
 */
export function locateConfig({ configPath, cwd, env, dataDir }: ConfigPlaces): string | null {
  const asked = configPath ?? env.SCRAM_CONFIG ?? null;
  if (asked !== null) {
    const full = path.resolve(cwd, asked);
    return /\.ya?ml$/.test(full) ? full : path.join(full, NAME);
  }
  const places = [path.resolve(cwd, NAME), path.join(ownConfigFolder(dataDir), NAME)];
  return places.find((place) => existsSync(place)) ?? null;
}

/** Reads and checks one configuration file (`scram check`). Every problem comes back at once. */
export function checkConfigFile(file: string): ConfigCheck {
  return checkFile({ path: file, readText });
}

/** True for a configuration that is somebody's: one with operators. A broken one names nobody, and is told elsewhere. */
export function namesPeople(file: string | null): boolean {
  const check = file === null ? null : checkFile({ path: file, readText });
  return check?.ok === true && check.config.operators.length > 0;
}

/** Writes the commented starter (`scram init`). Throws `refused` naming the file that is in the way. */
export function writeStarterConfig(directory: string): Promise<{ directory: string; files: string[] }> {
  return writeStarter(directory, files);
}
