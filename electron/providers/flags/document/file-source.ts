import { constants } from 'node:fs';
import { access, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ScramError } from '../../../../shared/model/error.ts';
import type { Clock, Disposable } from '../../../services/ports.ts';
import { fileError, markOf, readBytes } from './file-read.ts';
import type { DocumentSource } from './source.ts';

/** What a file source asks of the machine. */
export interface FilePorts {
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

/** A document in a file of this machine; `path` is absolute. */
export function createFileSource(path: string, { clock, writeFile, watchFile }: FilePorts): DocumentSource {
  return {
    name: path,
    fileName: path,
    halfWritten: true,
    async read(signal) {
      // Taken before the reading: a change in between makes the mark old, never the flags.
      const found = await markOf(path, clock.now());
      const bytes = await readBytes(path, signal);
      return { bytes, version: '', mark: found?.mark ?? null, changedAtMs: found?.changedAtMs ?? null };
    },
    mark: () => markOf(path, clock.now()),
    async replace(bytes, { expect, signal }) {
      const beforeReplace = async (): Promise<void> => {
        // Whoever asked has given up by now and looked what became of it: a write that lands later would belie that.
        signal.throwIfAborted();
        if ((await readBytes(path)).equals(expect.bytes)) return;
        throw new ScramError('conflict', `${path} has changed since it was read; nothing was written`);
      };
      try {
        await writeFile(path, bytes, { beforeReplace });
      } catch (error) {
        throw error instanceof ScramError ? error : fileError(path, error, 'write');
      }
    },
    watch: (onChange) => watchFile(path, onChange, clock),
    async writeAccess() {
      try {
        const target = await realpath(path);
        // A replace by rename needs the folder; the file's own mode says whether people meant it to be changed.
        await access(target, constants.W_OK);
        await access(dirname(target), constants.W_OK);
        return { canWrite: true, detail: '' };
      } catch (error) {
        return { canWrite: false, detail: fileError(path, error, 'write').message };
      }
    },
    dispose() {},
  };
}
