import { safeStorage } from 'electron';
import { ScramError } from '../../../shared/model/error.ts';
import type { Keychain } from '../../services/vault/api.ts';

/** What Electron names the store on Linux when it has none and would keep its key in plain text. */
const NO_STORE: ReadonlySet<string> = new Set(['basic_text', 'unknown']);

/**
 * The operating system's keychain behind Electron's safeStorage: Keychain on macOS, DPAPI on Windows, libsecret or
 * KWallet on Linux. Null where there is none that protects anything. To be asked after the app is ready.
 */
export async function desktopKeychain(platform: NodeJS.Platform): Promise<Keychain | null> {
  try {
    if (!(await safeStorage.isAsyncEncryptionAvailable())) return null;
    if (platform === 'linux' && NO_STORE.has(safeStorage.getSelectedStorageBackend())) return null;
  } catch {
    // A desktop without a keychain service; the passphrase unlocks as everywhere.
    return null;
  }
  return {
    async protect(bytes) {
      // safeStorage takes text alone.
      const kept = await safeStorage.encryptStringAsync(Buffer.from(bytes).toString('base64url')).catch(unavailable);
      return kept.toString('base64url');
    },
    async reveal(text) {
      const { result } = await safeStorage.decryptStringAsync(Buffer.from(text, 'base64url')).catch(unavailable);
      return Buffer.from(result, 'base64url');
    },
  };
}

/** The cause is left out: it may name what was to be kept. */
function unavailable(): never {
  throw new ScramError('locked', 'the keychain did not give the key back', { action: 'unlock with the passphrase' });
}
