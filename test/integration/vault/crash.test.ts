import { chmodSync, cpSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { type FileHandle, open, rename, unlink, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { FileOperations } from '../../../electron/platform/files.ts';
import type { Keyring, Vault } from '../../../electron/services/vault/api.ts';
import { type TempFolder, tempFolder } from '../../support/temp.ts';
import { diskFiles, fakeKeychain, memoryFiles, openVault, PASSPHRASE } from '../../support/vault.ts';

const NEXT = 'another passphrase';
const keychain = fakeKeychain();

/** Counts the steps of a write, and fails at one of them: once (`full disk`), or from there on (`crash`). */
function failing(at: number, mode: 'crash' | 'full disk'): FileOperations & { steps(): number } {
  let steps = 0;
  const step = async <T>(run: () => Promise<T>, half: () => Promise<unknown> = async () => undefined): Promise<T> => {
    steps += 1;
    if (steps === at || (mode === 'crash' && steps > at)) {
      if (steps === at) await half();
      throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    }
    return await run();
  };
  const watched = (handle: FileHandle): FileHandle =>
    new Proxy(handle, {
      get(target, name) {
        const found: unknown = Reflect.get(target, name);
        if (typeof found !== 'function') return found;
        const call = (...given: unknown[]) => Reflect.apply(found, target, given) as Promise<unknown>;
        if (name === 'writeFile') {
          return (content: string) =>
            step(
              () => call(content),
              () => call(content.slice(0, content.length / 2)),
            );
        }
        return name === 'sync' ? () => step(() => call()) : call;
      },
    });
  return {
    steps: () => steps,
    open: (file, flags, mode) => step(async () => watched(await open(file, flags, mode))),
    rename: (from, to) => step(() => rename(from, to)),
    unlink: (file) => (mode === 'crash' ? step(() => unlink(file)) : unlink(file)),
  };
}

const holders = (vault: Vault) => vault.slots().map(({ operator, publicKey }) => ({ operator, publicKey }));

/** What is done while the machine fails, and how it shows that it was done. */
const ACTS: [string, (vault: Vault, alex: Keyring) => Promise<unknown>, (vault: Vault) => boolean][] = [
  [
    'a credential is set',
    (vault) => vault.setCredential('flags', 'new'),
    (vault) => vault.credential('flags') === 'new',
  ],
  ['a credential is removed', (vault) => vault.removeCredential('flags'), (vault) => vault.credentials().length === 1],
  ['a credential is sealed', (vault) => vault.seal('flags', holders(vault)), (vault) => vault.sealed().length === 1],
  ['a person is let in', (vault, alex) => vault.enrol('kim', 'third', alex), (vault) => vault.slots().length === 3],
  ['a person is removed', (vault) => vault.removeSlot('sam'), (vault) => vault.slots().length === 1],
  [
    'a key goes into the keychain',
    (vault, alex) => vault.keepInKeychain(alex, true),
    (vault) => vault.slots()[0]?.by.length === 2,
  ],
  ['a passphrase is changed', (vault) => vault.changePassphrase('sam', 'other', NEXT), () => true],
];

async function prepared(): Promise<TempFolder> {
  const folder = tempFolder('vault-crash');
  const { vault } = await openVault(diskFiles(folder.path), { keychain });
  await vault.enrol('alex', PASSPHRASE, null);
  const alex = await vault.unlock('alex', PASSPHRASE);
  await vault.enrol('sam', 'other', alex);
  await vault.setCredential('flags', 'old');
  await vault.setCredential('metrics', 'kept');
  return folder;
}

/** What is to be gone is gone from the previous copy too: it alone shows the act as done. */
async function checkPrevious(folder: string, done: (vault: Vault) => boolean): Promise<void> {
  const { vault } = await openVault(memoryFiles(readFileSync(`${folder}/vault.previous.json`)), { keychain });
  await vault.unlock('alex', PASSPHRASE);
  expect(done(vault)).toBe(true);
}

/** Everything is as before the act or as after it, and nothing is told as damaged. */
async function checkWhole(folder: string, done: (vault: Vault) => boolean): Promise<boolean> {
  const { vault, told } = await openVault(diskFiles(folder), { keychain });
  const alex = await vault.unlock('alex', PASSPHRASE);
  expect(vault.credential('metrics')).toBe('kept');
  const isDone = done(vault);
  if (!isDone) expect(vault.credential('flags')).toBe('old');
  if (vault.sealed().length > 0) {
    const { vault: other } = await openVault(diskFiles(folder), { keychain });
    const sam = await other.unlock('sam', 'other');
    const boxes = vault.sealed()[0]!.shares.map(({ box }) => box);
    expect(await vault.combine('flags', [alex.openBox(boxes[0]!), sam.openBox(boxes[1]!)])).toBe('old');
  }
  if (vault.slots().some(({ operator }) => operator === 'sam')) {
    const opens = [NEXT, 'other'].map((phrase) =>
      vault.unlock('sam', phrase).then(
        () => 1,
        () => 0,
      ),
    );
    expect((await Promise.all(opens)).filter((one) => one === 1)).toHaveLength(1);
  }
  expect(told).toEqual([]);
  return isDone;
}

describe('E2: the machine fails while the vault is written', () => {
  it.each(ACTS)('%s: it was done or it was not, at whichever step', async (name, act, done) => {
    const origin = await prepared();
    try {
      for (const mode of ['crash', 'full disk'] as const) {
        let total = Number.POSITIVE_INFINITY;
        let kept = 0;
        for (let at = 1; at <= total; at += 1) {
          using folder = tempFolder('vault-crash-step');
          cpSync(origin.path, folder.path, { recursive: true });
          const operations = failing(at, mode);
          const { vault } = await openVault(diskFiles(folder.path, operations), { keychain });
          const alex = await vault.unlock('alex', PASSPHRASE);
          const failed = await act(vault, alex).then(
            () => null,
            (error: unknown) => error,
          );
          if (operations.steps() < at) {
            expect(failed).toBeNull();
            total = at - 1;
          } else if (failed !== null) {
            expect(failed).toMatchObject({ code: 'provider', action: expect.stringContaining('space') });
            kept += 1;
            if (mode === 'full disk') {
              await act(vault, alex);
              expect(done(vault)).toBe(true);
            }
          }
          const isDone = await checkWhole(folder.path, done);
          if (isDone && name !== 'a credential is set') await checkPrevious(folder.path, done);
          if (failed === null || mode === 'full disk') expect(isDone).toBe(true);
        }
        expect(total).toBeGreaterThan(9);
        expect(kept).toBeGreaterThan(4);
      }
    } finally {
      origin.remove();
    }
  });

  it('the first key: there is a vault with it, or there is none', async () => {
    for (let at = 1, done = false; !done; at += 1) {
      using folder = tempFolder('vault-first');
      const operations = failing(at, 'crash');
      const { vault } = await openVault(diskFiles(folder.path, operations));
      const failed = await vault.enrol('alex', PASSPHRASE, null).then(
        () => false,
        () => true,
      );
      done = operations.steps() < at;
      const again = await openVault(diskFiles(folder.path));
      if (again.vault.exists) await again.vault.unlock('alex', PASSPHRASE);
      else expect(failed).toBe(true);
    }
  });

  it('damage that cannot be repaired now keeps nobody out, and is repaired by the next write', async () => {
    const folder = await prepared();
    const text = 'not a vault any more';
    await writeFile(folder.at('vault.json'), text);
    const { vault, told } = await openVault(diskFiles(folder.path, failing(1, 'full disk')));
    await vault.unlock('alex', PASSPHRASE);
    expect(vault.credential('flags')).toBe('old');
    expect(told).toContain('the vault could not be repaired on disk yet');
    await vault.setCredential('metrics', 'kept');
    const names = readdirSync(folder.path).filter((name) => name.includes('quarantine'));
    expect(names).toHaveLength(1);
    const again = await openVault(diskFiles(folder.path));
    await again.vault.unlock('alex', PASSPHRASE);
    expect(again.vault.credential('metrics')).toBe('kept');
    expect(again.vault.problems()).toEqual([`what did not fit the vault is kept in ${names[0]}`]);
    folder.remove();
  });
});

describe('E2: the files', () => {
  it('are for the user alone, whatever they were put back as, and leave nothing else behind', async () => {
    const folder = await prepared();
    const modes = () => readdirSync(folder.path).map((name) => [name, statSync(folder.at(name)).mode & 0o777]);
    expect(modes()).toEqual([
      ['vault.json', 0o600],
      ['vault.previous.json', 0o600],
    ]);
    chmodSync(folder.at('vault.json'), 0o644);
    const files = diskFiles(folder.path);
    await openVault(files);
    expect(modes()[0]).toEqual(['vault.json', 0o600]);
    const names = [
      await files.quarantine(Buffer.of(255, 0), 1_700_000_000_123),
      await files.quarantine(Buffer.of(1), 1_700_000_000_123),
    ];
    expect(names).toEqual(['vault.quarantine-20231114T221320123Z.json', 'vault.quarantine-20231114T221320123Z-2.json']);
    expect(await files.quarantined()).toHaveLength(2);
    expect(modes().every(([, mode]) => mode === 0o600)).toBe(true);
    folder.remove();
  });
});
