import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

export const KEY_BYTES = 32;
export const IV_BYTES = 12;
export const TAG_BYTES = 16;

/** AES-256-GCM as it stands in the file, base64url. */
export interface Encrypted {
  readonly iv: string;
  readonly tag: string;
  readonly box: string;
}

/** Encrypts under a fresh 96-bit IV; `context` is authenticated with it, so that the box fits in no other place. */
export function encrypt(key: Uint8Array, plain: Uint8Array, context: string): Encrypted {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(context, 'utf8'));
  const box = Buffer.concat([cipher.update(plain), cipher.final()]);
  return { iv: text(iv), tag: text(cipher.getAuthTag()), box: text(box) };
}

/** Null when the box was not made by this key for this place, or was changed since. */
export function decrypt(key: Uint8Array, { iv, tag, box }: Encrypted, context: string): Buffer | null {
  const ivBytes = Buffer.from(iv, 'base64url');
  const tagBytes = Buffer.from(tag, 'base64url');
  if (ivBytes.length !== IV_BYTES || tagBytes.length !== TAG_BYTES) return null;
  const decipher = createDecipheriv('aes-256-gcm', key, ivBytes, { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(context, 'utf8'))
    .setAuthTag(tagBytes);
  const plain = decipher.update(Buffer.from(box, 'base64url'));
  try {
    return Buffer.concat([plain, decipher.final()]);
  } catch {
    // What was decrypted so far is not authentic: it is told by null alone.
    return null;
  } finally {
    plain.fill(0);
  }
}

const text = (bytes: Buffer): string => bytes.toString('base64url');
