import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readPublicKey, signedBy } from '../../../electron/services/signing/public-key.ts';
import { CHEAP, fakeKeychain, memoryFiles, openVault, PASSPHRASE } from '../../support/vault.ts';

async function withAlex(options: Parameters<typeof openVault>[1] = {}) {
  const files = memoryFiles();
  const opened = await openVault(files, options);
  const { publicKey } = await opened.vault.enrol('alex', PASSPHRASE, null);
  return { files, publicKey, ...opened };
}

const text = (bytes: Uint8Array | null) => Buffer.from(bytes ?? []).toString('utf8');

describe('E2: the vault', () => {
  it('does not exist until somebody makes a key, and is locked then', async () => {
    const { vault } = await openVault(memoryFiles());
    expect([vault.exists, vault.open, vault.slots(), vault.credentials()]).toEqual([false, false, [], []]);
    await vault.enrol('alex', PASSPHRASE, null);
    expect([vault.exists, vault.open]).toEqual([true, false]);
    expect(() => vault.credential('flags')).toThrow(expect.objectContaining({ code: 'locked' }));
    await expect(vault.setCredential('flags', 'x')).rejects.toMatchObject({ code: 'locked' });
  });

  it('keeps credentials over a restart, and opens them by the passphrase alone', async () => {
    const { files, vault, publicKey } = await withAlex({ now: () => 1234 });
    const keyring = await vault.unlock('alex', PASSPHRASE);
    await vault.setCredential('flags-eu', 'sécret ☃ \u0000 value');
    await vault.setCredential('flags-eu', 'second');
    await vault.setCredential('metrics', 'user:password');
    expect(vault.credential('flags-eu')).toBe('second');
    keyring.dispose();
    expect(() => vault.credential('flags-eu')).toThrow(expect.objectContaining({ code: 'locked' }));

    const again = await openVault(files);
    expect(again.vault.slots()).toEqual([{ operator: 'alex', publicKey, by: ['passphrase'] }]);
    expect(again.vault.credentials()).toEqual([
      { name: 'flags-eu', setAtMs: 1234 },
      { name: 'metrics', setAtMs: 1234 },
    ]);
    const second = await again.vault.unlock('alex', PASSPHRASE);
    expect(second.publicKey).toBe(publicKey);
    expect(again.vault.credential('flags-eu')).toBe('second');
    expect(again.vault.credential('metrics')).toBe('user:password');
    expect(again.told).toEqual([]);
  });

  it('takes the same passphrase from any keyboard', async () => {
    const { vault } = await openVault(memoryFiles());
    await vault.enrol('alex', 'caf\u00e9', null);
    await expect(vault.unlock('alex', 'cafe\u0301')).resolves.toMatchObject({ operator: 'alex' });
  });

  it('signs with the key that the roster has, until the keyring is disposed', async () => {
    const { vault, publicKey } = await withAlex();
    const keyring = await vault.unlock('alex', PASSPHRASE);
    const key = readPublicKey(publicKey)!;
    expect(keyring.person).toEqual({ operator: 'alex', key: key.id });
    expect(signedBy(key, 'an act', keyring.sign('an act'))).toBe(true);
    keyring.dispose();
    keyring.dispose();
    expect(() => keyring.sign('an act')).toThrow(expect.objectContaining({ code: 'locked' }));
    expect(() => keyring.openBox('AA')).toThrow(expect.objectContaining({ code: 'locked' }));
  });

  it('says the same for a wrong passphrase and for a person who is not here', async () => {
    const { vault } = await withAlex();
    const errors = await Promise.all(
      [vault.unlock('alex', 'wrong'), vault.unlock('nobody', PASSPHRASE)].map((one) => one.catch((error) => error)),
    );
    expect(errors.map(({ code, message, action }) => ({ code, message, action }))).toEqual([
      { code: 'locked', message: errors[0].message, action: errors[0].action },
      { code: 'locked', message: errors[0].message, action: errors[0].action },
    ]);
    expect(errors[0].message).not.toMatch(/alex|nobody|passphrase/);
  });

  it('lets a second person in through an open keyring alone, and both read the same', async () => {
    const { files, vault } = await withAlex();
    await expect(vault.enrol('sam', 'other', null)).rejects.toMatchObject({ code: 'locked' });
    const alex = await vault.unlock('alex', PASSPHRASE);
    await vault.setCredential('flags', 'the value');
    await vault.enrol('sam', 'other', alex);
    await expect(vault.enrol('sam', 'again', alex)).rejects.toMatchObject({ code: 'conflict' });
    alex.dispose();
    await expect(vault.enrol('kim', 'third', alex)).rejects.toMatchObject({ code: 'locked' });
    const again = await openVault(files);
    await again.vault.unlock('sam', 'other');
    expect(again.vault.credential('flags')).toBe('the value');
  });

  it('stays open while one of several keyrings is', async () => {
    const { vault } = await withAlex();
    const first = await vault.unlock('alex', PASSPHRASE);
    await vault.setCredential('flags', 'value');
    const second = await vault.unlock('alex', PASSPHRASE);
    first.dispose();
    expect(vault.credential('flags')).toBe('value');
    second.dispose();
    expect(vault.open).toBe(false);
  });

  it('changes a passphrase in both copies: the old one opens neither', async () => {
    const { files, vault } = await withAlex();
    await expect(vault.changePassphrase('alex', 'wrong', 'next')).rejects.toMatchObject({ code: 'locked' });
    await vault.changePassphrase('alex', PASSPHRASE, 'next');
    expect(vault.open).toBe(false);
    for (const copy of [files.copies.current, files.copies.previous]) {
      const again = await openVault(memoryFiles(copy));
      await expect(again.vault.unlock('alex', PASSPHRASE)).rejects.toMatchObject({ code: 'locked' });
      await again.vault.unlock('alex', 'next');
    }
  });

  it('removes a person from both copies, closes their keyring, and never removes the last', async () => {
    const { files, vault } = await withAlex();
    const alex = await vault.unlock('alex', PASSPHRASE);
    await vault.enrol('sam', 'other', alex);
    const sam = await vault.unlock('sam', 'other');
    await vault.removeSlot('sam');
    expect(() => sam.sign('x')).toThrow(expect.objectContaining({ code: 'locked' }));
    await expect(vault.removeSlot('sam')).rejects.toMatchObject({ code: 'not-found' });
    await expect(vault.removeSlot('alex')).rejects.toMatchObject({ code: 'refused' });
    expect(text(files.copies.current)).not.toContain('sam');
    expect(text(files.copies.previous)).not.toContain('sam');
    expect(alex.sign('x')).not.toBe('');
  });

  it('removes a credential from both copies', async () => {
    const { files, vault } = await withAlex();
    await vault.unlock('alex', PASSPHRASE);
    await vault.setCredential('flags', 'value');
    await vault.removeCredential('flags');
    await expect(vault.removeCredential('flags')).rejects.toMatchObject({ code: 'credential' });
    expect(() => vault.credential('flags')).toThrow(
      expect.objectContaining({ code: 'credential', action: 'scram vault set flags' }),
    );
    for (const copy of [files.copies.current, files.copies.previous]) expect(text(copy)).not.toContain('flags');
  });

  it('E3: seals a credential in both copies: nowhere is it whole', async () => {
    const { files, vault, publicKey } = await withAlex();
    const alex = await vault.unlock('alex', PASSPHRASE);
    const { publicKey: other } = await vault.enrol('sam', 'other', alex);
    await vault.setCredential('break', 'value');
    await vault.seal('break', [
      { operator: 'alex', publicKey },
      { operator: 'sam', publicKey: other },
    ]);
    for (const copy of [files.copies.current, files.copies.previous]) {
      expect(JSON.parse(text(copy))).toMatchObject({ items: [], sealed: [{ name: 'break' }] });
    }
  });

  it('tells those who listen when it opens, closes and changes', async () => {
    const { vault } = await withAlex();
    let told = 0;
    const subscription = vault.onChange(() => {
      told += 1;
    });
    const keyring = await vault.unlock('alex', PASSPHRASE);
    expect(told).toBe(1);
    await vault.setCredential('flags', 'value');
    expect(told).toBe(2);
    keyring.dispose();
    expect(told).toBe(3);
    subscription.dispose();
    (await vault.unlock('alex', PASSPHRASE)).dispose();
    expect(told).toBe(3);
  });

  it('does what is asked at the same time one after another, and loses none of it', async () => {
    const { files, vault } = await withAlex();
    const alex = await vault.unlock('alex', PASSPHRASE);
    await Promise.all([
      ...Array.from({ length: 20 }, (_, index) => vault.setCredential(`name-${index}`, `value-${index}`)),
      vault.enrol('sam', 'other', alex),
      vault.unlock('alex', 'wrong').catch(() => undefined),
      vault.setCredential('last', 'one'),
    ]);
    const again = await openVault(files);
    await again.vault.unlock('sam', 'other');
    expect(again.vault.credentials()).toHaveLength(21);
    for (let index = 0; index < 20; index += 1) {
      expect(again.vault.credential(`name-${index}`)).toBe(`value-${index}`);
    }
  });

  it('encrypts anew each time: the same value never gives the same bytes', async () => {
    const { files, vault } = await withAlex();
    await vault.unlock('alex', PASSPHRASE);
    const seen = new Set<string>();
    for (let round = 0; round < 20; round += 1) {
      await vault.setCredential('flags', 'value');
      const { items } = JSON.parse(text(files.copies.current));
      seen.add(items[0].iv);
      seen.add(items[0].box);
    }
    expect(seen.size).toBe(40);
  });

  it('refuses an empty passphrase', async () => {
    const { vault } = await openVault(memoryFiles());
    await expect(vault.enrol('alex', ' ', null)).rejects.toMatchObject({ code: 'invalid-input' });
    expect(vault.exists).toBe(false);
  });
});

describe('E2: the cost of a try', () => {
  it('opens nothing when it is below what the product may use', async () => {
    const { files } = await withAlex();
    const dearer = await openVault(files, { cost: { N: 2 ** 14, r: 8, p: 1 } });
    const began = JSON.stringify(files.copies);
    await expect(dearer.vault.unlock('alex', PASSPHRASE)).rejects.toMatchObject({ code: 'locked' });
    expect(JSON.stringify(files.copies)).toBe(began);
  });

  it('is raised at the next unlock where it is low, in both copies, and never lowered', async () => {
    const low = { N: 2 ** 14, r: 8, p: 1 };
    const { files } = await withAlex({ cost: low });
    const target = { N: 2 ** 15, r: 8, p: 1 };
    const { vault } = await openVault(files, { cost: target });
    (await vault.unlock('alex', PASSPHRASE)).dispose();
    for (const copy of [files.copies.current, files.copies.previous]) {
      expect(JSON.parse(text(copy)).slots[0].passphrase).toMatchObject(target);
    }
    const back = await openVault(files, { cost: low });
    await back.vault.unlock('alex', PASSPHRASE);
    expect(JSON.parse(text(files.copies.current)).slots[0].passphrase).toMatchObject(target);
    expect(back.told).toEqual([]);
  });
});

describe('E2: the operating system’s keychain', () => {
  it('unlocks without the passphrase, until it is taken out', async () => {
    const keychain = fakeKeychain();
    const { files, vault } = await withAlex({ keychain });
    const keyring = await vault.unlock('alex', PASSPHRASE);
    await vault.setCredential('flags', 'value');
    await vault.keepInKeychain(keyring, true);
    expect(vault.slots()[0]?.by).toEqual(['passphrase', 'keychain']);
    keyring.dispose();

    const again = await openVault(files, { keychain });
    const kept = await again.vault.unlockByKeychain('alex');
    expect(again.vault.credential('flags')).toBe('value');
    await again.vault.keepInKeychain(kept, false);
    kept.dispose();
    expect(again.vault.slots()[0]?.by).toEqual(['passphrase']);
    await expect(again.vault.unlockByKeychain('alex')).rejects.toMatchObject({ code: 'locked' });
  });

  it('opens nothing when it gives another person’s bytes, nothing, or is not there', async () => {
    const keychain = fakeKeychain();
    const { files, vault } = await withAlex({ keychain });
    const alex = await vault.unlock('alex', PASSPHRASE);
    await vault.enrol('sam', 'other', alex);
    const sam = await vault.unlock('sam', 'other');
    await vault.keepInKeychain(alex, true);
    await vault.keepInKeychain(sam, true);
    alex.dispose();
    sam.dispose();
    const [first, second] = [...keychain.held.keys()];
    keychain.held.set(first!, keychain.held.get(second!)!);
    await expect(vault.unlockByKeychain('alex')).rejects.toMatchObject({ code: 'locked' });
    keychain.held.clear();
    await expect(vault.unlockByKeychain('sam')).rejects.toMatchObject({ code: 'locked' });
    const without = await openVault(files);
    await expect(without.vault.unlockByKeychain('sam')).rejects.toMatchObject({ code: 'locked' });
    expect(without.vault.slots()[1]?.by).toEqual(['passphrase']);
    await without.vault.unlock('sam', 'other');
  });
});

it('E2: the public key is what the private half signs for, and names the console', async () => {
  const { vault, publicKey } = await withAlex({ cost: CHEAP });
  const keyring = await vault.unlock('alex', PASSPHRASE);
  const raw = Buffer.from(publicKey.slice('scram1:'.length), 'base64url');
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw.subarray(0, 32)]);
  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  expect(verify(null, Buffer.from('text'), key, Buffer.from(keyring.sign('text'), 'base64url'))).toBe(true);
});
