import { describe, expect, it } from 'vitest';
import { labelOfBox, openSealedBox, sealBox } from '../../../electron/services/vault/box.ts';
import { combineShares } from '../../../electron/services/vault/shares.ts';
import { newPersonKeys, publicTextOf } from '../../../electron/services/vault/slots.ts';
import { readPublicKey } from '../../../electron/services/signing/public-key.ts';
import { createWorld, holdersOf } from '../../support/sealed.ts';
import { DEVICE } from '../../support/vault.ts';

const VALUE = 'CANARY-sealed-3c1f';

async function sealed(...operators: string[]) {
  const world = createWorld();
  const console = await world.console('alex', 'sam', 'kim');
  await console.vault.setCredential('break', VALUE);
  await console.vault.seal('break', holdersOf(world.people, ...operators));
  const share = (operator: string) => {
    const keyring = console.keyrings[operator]!;
    const own = console.vault.sealed()[0]!.shares.find((one) => one.key === keyring.person.key)!;
    return keyring.openBox(own.box);
  };
  return { world, share, ...console };
}

describe('E3: sealed to two people', () => {
  it('each pair of three opens it', async () => {
    const { vault, share } = await sealed('alex', 'sam', 'kim');
    for (const pair of [
      ['alex', 'sam'],
      ['alex', 'kim'],
      ['sam', 'kim'],
      ['kim', 'alex'],
    ]) {
      expect(await vault.combine('break', pair.map(share))).toBe(VALUE);
    }
    expect(await vault.combine('break', ['alex', 'sam', 'kim'].map(share))).toBe(VALUE);
  });

  it('one alone does not, not even with the own share twice', async () => {
    const { vault, share } = await sealed('alex', 'sam', 'kim');
    for (const shares of [[], [share('alex')], [share('alex'), share('alex')]]) {
      await expect(vault.combine('break', shares)).rejects.toMatchObject({ code: 'credential' });
    }
    expect(() => vault.credential('break')).toThrow(
      expect.objectContaining({ code: 'credential', action: 'two people open it' }),
    );
    expect(vault.credentials()).toEqual([]);
    await expect(vault.setCredential('break', 'other')).rejects.toMatchObject({ code: 'conflict' });
  });

  it('a share that was changed, is of another sealing, or of another name is told', async () => {
    const { vault, share, world } = await sealed('alex', 'sam', 'kim');
    const good = share('alex');
    for (let at = 0; at < good.length; at += 1) {
      const changed = share('sam');
      changed[at] = changed[at]! ^ 1;
      await expect(vault.combine('break', [good, changed])).rejects.toMatchObject({ code: 'credential' });
    }
    await expect(vault.combine('other', [good, share('sam')])).rejects.toMatchObject({ code: 'credential' });
    const old = share('sam');
    await vault.removeCredential('break');
    await vault.setCredential('break', VALUE);
    await vault.seal('break', holdersOf(world.people, 'alex', 'sam', 'kim'));
    await expect(vault.combine('break', [share('alex'), old])).rejects.toMatchObject({ code: 'credential' });
    expect(await vault.combine('break', [share('alex'), share('sam')])).toBe(VALUE);
  });

  it('nobody opens the box of another, and a box cannot be given another name', async () => {
    const { keyrings, vault } = await sealed('alex', 'sam');
    const [box] = vault.sealed()[0]!.shares.map((one) => one.box);
    expect(() => keyrings.sam!.openBox(box!)).toThrow(expect.objectContaining({ code: 'credential' }));
    expect(labelOfBox(box!)).toBe('break');
    const renamed = Buffer.from(box!, 'base64url');
    renamed.write('brook', renamed.indexOf('break'));
    expect(labelOfBox(renamed.toString('base64url'))).toBe('brook');
    expect(() => keyrings.alex!.openBox(renamed.toString('base64url'))).toThrow(
      expect.objectContaining({ code: 'credential' }),
    );
  });

  it('two keys of one person are one share: they do not open it together', async () => {
    const world = createWorld();
    const first = await world.console('alex', 'sam');
    const second = await world.console('alex');
    await first.vault.setCredential('break', VALUE);
    await first.vault.seal('break', holdersOf(world.people, 'alex', 'sam'));
    const { shares } = first.vault.sealed()[0]!;
    expect(shares.map(({ operator }) => operator)).toEqual(['alex', 'alex', 'sam']);
    const own = [first, second].map(({ keyrings }) => {
      const alex = keyrings.alex!;
      return alex.openBox(shares.find(({ key }) => key === alex.person.key)!.box);
    });
    await expect(first.vault.combine('break', own)).rejects.toMatchObject({ code: 'credential' });
    const sam = first.keyrings.sam!;
    const other = sam.openBox(shares.find(({ key }) => key === sam.person.key)!.box);
    expect(await first.vault.combine('break', [own[1]!, other])).toBe(VALUE);
  });

  it('is refused for one person, twice the same, or a key that is none; the whole one stays then', async () => {
    const world = createWorld();
    const { vault } = await world.console('alex', 'sam');
    await vault.setCredential('break', VALUE);
    const [alex, sam] = holdersOf(world.people, 'alex', 'sam');
    for (const holders of [[], [alex!], [alex!, alex!], [alex!, { ...sam!, publicKey: 'scram1:no' }]]) {
      await expect(vault.seal('break', holders)).rejects.toMatchObject({ code: 'invalid-input' });
    }
    await expect(vault.seal('none', [alex!, sam!])).rejects.toMatchObject({ code: 'credential' });
    expect(vault.credential('break')).toBe(VALUE);
  });

  it('a value of any length and script comes back as it was', async () => {
    const world = createWorld();
    const { vault, keyrings } = await world.console('alex', 'sam');
    for (const value of ['x', 'ключ ☃', 'y'.repeat(20_000)]) {
      await vault.setCredential('any', value);
      await vault.seal('any', holdersOf(world.people, 'alex', 'sam'));
      const { shares } = vault.sealed()[0]!;
      const open = shares.map(({ operator, box }) => keyrings[operator]!.openBox(box));
      expect(await combineShares('any', open)).toBe(value);
      await vault.removeCredential('any');
    }
  });
});

describe('E3: a box encrypted to one key', () => {
  it('opens with that key alone, and no changed byte opens', () => {
    const keys = newPersonKeys();
    const { sealing } = readPublicKey(publicTextOf(keys, DEVICE))!;
    const box = sealBox(sealing, 'name', Buffer.from('share'));
    expect(openSealedBox(keys.sealing, box).toString()).toBe('share');
    expect(sealBox(sealing, 'name', Buffer.from('share'))).not.toBe(box);
    const bytes = Buffer.from(box, 'base64url');
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at] = changed[at]! ^ 0x10;
      expect(() => openSealedBox(keys.sealing, changed.toString('base64url'))).toThrow(
        expect.objectContaining({ code: 'credential' }),
      );
    }
    for (const none of ['', 'AA', '!', `${box}=`, box.slice(0, 60)]) {
      expect(() => openSealedBox(keys.sealing, none)).toThrow(expect.objectContaining({ code: 'credential' }));
    }
    expect(() => openSealedBox(newPersonKeys().sealing, box)).toThrow(expect.objectContaining({ code: 'credential' }));
  });

  it('a key that gives everybody the same secret opens nothing', () => {
    const keys = newPersonKeys();
    const { sealing } = readPublicKey(publicTextOf(keys, DEVICE))!;
    const bytes = Buffer.from(sealBox(sealing, 'name', Buffer.from('share')), 'base64url');
    bytes.fill(0, 1, 33);
    expect(() => openSealedBox(keys.sealing, bytes.toString('base64url'))).toThrow(
      expect.objectContaining({ code: 'credential' }),
    );
  });
});
