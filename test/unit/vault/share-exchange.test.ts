import { describe, expect, it } from 'vitest';
import { armour, unarmour } from '../../../electron/services/armour/armour.ts';
import { sealBox, x25519FromRaw } from '../../../electron/services/vault/box.ts';
import { signStatement } from '../../../electron/services/vault/share-statements.ts';
import type { JsonObject } from '../../../shared/model/json.ts';
import { createWorld, holdersOf } from '../../support/sealed.ts';

const VALUE = 'CANARY-exchanged-77d0';

/** alex asks at one console; sam and kim hold shares, and sit at others. */
async function scene() {
  const world = createWorld();
  const home = await world.console('alex');
  const away = await world.console('sam', 'kim');
  const second = await world.console('alex');
  for (const name of ['break', 'other']) {
    await home.vault.setCredential(name, VALUE);
    await home.vault.seal(name, holdersOf(world.people, 'alex', 'sam', 'kim'));
  }
  return { world, home, away, second, alex: home.keyrings.alex!, sam: away.keyrings.sam!, kim: away.keyrings.kim! };
}

/** The block with something of its body replaced, signed as it was. */
function altered(text: string, change: JsonObject): string {
  const { kind, value } = unarmour(text) as { kind: 'open-request'; value: { body: JsonObject; signature: string } };
  return armour(kind, { ...value, body: { ...value.body, ...change } });
}

describe('E3: opening with somebody who is elsewhere', () => {
  it('takes one block there and one back; both consoles show the same check code', async () => {
    const { home, away, alex, sam } = await scene();
    const asked = home.exchange.askForShare('break', 'sam', alex);
    expect(asked.kind).toBe('open-request');
    expect(asked.qr).not.toBeNull();
    const given = away.exchange.giveShare(`> ${asked.text.replaceAll('\n', '\r\n> ')}`, sam);
    expect(given.kind).toBe('open-share');
    expect(await home.exchange.takeShare(given.text, alex)).toEqual({ name: 'break', value: VALUE, by: sam.person });
    for (const text of [asked.text, given.text]) expect(JSON.stringify(unarmour(text))).not.toContain(VALUE);
  });

  it('a block that was taken is not taken again, nor by two at once', async () => {
    const { home, away, alex, sam } = await scene();
    const asked = home.exchange.askForShare('break', 'sam', alex);
    const given = away.exchange.giveShare(asked.text, sam);
    const both = await Promise.allSettled([1, 2].map(() => home.exchange.takeShare(given.text, alex)));
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    await expect(home.exchange.takeShare(given.text, alex)).rejects.toMatchObject({ code: 'expired' });
  });

  it('is dead after 15 minutes, on either console', async () => {
    const { world, home, away, alex, sam } = await scene();
    const asked = home.exchange.askForShare('break', 'sam', alex);
    const given = away.exchange.giveShare(asked.text, sam);
    world.nowMs += 15 * 60_000 - 1;
    away.exchange.giveShare(asked.text, sam);
    world.nowMs += 1;
    expect(() => away.exchange.giveShare(asked.text, sam)).toThrow(expect.objectContaining({ code: 'expired' }));
    await expect(home.exchange.takeShare(given.text, alex)).rejects.toMatchObject({ code: 'expired' });
  });

  it('a restart of the console that asked forgets what was asked', async () => {
    const { home, away, alex, sam } = await scene();
    const given = away.exchange.giveShare(home.exchange.askForShare('break', 'sam', alex).text, sam);
    home.exchange.dispose();
    await expect(home.exchange.takeShare(given.text, alex)).rejects.toMatchObject({ code: 'expired' });
  });

  it('never the second key of the one who asks', async () => {
    const { home, second, alex } = await scene();
    expect(() => home.exchange.askForShare('break', 'alex', alex)).toThrow(
      expect.objectContaining({ code: 'forbidden' }),
    );
    const forged = altered(home.exchange.askForShare('break', 'sam', alex).text, { holder: 'alex' });
    expect(() => second.exchange.giveShare(forged, second.keyrings.alex!)).toThrow(
      expect.objectContaining({ code: 'refused' }),
    );
    const { value } = unarmour(home.exchange.askForShare('break', 'sam', alex).text);
    const { body } = value as { body: JsonObject };
    const own = home.vault.sealed()[0]!.shares.filter(({ operator }) => operator === 'alex');
    const shares = own.map(({ key, box }) => ({ key, box }));
    const { hash: _hash, ...signed } = signStatement('open-request', { ...body, holder: 'alex', shares }, alex);
    const honest = armour('open-request', signed as unknown as JsonObject);
    expect(() => second.exchange.giveShare(honest, second.keyrings.alex!)).toThrow(
      expect.objectContaining({ code: 'forbidden' }),
    );
  });

  it('gives nothing to somebody who is not in the roster, or no longer', async () => {
    const { world, home, away, alex, sam } = await scene();
    const asked = home.exchange.askForShare('break', 'sam', alex);
    world.people.alex = [];
    expect(() => away.exchange.giveShare(asked.text, sam)).toThrow(expect.objectContaining({ code: 'refused' }));
    expect(() => home.exchange.askForShare('break', 'sam', alex)).toThrow(
      expect.objectContaining({ code: 'forbidden' }),
    );
  });

  it('takes nothing from somebody whose key was revoked meanwhile', async () => {
    const { world, home, away, alex, sam } = await scene();
    const given = away.exchange.giveShare(home.exchange.askForShare('break', 'sam', alex).text, sam);
    world.people.sam = [];
    await expect(home.exchange.takeShare(given.text, alex)).rejects.toMatchObject({ code: 'refused' });
    expect(() => away.exchange.giveShare(home.exchange.askForShare('break', 'kim', alex).text, sam)).toThrow(
      expect.objectContaining({ code: 'forbidden' }),
    );
  });

  it('gives and takes nothing that was changed on the way', async () => {
    const { home, away, alex, sam, kim } = await scene();
    const asked = home.exchange.askForShare('break', 'sam', alex);
    const changes: JsonObject[] = [
      { name: 'other' },
      { holder: 'kim' },
      { expiresAtMs: 9e15 },
      { asker: { ...kim.person } },
      { ephemeral: 'A'.repeat(43) },
    ];
    for (const change of changes) {
      expect(() => away.exchange.giveShare(altered(asked.text, change), sam)).toThrow(
        expect.objectContaining({ code: 'refused' }),
      );
    }
    const given = away.exchange.giveShare(asked.text, sam);
    for (const change of [{ atMs: 1 }, { box: 'AAAA' }]) {
      await expect(home.exchange.takeShare(altered(given.text, change), alex)).rejects.toMatchObject({
        code: 'refused',
      });
    }
    expect((await home.exchange.takeShare(given.text, alex)).value).toBe(VALUE);
  });

  it('answers the one who was asked for, to the one who asked, and nobody else', async () => {
    const { home, away, second, alex, sam, kim } = await scene();
    const asked = home.exchange.askForShare('break', 'sam', alex);
    expect(() => away.exchange.giveShare(asked.text, kim)).toThrow(expect.objectContaining({ code: 'forbidden' }));
    const given = away.exchange.giveShare(asked.text, sam);
    await expect(second.exchange.takeShare(given.text, second.keyrings.alex!)).rejects.toMatchObject({
      code: 'expired',
    });
    await expect(home.exchange.takeShare(given.text, kim)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(home.exchange.takeShare(asked.text, alex)).rejects.toMatchObject({ code: 'invalid-input' });
    expect(() => away.exchange.giveShare(given.text, sam)).toThrow(expect.objectContaining({ code: 'invalid-input' }));
  });

  it('does not give the share of one credential under the name of another', async () => {
    const { home, away, alex, sam } = await scene();
    const { value } = unarmour(home.exchange.askForShare('break', 'sam', alex).text);
    const other = unarmour(home.exchange.askForShare('other', 'sam', alex).text).value;
    const body = { ...(value as { body: JsonObject }).body, shares: (other as { body: JsonObject }).body.shares! };
    const { hash: _hash, ...signed } = signStatement('open-request', body, alex);
    expect(() => away.exchange.giveShare(armour('open-request', signed), sam)).toThrow(
      expect.objectContaining({ code: 'refused' }),
    );
  });

  it('a wrong share is told, and the right one still opens it', async () => {
    const { home, away, alex, sam } = await scene();
    const asked = home.exchange.askForShare('break', 'sam', alex);
    const given = away.exchange.giveShare(asked.text, sam);
    const { ephemeral } = (unarmour(asked.text).value as { body: { ephemeral: string } }).body;
    const [, other] = home.vault.sealed().map(({ shares }) => shares.find(({ key }) => key === sam.person.key)!.box);
    const box = sealBox(x25519FromRaw(Buffer.from(ephemeral, 'base64url')), 'break', sam.openBox(other!));
    const { body } = unarmour(given.text).value as { body: JsonObject };
    const { hash: _hash, ...signed } = signStatement('open-share', { ...body, box }, sam);
    await expect(home.exchange.takeShare(armour('open-share', signed), alex)).rejects.toMatchObject({
      code: 'credential',
    });
    expect((await home.exchange.takeShare(given.text, alex)).value).toBe(VALUE);
  });

  it('a credential that was removed meanwhile is not opened', async () => {
    const { home, away, alex, sam } = await scene();
    const given = away.exchange.giveShare(home.exchange.askForShare('break', 'sam', alex).text, sam);
    await home.vault.removeCredential('break');
    await expect(home.exchange.takeShare(given.text, alex)).rejects.toMatchObject({ code: 'not-found' });
    expect(() => home.exchange.askForShare('break', 'sam', alex)).toThrow(
      expect.objectContaining({ code: 'not-found' }),
    );
  });

  it('only a holder asks, and only a holder is asked', async () => {
    const { world, home, alex } = await scene();
    const robin = await world.console('robin');
    expect(() => home.exchange.askForShare('break', 'robin', alex)).toThrow(
      expect.objectContaining({ code: 'not-found' }),
    );
    expect(() => home.exchange.askForShare('break', 'sam', robin.keyrings.robin!)).toThrow(
      expect.objectContaining({ code: 'forbidden' }),
    );
  });
});
