import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FileOperations, writeFileAtomic } from '../../../electron/platform/files.ts';
import { type TempFolder, tempFolder } from '../../support/temp.ts';

let folder: TempFolder;
beforeEach(() => {
  folder = tempFolder('files');
});
afterEach(() => folder.remove());

const real: FileOperations = { open, rename, unlink };
const errno = (code: string) => Object.assign(new Error(code), { code });

/** Handles whose `method` fails, on files or on folders. */
function failing(method: 'writeFile' | 'sync' | 'chmod', code: string, on: 'file' | 'folder' = 'file'): FileOperations {
  return {
    ...real,
    async open(path, flags, mode) {
      const handle = await open(path, flags, mode);
      if ((flags === 'r') !== (on === 'folder')) return handle;
      return new Proxy(handle, {
        get(target, name) {
          if (name === method) {
            return async () => {
              // Half of it is on disk before the disk is full.
              if (method === 'writeFile') await target.write('ha');
              throw errno(code);
            };
          }
          const value = Reflect.get(target, name);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      }) as FileHandle;
    },
  };
}

describe('atomic write', () => {
  it('replaces the content, keeps the mode and leaves nothing beside it', async () => {
    const file = folder.at('flags.json');
    writeFileSync(file, 'old');
    chmodSync(file, 0o664);
    await writeFileAtomic(file, 'new');
    expect(readFileSync(file, 'utf8')).toBe('new');
    expect(statSync(file).mode & 0o777).toBe(0o664);
    expect(readdirSync(folder.path)).toEqual(['flags.json']);
  });

  it('gives a new file the mode asked for', async () => {
    await writeFileAtomic(folder.at('key'), 'secret', { mode: 0o600 });
    expect(statSync(folder.at('key')).mode & 0o777).toBe(0o600);
  });

  it('gives readers that hold the old file the old text', async () => {
    const file = folder.at('flags.json');
    writeFileSync(file, 'old');
    const reader = await open(file, 'r');
    await writeFileAtomic(file, 'new');
    expect(await reader.readFile('utf8')).toBe('old');
    await reader.close();
  });

  it('replaces the target of a symbolic link, never the link', async () => {
    mkdirSync(folder.at('real'));
    writeFileSync(folder.at('real', 'flags.json'), 'old');
    symlinkSync('real/flags.json', folder.at('one'));
    symlinkSync('one', folder.at('two'));
    await writeFileAtomic(folder.at('two'), 'new');
    expect(lstatSync(folder.at('one')).isSymbolicLink() && lstatSync(folder.at('two')).isSymbolicLink()).toBe(true);
    expect(readFileSync(folder.at('real', 'flags.json'), 'utf8')).toBe('new');
    expect(lstatSync(folder.at('real', 'flags.json')).isFile()).toBe(true);
    expect(readdirSync(folder.at('real'))).toEqual(['flags.json']);
  });

  it('makes the target of a link that points to nothing yet, and refuses a ring of links', async () => {
    symlinkSync('later.json', folder.at('link'));
    await writeFileAtomic(folder.at('link'), 'new');
    expect(readFileSync(folder.at('later.json'), 'utf8')).toBe('new');
    symlinkSync('b', folder.at('a'));
    symlinkSync('a', folder.at('b'));
    await expect(writeFileAtomic(folder.at('a'), 'new')).rejects.toMatchObject({ code: 'provider' });
  });

  it.each([
    ['writeFile', 'ENOSPC'],
    ['writeFile', 'EDQUOT'],
    ['sync', 'EIO'],
    ['chmod', 'EPERM'],
  ] as const)('leaves the old file whole and no temporary file when %s fails with %s', async (method, code) => {
    const file = folder.at('flags.json');
    writeFileSync(file, 'old');
    const written = writeFileAtomic(file, 'new', { operations: failing(method, code) });
    await expect(written).rejects.toMatchObject({ code: 'provider', cause: { code } });
    await expect(written).rejects.toThrow(`${file} could not be written and is as it was`);
    expect(readFileSync(file, 'utf8')).toBe('old');
    expect(readdirSync(folder.path)).toEqual(['flags.json']);
  });

  it.each(['open', 'rename'] as const)('leaves the old file whole when %s fails', async (name) => {
    const file = folder.at('flags.json');
    writeFileSync(file, 'old');
    const operations = { ...real, [name]: () => Promise.reject(errno('EROFS')) };
    await expect(writeFileAtomic(file, 'new', { operations })).rejects.toThrow('the file system is read-only (EROFS)');
    expect(readFileSync(file, 'utf8')).toBe('old');
    expect(readdirSync(folder.path)).toEqual(['flags.json']);
  });

  it('says so when the new content stands but may not survive a power cut', async () => {
    const file = folder.at('flags.json');
    writeFileSync(file, 'old');
    const written = writeFileAtomic(file, 'new', { operations: failing('sync', 'EIO', 'folder') });
    await expect(written).rejects.toThrow('has its new content, but may lose it');
    expect(readFileSync(file, 'utf8')).toBe('new');
    await writeFileAtomic(file, 'newer', { operations: failing('sync', 'EINVAL', 'folder') });
    expect(readFileSync(file, 'utf8')).toBe('newer');
  });

  it('keeps the old file when the last check before the rename fails', async () => {
    const file = folder.at('flags.json');
    writeFileSync(file, 'old');
    const beforeReplace = () => Promise.reject(new Error('moved'));
    await expect(writeFileAtomic(file, 'new', { beforeReplace })).rejects.toThrow('moved');
    expect(readFileSync(file, 'utf8')).toBe('old');
    expect(readdirSync(folder.path)).toEqual(['flags.json']);
  });

  it('names the path when the folder is not there', async () => {
    const file = folder.at('absent', 'flags.json');
    await expect(writeFileAtomic(file, 'new')).rejects.toThrow(`${file} could not be written`);
    expect(existsSync(folder.at('absent'))).toBe(false);
  });
});
