import { sha256Hex } from './canonical.ts';

const LENGTH = 32;

/** The first 128 bits of the SHA-256 of the public key (Ed25519 SPKI, base64url), hex: an id that only this key can have. */
export function deviceIdOf(publicKey: string): string {
  return sha256Hex(Buffer.from(publicKey, 'base64url')).slice(0, LENGTH);
}
