import { randomBytes } from 'node:crypto';
import { type FileHandle, lstat, open, readlink, realpath, rename, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import { ScramError } from '../../shared/model/error.ts';

/** What an atomic write asks of the file system; tests give one that fails where they like. */
export interface FileOperations {
  open(path: string, flags: string, mode?: number): Promise<FileHandle>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
}

const NODE_OPERATIONS: FileOperations = { open, rename, unlink };
const DEFAULT_MODE = 0o644;
const MAX_LINKS = 40;
/** Some file systems cannot sync a folder; there is then nothing more to ask of them. */
const NO_FOLDER_SYNC: ReadonlySet<string> = new Set(['EINVAL', 'ENOTSUP', 'EISDIR', 'EPERM', 'EACCES']);

export interface AtomicWriteOptions {
  /** Mode of a file that is not there yet; an existing file keeps its own. */
  readonly mode?: number;
  /** Called when the new content is on disk under its temporary name, before the rename. A throw keeps the old file. */
  readonly beforeReplace?: () => Promise<void>;
  readonly operations?: FileOperations;
}

/**
 * Replaces the content of a file whole or not at all: readers and a crash find the old or the new text, never a part.
 * A symbolic link stays, and the file it points to is replaced. On any failure before the rename the old file is as it
 * was and no temporary file is left. Throws `provider` with the path and the reason; the system's error is the `cause`.
 */
export async function writeFileAtomic(
  file: string,
  content: string | Uint8Array,
  options: AtomicWriteOptions = {},
): Promise<void> {
  const operations = options.operations ?? NODE_OPERATIONS;
  let replaced = false;
  let temporary: string | null = null;
  try {
    const target = await followLinks(file);
    const folder = path.dirname(target);
    const before = await stat(target).catch(absentIsNull);
    const name = path.join(folder, `.${path.basename(target)}.${process.pid}-${randomBytes(6).toString('hex')}.tmp`);
    const mode = before === null ? (options.mode ?? DEFAULT_MODE) : before.mode & 0o7777;
    const handle = await operations.open(name, 'wx', mode & 0o777);
    temporary = name;
    try {
      await handle.writeFile(content);
      if (before !== null) await handle.chown(before.uid, before.gid).catch(() => undefined);
      // After chown, which clears the set-user bits; and because the umask cut the mode given to open.
      await handle.chmod(mode);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await options.beforeReplace?.();
    await operations.rename(name, target);
    replaced = true;
    await syncFolder(folder, operations);
  } catch (cause) {
    if (!replaced && temporary !== null) await operations.unlink(temporary).catch(() => undefined);
    throw cause instanceof ScramError ? cause : writeError(file, replaced, cause);
  }
}

/** The file that is written in the end; links may point to a file that is not there yet. */
async function followLinks(file: string): Promise<string> {
  let current = path.resolve(file);
  for (let hop = 0; hop < MAX_LINKS; hop += 1) {
    const folder = await realpath(path.dirname(current));
    current = path.join(folder, path.basename(current));
    const found = await lstat(current).catch(absentIsNull);
    if (!found?.isSymbolicLink()) return current;
    current = path.resolve(folder, await readlink(current));
  }
  throw Object.assign(new Error('too many symbolic links'), { code: 'ELOOP' });
}

async function syncFolder(folder: string, operations: FileOperations): Promise<void> {
  const handle = await operations.open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if (!NO_FOLDER_SYNC.has(errnoOf(error))) throw error;
  } finally {
    await handle.close();
  }
}

function absentIsNull(error: unknown): null {
  if (errnoOf(error) === 'ENOENT') return null;
  throw error;
}

function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

const REASONS: Readonly<Record<string, { what: string; action: string }>> = {
  ENOSPC: { what: 'the disk is full', action: 'Free some space, then try again.' },
  EDQUOT: { what: 'the disk quota is used up', action: 'Free some space, then try again.' },
  EACCES: { what: 'permission denied', action: 'Give this user the right to write the file and its folder.' },
  EPERM: { what: 'permission denied', action: 'Give this user the right to write the file and its folder.' },
  EROFS: { what: 'the file system is read-only', action: 'Write to the source that this file is mounted from.' },
  ENOENT: { what: 'its folder is not there', action: 'Check the path.' },
  EBUSY: { what: 'it is a mount of its own and cannot be replaced', action: 'Mount its folder instead of the file.' },
};

function writeError(file: string, replaced: boolean, cause: unknown): ScramError {
  const code = errnoOf(cause);
  const reason = REASONS[code];
  const what = reason?.what ?? (cause instanceof Error ? cause.message : String(cause));
  const state = replaced
    ? 'has its new content, but may lose it in a power cut'
    : 'could not be written and is as it was';
  return new ScramError('provider', `${file} ${state}: ${what}${code === '' ? '' : ` (${code})`}`, {
    ...(reason === undefined ? {} : { action: reason.action }),
    cause,
  });
}
