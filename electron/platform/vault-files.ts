import { chmod, lstat, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { VaultCopy, VaultFiles } from '../services/vault/files.ts';
import { type FileOperations, writeFileAtomic } from './files.ts';
import type { DataPaths } from './paths.ts';

const MODE = 0o600;
const QUARANTINE = /^vault\.quarantine-.+\.json$/;

/** The vault's files in a data folder, for the user alone; `operations` is for tests that make a write fail. */
export function createVaultFiles(
  paths: Pick<DataPaths, 'folder' | 'vault' | 'vaultPrevious'>,
  operations?: FileOperations,
): VaultFiles {
  const fileOf = (copy: VaultCopy) => (copy === 'current' ? paths.vault : paths.vaultPrevious);
  const replace = (file: string, content: string | Uint8Array) =>
    writeFileAtomic(file, content, { mode: MODE, ...(operations === undefined ? {} : { operations }) });

  return {
    async read(copy) {
      const file = fileOf(copy);
      const bytes = await absentIsNull(readFile(file));
      if (bytes !== null) await forUserAlone(file);
      return bytes;
    },
    write: (copy, text) => replace(fileOf(copy), text),
    async quarantine(bytes, atMs) {
      const at = new Date(atMs).toISOString().replaceAll(/[:.-]/g, '');
      for (let again = 1; ; again += 1) {
        const name = `vault.quarantine-${at}${again === 1 ? '' : `-${again}`}.json`;
        const file = path.join(paths.folder, name);
        if ((await absentIsNull(lstat(file))) !== null) continue;
        await replace(file, bytes);
        return name;
      }
    },
    async quarantined() {
      const names = (await absentIsNull(readdir(paths.folder))) ?? [];
      return names.filter((name) => QUARANTINE.test(name)).sort();
    },
  };
}

/** A copy that was put back by hand may have any mode; an existing file keeps its own when it is replaced. */
async function forUserAlone(file: string): Promise<void> {
  if (process.platform === 'win32') return;
  const { mode } = await lstat(file);
  if ((mode & 0o077) !== 0) await chmod(file, MODE);
}

async function absentIsNull<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
