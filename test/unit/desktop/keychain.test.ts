import { beforeEach, describe, expect, it, vi } from 'vitest';
import { desktopKeychain } from '../../../electron/hosts/desktop/keychain.ts';
import { electron, resetElectron } from '../../support/fake-electron.ts';
import { memoryFiles, openVault, PASSPHRASE } from '../../support/vault.ts';

vi.mock('electron', async () => {
  const { electron: fake } = await import('../../support/fake-electron.ts');
  return { ...fake, default: fake };
});

beforeEach(resetElectron);

describe('E2: the desktop’s keychain', () => {
  it('unlocks the vault by what Electron’s safeStorage kept', async () => {
    const keychain = await desktopKeychain('linux');
    const files = memoryFiles();
    const { vault } = await openVault(files, { keychain });
    await vault.enrol('alex', PASSPHRASE, null);
    const keyring = await vault.unlock('alex', PASSPHRASE);
    await vault.keepInKeychain(keyring, true);
    keyring.dispose();
    const again = await openVault(files, { keychain });
    expect((await again.vault.unlockByKeychain('alex')).publicKey).toBe(keyring.publicKey);
  });

  it('is not offered where there is none, or only one that keeps its key in plain text', async () => {
    electron.safeStorage.backend = 'basic_text';
    expect(await desktopKeychain('linux')).toBeNull();
    expect(await desktopKeychain('darwin')).not.toBeNull();
    electron.safeStorage.available = false;
    for (const platform of ['linux', 'darwin', 'win32'] as const) expect(await desktopKeychain(platform)).toBeNull();
    electron.safeStorage.isAsyncEncryptionAvailable = () => Promise.reject(new Error('no bus'));
    expect(await desktopKeychain('linux')).toBeNull();
    electron.safeStorage.isAsyncEncryptionAvailable = async () => electron.safeStorage.available;
  });

  it('when it fails later, says so and nothing of what it was to keep', async () => {
    const keychain = await desktopKeychain('darwin');
    electron.safeStorage.available = false;
    for (const failed of [keychain!.protect(Buffer.from('CANARY')), keychain!.reveal('AAAA')]) {
      const error = await failed.catch((one) => one);
      expect(error).toMatchObject({ code: 'locked', action: 'unlock with the passphrase' });
      expect(JSON.stringify([error.message, String(error.cause)])).not.toContain(
        Buffer.from('CANARY').toString('base64url'),
      );
    }
  });
});
