import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { OperatorKey } from '../../../shared/model/operator.ts';
import { publicKeyTextSchema } from '../../../shared/model/operator.ts';
import { deviceIdOf } from './device-id.ts';

const RAW = 32;
const PREFIX = 'scram1:';
/** DER of a SubjectPublicKeyInfo up to its 32 bytes of key (RFC 8410). */
const ED25519_SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const X25519_SPKI = Buffer.from('302a300506032b656e032100', 'hex');

/** A person's public key on one console, ready for use. */
export interface PublicKey extends OperatorKey {
  /** Ed25519: signs acts, requests and decisions. */
  readonly signing: KeyObject;
  /** X25519: shares of sealed credentials are encrypted to it. */
  readonly sealing: KeyObject;
}

const known = new Map<string, PublicKey>();

/** Reads `scram1:…`; null when it is no such key. */
export function readPublicKey(text: string): PublicKey | null {
  const found = known.get(text);
  if (found !== undefined) return found;
  if (!publicKeyTextSchema.safeParse(text).success) return null;
  const bytes = Buffer.from(text.slice(PREFIX.length), 'base64url');
  if (bytes.length !== 3 * RAW || bytes.toString('base64url') !== text.slice(PREFIX.length)) return null;
  try {
    const signing = spki(ED25519_SPKI, bytes.subarray(0, RAW));
    const sealing = spki(X25519_SPKI, bytes.subarray(RAW, 2 * RAW));
    const device = deviceIdOf(Buffer.concat([ED25519_SPKI, bytes.subarray(2 * RAW)]).toString('base64url'));
    const key = { id: keyIdOf(text), device, text, signing, sealing };
    known.set(text, key);
    return key;
  } catch {
    return null;
  }
}

/** The text of a key from its three halves; `devicePublicKey` is the device's Ed25519 SPKI in base64url. */
export function publicKeyText(signing: KeyObject, sealing: KeyObject, devicePublicKey: string): string {
  const device = Buffer.from(devicePublicKey, 'base64url').subarray(-RAW);
  return `${PREFIX}${Buffer.concat([rawOf(signing), rawOf(sealing), device]).toString('base64url')}`;
}

/** First 16 hex digits of the SHA-256 of the text. */
export function keyIdOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex').slice(0, 16);
}

/** The key's fingerprint as people compare it: six groups of four hex digits. */
export function fingerprintOf(text: string): string {
  const digest = createHash('sha256').update(text, 'utf8').digest('hex').slice(0, 24);
  return digest.match(/.{4}/g)?.join(' ') ?? digest;
}

/** True when the signature (base64url, in its one spelling) of the text was made by the key. */
export function signedBy(key: PublicKey, text: string, signature: string): boolean {
  const bytes = Buffer.from(signature, 'base64url');
  return bytes.toString('base64url') === signature && verify(null, Buffer.from(text, 'utf8'), key.signing, bytes);
}

function rawOf(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' }).subarray(-RAW);
}

function spki(prefix: Buffer, raw: Buffer): KeyObject {
  return createPublicKey({ key: Buffer.concat([prefix, raw]), format: 'der', type: 'spki' });
}
