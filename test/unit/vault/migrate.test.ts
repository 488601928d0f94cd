import { describe, expect, it } from 'vitest';
import { vaultMac } from '../../../electron/services/vault/mac.ts';
import { MIGRATIONS, migratePart, type VaultMigration } from '../../../electron/services/vault/migrate.ts';
import type { JsonObject } from '../../../shared/model/json.ts';
import { memoryFiles, openVault, PASSPHRASE } from '../../support/vault.ts';

/** Made up: version 1 called the time of a sealing `sealedOn`, version 2 calls it `sealedAtMs` as today. */
const SECOND: VaultMigration = {
  version: 2,
  migrate: {
    slots: (part) => part,
    items: (part) => part,
    sealed: ({ sealedOn, ...part }) => ({ ...part, sealedAtMs: sealedOn ?? null }),
  },
};
const BROKEN: VaultMigration = { ...SECOND, migrate: { ...SECOND.migrate, items: () => fail() } };

function fail(): never {
  throw new Error('cannot be migrated');
}

/** A vault in the made-up version 1, sealed by its own key, as it would lie on a disk. */
async function oldVault(): Promise<Buffer> {
  const files = memoryFiles();
  const { vault } = await openVault(files);
  const { publicKey } = await vault.enrol('alex', PASSPHRASE, null);
  const alex = await vault.unlock('alex', PASSPHRASE);
  const { publicKey: other } = await vault.enrol('sam', 'other', alex);
  await vault.setCredential('flags', 'value');
  await vault.setCredential('break', 'sealed');
  await vault.seal('break', [
    { operator: 'alex', publicKey },
    { operator: 'sam', publicKey: other },
  ]);
  const { mac: _mac, ...document } = JSON.parse(Buffer.from(files.copies.current!).toString());
  const dataKey = await dataKeyOf(files.copies.current!);
  const mac = vaultMac(dataKey, document.id);
  const sealed = document.sealed.map(({ sealedAtMs, mac: _old, ...rest }: { sealedAtMs: number; mac: string }) => {
    const part = { ...rest, sealedOn: sealedAtMs } as unknown as JsonObject;
    return { ...part, mac: mac.part('sealed', part) };
  });
  const old = { ...document, sealed };
  return Buffer.from(JSON.stringify({ ...old, mac: mac.whole(old) }));
}

async function dataKeyOf(bytes: Uint8Array): Promise<Buffer> {
  const { unwrapByPassphrase } = await import('../../../electron/services/vault/slots.ts');
  const { id, slots } = JSON.parse(Buffer.from(bytes).toString());
  return (await unwrapByPassphrase(id, slots[0], slots[0].passphrase, PASSPHRASE))!.dataKey;
}

describe('E2: the vault’s format has versions', () => {
  it('has no migration yet, and numbers them in order', () => {
    expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_step, index) => index + 2));
  });

  it('an old file opens, is written in the new version, and stays as the previous copy', async () => {
    const old = await oldVault();
    const files = memoryFiles(old);
    const { vault, told } = await openVault(files, { migrations: [SECOND] });
    await vault.unlock('alex', PASSPHRASE);
    expect(vault.credential('flags')).toBe('value');
    expect(vault.sealed()[0]).toMatchObject({ name: 'break', sealedAtMs: expect.any(Number) });
    expect(told).toEqual([]);
    expect(files.kept.size).toBe(0);
    expect(JSON.parse(Buffer.from(files.copies.current!).toString())).toMatchObject({ version: 2 });
    expect(Buffer.compare(files.copies.previous!, old)).toBe(0);
    const again = await openVault(files, { migrations: [SECOND] });
    await again.vault.unlock('sam', 'other');
    expect(again.vault.sealed()).toHaveLength(1);
    expect(again.told).toEqual([]);
  });

  it('an old file that was damaged is migrated part by part', async () => {
    const old = (await oldVault()).toString();
    const files = memoryFiles(Buffer.from(old.replace('"flags"', '"flaqs"')));
    const { vault, told } = await openVault(files, { migrations: [SECOND] });
    await vault.unlock('alex', PASSPHRASE);
    expect(vault.credentials()).toEqual([]);
    expect(vault.sealed()).toHaveLength(1);
    expect(told.join()).toContain('the credential flaqs could not be read');
    expect(files.kept.size).toBe(1);
  });

  it('what a migration cannot take is told and kept, and the rest opens', async () => {
    const old = await oldVault();
    const files = memoryFiles(old);
    const { vault, told } = await openVault(files, { migrations: [BROKEN] });
    await vault.unlock('alex', PASSPHRASE);
    expect(vault.credentials()).toEqual([]);
    expect(vault.slots()).toHaveLength(2);
    expect(told.join()).toContain('the credential flags could not be read');
    expect(Buffer.compare([...files.kept.values()][0]!, old)).toBe(0);
  });

  it('a file of a later version is refused, and not touched', async () => {
    const files = memoryFiles();
    const { vault } = await openVault(files, { migrations: [SECOND] });
    await vault.enrol('alex', PASSPHRASE, null);
    const before = Buffer.from(files.copies.current!);
    const earlier = await openVault(files);
    expect([earlier.vault.exists, earlier.vault.slots()]).toEqual([true, []]);
    expect(earlier.told).toEqual(['vault.json was written by a later version of Scram (format 2)']);
    await expect(earlier.vault.unlock('alex', PASSPHRASE)).rejects.toMatchObject({ code: 'refused' });
    await expect(earlier.vault.enrol('sam', 'other', null)).rejects.toMatchObject({ code: 'locked' });
    expect(Buffer.compare(files.copies.current!, before)).toBe(0);
  });

  it('steps run in order of their numbers, from the file’s own on', () => {
    const step = (version: number): VaultMigration => {
      const add = (part: JsonObject) => ({ ...part, seen: `${part.seen ?? ''}${version}` });
      return { version, migrate: { slots: add, items: add, sealed: add } };
    };
    const steps = [step(4), step(2), step(3)];
    expect(migratePart('items', {}, 1, steps)).toEqual({ seen: '234' });
    expect(migratePart('items', {}, 3, steps)).toEqual({ seen: '4' });
    expect(migratePart('items', {}, 4, steps)).toEqual({});
  });
});
