import os from 'node:os';
import path from 'node:path';

/**
 * Where a console keeps its ledger, cache and device key unless `--data-dir` says otherwise: the folder that each
 * operating system keeps for an application's data.
 */
export function defaultDataDir(env: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform): string {
  if (env.SCRAM_DATA_DIR) return env.SCRAM_DATA_DIR;
  const home = env.HOME ?? env.USERPROFILE ?? os.homedir();
  if (platform === 'darwin') return path.join(home, 'Library/Application Support/Scram');
  if (platform === 'win32') return path.join(env.APPDATA ?? path.join(home, 'AppData/Roaming'), 'Scram');
  return path.join(env.XDG_DATA_HOME ?? path.join(home, '.local/share'), 'scram');
}
