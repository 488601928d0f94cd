import { chmodSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { ScramError } from '../../shared/model/error.ts';

/** What lies in a data folder. */
export interface DataPaths {
  readonly folder: string;
  /** Ledger and cache. */
  readonly database: string;
  readonly deviceKey: string;
  /** People's keys and credentials, encrypted (E2); and its copy from before the last write. */
  readonly vault: string;
  readonly vaultPrevious: string;
  /** Held locked for the life of the process that writes the folder. */
  readonly lock: string;
  /** Says who holds the lock. */
  readonly lockInfo: string;
  readonly controlSocket: string;
  /** Working copies of flag connections. */
  readonly work: string;
}

export function dataPaths(folder: string): DataPaths {
  const at = (name: string) => path.join(folder, name);
  return {
    folder,
    database: at('scram.sqlite'),
    deviceKey: at('device.key'),
    vault: at('vault.json'),
    vaultPrevious: at('vault.previous.json'),
    lock: at('lock.sqlite'),
    lockInfo: at('lock.json'),
    controlSocket: at('control.sock'),
    work: at('work'),
  };
}

/** Makes the folder, for the user alone, when it is not there. Throws `refused` when it cannot be made. */
export function ensureDataFolder(folder: string): DataPaths {
  try {
    const made = mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (made !== undefined) chmodSync(folder, 0o700);
  } catch (cause) {
    throw new ScramError('refused', `data folder ${folder} cannot be made: ${(cause as Error).message}`, {
      action: 'Give a folder that you can write with --data-dir.',
      cause,
    });
  }
  return dataPaths(folder);
}
