import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadDeviceKey, loadOrCreateDeviceKey, verifySignature } from '../../../electron/platform/crypto.ts';
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
