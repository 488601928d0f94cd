import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { ScramError } from '../../shared/model/error.ts';
import { dataPaths } from './paths.ts';

export const lockHolderSchema = z.object({
  pid: z.number().int().positive(),
  host: z.enum(['desktop', 'web', 'terminal']),
  sinceMs: z.number(),
  /** Unix socket that takes commands for the holder; null when it has none. */
  controlSocket: z.string().nullable(),
});
export type LockHolder = z.infer<typeof lockHolderSchema>;

export interface DataLock {
  /** Frees the folder. The lock also dies with the process, however that ends. */
  release(): void;
}

/**
 * Takes the data folder for this process (one process writes a data folder). The lock is SQLite's own file lock, held
 * by an open exclusive transaction: the operating system drops it when the process dies, so nothing stale is left.
 * Throws `busy` naming who holds it.
 */
export function lockDataFolder(folder: string, holder: LockHolder): DataLock {
  const paths = dataPaths(folder);
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(paths.lock, { timeout: 0 });
    database.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    database?.close();
    throw isBusy(cause) ? busyError(folder) : unusable(folder, cause);
  }
  const held = database;
  try {
    writeHolder(paths.lockInfo, holder);
  } catch (cause) {
    held.close();
    throw unusable(folder, cause);
  }
  let released = false;
  return {
    release() {
      if (released) return;
      released = true;
      // Before the lock goes: the next holder's own words must not be removed.
      rmSync(paths.lockInfo, { force: true });
      held.close();
    },
  };
}

/** Who holds the folder as lock.json tells; null when nobody says so or that process is gone. */
export function readLockHolder(folder: string): LockHolder | null {
  try {
    const parsed = lockHolderSchema.safeParse(JSON.parse(readFileSync(dataPaths(folder).lockInfo, 'utf8')));
    return parsed.success && isAlive(parsed.data.pid) ? parsed.data : null;
  } catch {
    return null;
  }
}

function writeHolder(file: string, holder: LockHolder): void {
  const temporary = `${file}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(holder)}\n`, { mode: 0o600 });
  renameSync(temporary, file);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** SQLITE_BUSY, the primary code of node:sqlite's `errcode`. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === 5;
}

function busyError(folder: string): ScramError {
  const holder = readLockHolder(folder);
  const who =
    holder === null
      ? 'another process'
      : `process ${holder.pid} (${holder.host}) since ${new Date(holder.sinceMs).toISOString()}`;
  return new ScramError('busy', `data folder ${folder} is in use by ${who}`, {
    action: 'Use that console, close it, or give another folder with --data-dir.',
  });
}

function unusable(folder: string, cause: unknown): ScramError {
  return new ScramError('refused', `data folder ${folder} cannot be locked: ${(cause as Error).message}`, {
    action: 'Check that the folder is there and that you can write to it.',
    cause,
  });
}
