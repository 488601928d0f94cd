import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadOrCreateDeviceKey } from '../../../electron/platform/crypto.ts';
import { writeFileAtomic } from '../../../electron/platform/files.ts';
import { dataPaths } from '../../../electron/platform/paths.ts';
import { createLedgerStore, openDataFolderDatabase } from '../../../electron/platform/sqlite/ledger-store.ts';
import { createLedger } from '../../../electron/services/ledger/ledger.ts';
import { type TempFolder, tempFolder } from '../../support/temp.ts';

/**
 * A disk that is really full: a small tmpfs, where this user may mount one. Elsewhere the file operations fail and
 * SQLite is given a page limit instead, and the output says so.
 */
const SIZE_KB = 512;
let folder: TempFolder;
let mounted: boolean;

beforeEach(() => {
  folder = tempFolder('full');
  mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_KB}k`, 'tmpfs', folder.path]).status === 0;
  if (!mounted) console.log('no tmpfs can be mounted here: the full disk is simulated');
});
afterEach(() => {
  if (mounted) spawnSync('umount', [folder.path]);
  folder.remove();
});

describe('disk full', () => {
  it('leaves a flag file as it was, and no temporary file', async () => {
    const file = folder.at('flags.json');
    writeFileSync(file, 'old');
    const operations = mounted ? {} : { operations: await fullDisk() };
    await expect(writeFileAtomic(file, 'n'.repeat(SIZE_KB * 2048), operations)).rejects.toMatchObject({
      code: 'provider',
      message: `${file} could not be written and is as it was: the disk is full (ENOSPC)`,
      cause: { code: 'ENOSPC' },
    });
    expect(readFileSync(file, 'utf8')).toBe('old');
    expect(readdirSync(folder.path)).toEqual(['flags.json']);
    await writeFileAtomic(file, 'new');
    expect(readFileSync(file, 'utf8')).toBe('new');
  });

  it('D6: refuses the entry, keeps the chain whole and goes on once there is space', async () => {
    const signer = await loadOrCreateDeviceKey(dataPaths(folder.path).deviceKey);
    const database = openDataFolderDatabase(folder.path);
    if (!mounted) database.exec('PRAGMA max_page_count = 60');
    const ledger = createLedger({
      store: createLedgerStore(database),
      signer,
      clock: Date,
      product: 'scram 0.0.0-test',
    });
    const append = () => ledger.append({ kind: 'config.loaded', source: 'x'.repeat(3000), digest: 'd' });
    const ballast = folder.at('ballast');
    if (mounted) writeFileSync(ballast, 'b'.repeat(100 * 1024));

    let refusal: unknown;
    let acknowledged = ledger.head().entries;
    while (refusal === undefined && acknowledged < 1000) {
      try {
        acknowledged = append().body.sequence;
      } catch (error) {
        refusal = error;
      }
    }
    expect(refusal).toMatchObject({ code: 'ledger', message: expect.stringContaining('could not be written') });
    expect(() => append()).toThrow('could not be written');
    expect(ledger.verify()).toMatchObject({ verified: 'verified', entries: acknowledged });

    if (mounted) rmSync(ballast);
    else database.exec('PRAGMA max_page_count = 6000');
    expect(append().body.sequence).toBe(acknowledged + 1);
    expect(ledger.verify()).toMatchObject({ verified: 'verified', entries: acknowledged + 1 });
    database.close();
  });
});

async function fullDisk() {
  const { open, rename, unlink } = await import('node:fs/promises');
  return {
    rename,
    unlink,
    async open(path: string, flags: string, mode?: number) {
      const handle = await open(path, flags, mode);
      handle.writeFile = () => Promise.reject(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }));
      return handle;
    },
  };
}
