import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { ScramError } from '../../shared/model/error.ts';
import { writeFileAtomic } from './files.ts';

/** The key that signs this device's ledger. The private half never leaves the object. */
export interface DeviceKey {
  /** Ed25519 SPKI, base64url. */
  readonly publicKey: string;
  /** Ed25519 signature, base64url. */
  sign(message: string | Uint8Array): string;
}

/**
 * Reads the device key (PKCS#8 PEM, mode 0600), or makes one when the file is not there. The vault takes it over once
 * it exists. Throws `ledger` when the file is no Ed25519 key, `refused` when others may read it.
 */
export async function loadOrCreateDeviceKey(file: string): Promise<DeviceKey> {
  const existing = readPem(file);
  if (existing !== null) return deviceKeyFrom(existing, file);
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  await writeFileAtomic(file, pem, { mode: 0o600 });
  return deviceKeyFrom(pem, file);
}

/** Reads the device key without ever making one. Throws `not-found`. */
export function loadDeviceKey(file: string): DeviceKey {
  const pem = readPem(file);
  if (pem === null) throw new ScramError('not-found', `there is no device key at ${file}`);
  return deviceKeyFrom(pem, file);
}

function readPem(file: string): string | null {
  try {
    const mode = statSync(file).mode & 0o777;
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new ScramError('refused', `device key ${file} can be read by others (mode ${mode.toString(8)})`, {
        action: `Run: chmod 600 ${file}`,
      });
    }
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function deviceKeyFrom(pem: string, file: string): DeviceKey {
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(pem);
  } catch {
    // The cause is left out: it must never carry a piece of the key.
    throw new ScramError('ledger', `device key ${file} cannot be read as a private key`, {
      action: 'Restore it from a backup, or move the data folder away to start a new device.',
    });
  }
  if (privateKey.asymmetricKeyType !== 'ed25519') {
    throw new ScramError('ledger', `device key ${file} is ${privateKey.asymmetricKeyType}, expected ed25519`);
  }
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).toString('base64url');
  return {
    publicKey,
    sign: (message) => sign(null, bytesOf(message), privateKey).toString('base64url'),
  };
}

/** True when `signature` (base64url) of `message` was made by the holder of `publicKey` (Ed25519 SPKI, base64url). */
export function verifySignature(publicKey: string, message: string | Uint8Array, signature: string): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64url'), format: 'der', type: 'spki' });
    return (
      key.asymmetricKeyType === 'ed25519' && verify(null, bytesOf(message), key, Buffer.from(signature, 'base64url'))
    );
  } catch {
    return false;
  }
}

function bytesOf(message: string | Uint8Array): Uint8Array {
  return typeof message === 'string' ? Buffer.from(message, 'utf8') : message;
}
