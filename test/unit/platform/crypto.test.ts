import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  canonicalJson,
  loadDeviceKey,
  loadOrCreateDeviceKey,
  sha256Hex,
  verifySignature,
} from '../../../electron/platform/crypto.ts';
import { type TempFolder, tempFolder } from '../../support/temp.ts';

let folder: TempFolder;
beforeEach(() => {
  folder = tempFolder('crypto');
});
afterEach(() => folder.remove());

describe('device key', () => {
  it('is made once, mode 0600, and read again after', async () => {
    const made = await loadOrCreateDeviceKey(folder.at('device.key'));
    const again = await loadOrCreateDeviceKey(folder.at('device.key'));
    expect(again.publicKey).toBe(made.publicKey);
    expect(loadDeviceKey(folder.at('device.key')).publicKey).toBe(made.publicKey);
    expect(statSync(folder.at('device.key')).mode & 0o777).toBe(0o600);
  });

  it('signs what its public half verifies, and nothing else', async () => {
    const key = await loadOrCreateDeviceKey(folder.at('device.key'));
    const other = await loadOrCreateDeviceKey(folder.at('other.key'));
    const signature = key.sign('entry');
    expect(verifySignature(key.publicKey, 'entry', signature)).toBe(true);
    expect(verifySignature(key.publicKey, 'entry!', signature)).toBe(false);
    expect(verifySignature(other.publicKey, 'entry', signature)).toBe(false);
    expect(verifySignature('nonsense', 'entry', signature)).toBe(false);
    expect(verifySignature(key.publicKey, 'entry', 'nonsense')).toBe(false);
  });

  it('is refused when others can read it', async () => {
    await loadOrCreateDeviceKey(folder.at('device.key'));
    chmodSync(folder.at('device.key'), 0o640);
    await expect(loadOrCreateDeviceKey(folder.at('device.key'))).rejects.toMatchObject({
      code: 'refused',
      action: `Run: chmod 600 ${folder.at('device.key')}`,
    });
  });

  it('E2: is never replaced when it cannot be read, and its content stands in no error', async () => {
    const file = folder.at('device.key');
    const content = '-----BEGIN PRIVATE KEY-----\nnot-a-key-at-all\n-----END PRIVATE KEY-----\n';
    writeFileSync(file, content, { mode: 0o600 });
    const error = await loadOrCreateDeviceKey(file).catch((caught: Error) => caught);
    expect(error).toMatchObject({ code: 'ledger' });
    expect(`${String(error)} ${String((error as Error).cause)}`).not.toContain('not-a-key-at-all');
    expect(readFileSync(file, 'utf8')).toBe(content);
  });

  it('is refused when it is of another kind, and absent is told apart', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(folder.at('ec.key'), privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
    await expect(loadOrCreateDeviceKey(folder.at('ec.key'))).rejects.toThrow('is ec, expected ed25519');
    expect(() => loadDeviceKey(folder.at('absent.key'))).toThrow('there is no device key');
  });
});

describe('hash and canonical JSON', () => {
  it('match the published examples', () => {
    expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    // RFC 8785, 3.2.3: property sorting is by UTF-16 code units.
    expect(
      canonicalJson({ '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 }),
    ).toBe('{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}');
    expect(canonicalJson([1e30, 4.5, 0.002, 1e-27, -0])).toBe('[1e+30,4.5,0.002,1e-27,0]');
  });

  it('refuse what JSON cannot carry', () => {
    expect(() => canonicalJson(Number.NaN)).toThrow();
    expect(() => canonicalJson('\ud800')).toThrow();
  });
});
