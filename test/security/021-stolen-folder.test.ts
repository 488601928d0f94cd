import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decryptItem } from '../../electron/services/vault/items.ts';
import { type SlotContent, unwrapByPassphrase } from '../../electron/services/vault/slots.ts';
import { holdersOfSecret } from '../support/secret-forms.ts';
import { tempFolder } from '../support/temp.ts';
import { diskFiles, fakeKeychain, openVault, PASSPHRASE } from '../support/vault.ts';

const CANARY = 'CANARY+cr3dential/7f3a="x\\y"';
const REMOVED = 'CANARY-removed-91bc-5d20';
const SEALED = 'CANARY-sealed-0c4e-aa17';
const OTHER = 'CANARY-passphrase-of-sam';

/** A folder in which everything was done that the vault can do, damage and its repair among it. */
async function usedFolder(folder: string) {
  const keychain = fakeKeychain();
  const { vault, lines, told } = await openVault(diskFiles(folder), { keychain });
  const { publicKey } = await vault.enrol('alex', PASSPHRASE, null);
  const alex = await vault.unlock('alex', PASSPHRASE);
  const { publicKey: other } = await vault.enrol('sam', OTHER, alex);
  await vault.keepInKeychain(alex, true);
  await vault.setCredential('flags', CANARY);
  await vault.setCredential('gone', REMOVED);
  await vault.removeCredential('gone');
  await vault.setCredential('break', SEALED);
  await vault.seal('break', [
    { operator: 'alex', publicKey },
    { operator: 'sam', publicKey: other },
  ]);
  await vault.unlock('alex', 'wrong').catch(() => undefined);
  alex.dispose();
  writeFileSync(`${folder}/vault.json`, readFileSync(`${folder}/vault.json`, 'utf8').replace('"flags"', '"flagz"'));
  const again = await openVault(diskFiles(folder), { keychain });
  (await again.vault.unlockByKeychain('alex')).dispose();
  expect(again.told).not.toEqual([]);
  const log = Buffer.from(JSON.stringify([lines, told, again.lines, again.told]));
  const files = new Map(readdirSync(folder).map((name) => [name, readFileSync(`${folder}/${name}`)]));
  return { places: new Map([...files, ['the log', log]]), files };
}

async function contentOf(bytes: Buffer, operator: string, passphrase: string): Promise<SlotContent> {
  const { id, slots } = JSON.parse(bytes.toString());
  const slot = slots.find((one: { operator: string }) => one.operator === operator);
  return (await unwrapByPassphrase(id, slot, slot.passphrase, passphrase))!;
}

const SPKI_OVERHEAD = 16;

describe('021: a stolen data folder without the passphrase (E2)', () => {
  it('holds no credential, passphrase, private key or data key in any form, nor does the log', async () => {
    using folder = tempFolder('stolen');
    const { places, files } = await usedFolder(folder.path);
    expect([...files.keys()].map((name) => name.replace(/-.*(?=\.json)/, ''))).toEqual([
      'vault.json',
      'vault.previous.json',
      'vault.quarantine.json',
    ]);
    const secrets: (string | Uint8Array)[] = [CANARY, REMOVED, SEALED, OTHER, PASSPHRASE];
    for (const [operator, passphrase] of [
      ['alex', PASSPHRASE],
      ['sam', OTHER],
    ] as const) {
      const { keys, dataKey } = await contentOf(files.get('vault.json')!, operator, passphrase);
      for (const key of [keys.signing, keys.sealing]) {
        const der = key.export({ format: 'der', type: 'pkcs8' });
        secrets.push(
          der,
          der.subarray(SPKI_OVERHEAD),
          key.export({ format: 'pem', type: 'pkcs8' }).toString().split('\n')[1]!,
        );
      }
      secrets.push(dataKey);
    }
    expect(secrets).toHaveLength(5 + 2 * 7);
    for (const secret of secrets) expect(holdersOfSecret(secret, places)).toEqual([]);
  });

  it('the search would have found them', () => {
    const key = generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' });
    expect(createPrivateKey({ key, format: 'der', type: 'pkcs8' }).asymmetricKeyType).toBe('ed25519');
    for (const wrap of [
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => Buffer.from(`"${bytes.toString('hex')}"`),
      (bytes: Buffer) => Buffer.from(Buffer.concat([Buffer.from('a'), bytes, Buffer.from('zz')]).toString('base64')),
      (bytes: Buffer) => Buffer.from(Buffer.concat([Buffer.from('ab'), bytes, Buffer.from('z')]).toString('base64url')),
    ]) {
      const place = new Map([['here', Buffer.concat([Buffer.from('{"x":'), wrap(key)])]]);
      expect(holdersOfSecret(key.subarray(SPKI_OVERHEAD), place)).toEqual(['here']);
    }
    const text = new Map([['here', Buffer.from(JSON.stringify({ value: CANARY }))]]);
    expect(holdersOfSecret(CANARY, text)).toEqual(['here']);
  });

  it('E3: even one person’s passphrase opens no sealed credential in any copy, nor one that was removed', async () => {
    using folder = tempFolder('stolen-by-one');
    const { files } = await usedFolder(folder.path);
    const found: string[] = [];
    for (const [name, bytes] of files) {
      if (name.includes('quarantine')) continue;
      const { id, items } = JSON.parse(bytes.toString());
      const { dataKey } = await contentOf(bytes, 'alex', PASSPHRASE);
      for (const item of items) found.push(decryptItem(dataKey, id, item) ?? 'not decrypted');
    }
    expect(new Set(found)).toEqual(new Set([CANARY]));
  });

  it('opens by nothing that a thief can guess from it', async () => {
    using folder = tempFolder('stolen-guess');
    const { files } = await usedFolder(folder.path);
    const { slots } = JSON.parse(files.get('vault.json')!.toString());
    const { vault } = await openVault(diskFiles(folder.path), { keychain: fakeKeychain() });
    for (const guess of [
      '',
      'alex',
      slots[0].publicKey,
      slots[0].passphrase.salt,
      slots[0].keychain,
      'null',
      '\u0000',
    ]) {
      await expect(vault.unlock('alex', guess)).rejects.toMatchObject({ code: 'locked' });
    }
    await expect(vault.unlockByKeychain('alex')).rejects.toMatchObject({ code: 'locked' });
    await expect(vault.enrol('thief', 'mine', null)).rejects.toMatchObject({ code: 'locked' });
    await expect(vault.removeSlot('alex')).rejects.toMatchObject({ code: 'locked' });
    await expect(vault.changePassphrase('alex', 'guess', 'mine')).rejects.toMatchObject({ code: 'locked' });
  });

  it('a slot or an item of another vault opens nothing in this one', async () => {
    using mine = tempFolder('stolen-mine');
    using theirs = tempFolder('stolen-theirs');
    await usedFolder(mine.path);
    const { vault } = await openVault(diskFiles(theirs.path));
    await vault.enrol('alex', 'the thief knows this', null);
    const theirSlot = JSON.parse(readFileSync(theirs.at('vault.json'), 'utf8')).slots[0];
    for (const name of ['vault.json', 'vault.previous.json']) {
      const document = JSON.parse(readFileSync(mine.at(name), 'utf8'));
      writeFileSync(mine.at(name), JSON.stringify({ ...document, slots: [theirSlot] }));
    }
    const mixed = await openVault(diskFiles(mine.path));
    await expect(mixed.vault.unlock('alex', 'the thief knows this')).rejects.toMatchObject({ code: 'locked' });
  });
});
