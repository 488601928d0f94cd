import { type FSWatcher, statSync, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Clock, Disposable } from '../services/ports.ts';

/** Events of one save come in bursts (create, write, rename); they are told of once. */
const SETTLE_MS = 40;
/** Finds what no event told of: network file systems, a symlink's far end, a folder that was replaced. */
const POLL_MS = 2_000;

/**
 * Calls back when the file at `path` has changed: edited in place, replaced by a rename, removed, created, made
 * readable. The containing folder is watched, since a watch on the file itself stays with the old inode after a rename.
 * Neither file nor folder need exist. Changes made after this returns are told of; the callback does not say what
 * changed and may come once too often, so read the file and compare. Start watching before the first read.
 */
export function watchFile(path: string, onChange: () => void, clock: Clock): Disposable {
  const file = resolve(path);
  const folder = dirname(file);
  let watcher: FSWatcher | null = null;
  let watchedFolder = '';
  let pending: Disposable | null = null;
  let disposed = false;
  let known = fileMarkSync(file);

  function unwatch(): void {
    watcher?.close();
    watcher = null;
    watchedFolder = '';
  }

  function watchFolder(): void {
    const now = folderMarkSync(folder);
    if (now === watchedFolder) return;
    unwatch();
    if (now === '') return;
    try {
      const made = watch(folder, { persistent: false }, schedule);
      made.on('error', unwatch);
      watcher = made;
      watchedFolder = now;
    } catch {
      // Out of watches, or the folder went away in between: polling goes on, and the next poll tries again.
    }
  }

  // Any event of the folder counts: a mounted config map moves `..data` and never the file's own name.
  function schedule(): void {
    if (disposed || pending) return;
    pending = clock.after(SETTLE_MS, () => {
      pending = null;
      return compare();
    });
  }

  async function compare(): Promise<void> {
    const now = await fileMark(file);
    if (disposed || now === known) return;
    known = now;
    onChange();
  }

  watchFolder();
  const poll = clock.every(POLL_MS, () => {
    watchFolder();
    return compare();
  });

  return {
    dispose() {
      disposed = true;
      poll.dispose();
      pending?.dispose();
      unwatch();
    },
  };
}

interface Marked {
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

function mark(of: Marked): string {
  return `${of.ino} ${of.size} ${of.mtimeNs} ${of.ctimeNs}`;
}

async function fileMark(file: string): Promise<string> {
  try {
    return mark(await stat(file, { bigint: true }));
  } catch (error) {
    return absent(error);
  }
}

function fileMarkSync(file: string): string {
  try {
    return mark(statSync(file, { bigint: true }));
  } catch (error) {
    return absent(error);
  }
}

/** ENOENT and EACCES differ: a file that became unreadable is news. */
function absent(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
}

function folderMarkSync(folder: string): string {
  try {
    const found = statSync(folder, { bigint: true });
    return `${found.dev} ${found.ino}`;
  } catch {
    return '';
  }
}
