import { createPublicKey, diffieHellman, generateKeyPairSync, hkdfSync, type KeyObject } from 'node:crypto';
import { ScramError } from '../../../shared/model/error.ts';
import { decrypt, encrypt, IV_BYTES, TAG_BYTES } from './encrypt.ts';

const VERSION = 1;
const RAW_BYTES = 32;
const HEAD_BYTES = 1 + RAW_BYTES + IV_BYTES + 2;
const MOST_LABEL = 200;
/** DER of a SubjectPublicKeyInfo of X25519 up to its 32 bytes of key (RFC 8410). */
const X25519_SPKI = Buffer.from('302a300506032b656e032100', 'hex');

/**
 * Encrypts bytes to the holder of an X25519 key: ephemeral key, ECDH, HKDF-SHA256 over both public keys and the label,
 * AES-256-GCM. The label (the credential's name) stands in the box in clear and cannot be changed.
 * Layout, base64url: version, ephemeral key, IV, length of the label, label, ciphertext, tag.
 */
export function sealBox(recipient: KeyObject, label: string, plain: Uint8Array): string {
  const name = Buffer.from(label, 'utf8');
  if (name.length > MOST_LABEL) throw new ScramError('invalid-input', 'the name of the credential is too long');
  const { privateKey, publicKey } = generateKeyPairSync('x25519');
  const ephemeral = rawX25519(publicKey);
  const key = boxKey(privateKey, recipient, ephemeral, rawX25519(recipient), name);
  const { iv, tag, box } = encrypt(key, plain, 'scram-box-v1');
  key.fill(0);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(name.length);
  const parts = [Buffer.of(VERSION), ephemeral, decoded(iv), length, name, decoded(box), decoded(tag)];
  return Buffer.concat(parts).toString('base64url');
}

/** Opens a box with the private half. Throws `credential` when it was not made for this key, or was changed. */
export function openSealedBox(recipient: KeyObject, box: string): Buffer {
  const read = readBox(box);
  if (read === null) throw notForThisKey();
  const { ephemeral, name, iv, tag, sealed } = read;
  const own = rawX25519(createPublicKey(recipient));
  let key: Buffer | null = null;
  try {
    key = boxKey(recipient, x25519FromRaw(ephemeral), ephemeral, own, name);
    const plain = decrypt(key, { iv: encoded(iv), tag: encoded(tag), box: encoded(sealed) }, 'scram-box-v1');
    if (plain !== null) return plain;
  } catch {
    // A point that gives no common secret: such a box was made by nobody's console.
  } finally {
    key?.fill(0);
  }
  throw notForThisKey();
}

/** What the box says that it is for; only opening it proves that. Null when it is no box. */
export function labelOfBox(box: string): string | null {
  return readBox(box)?.name.toString('utf8') ?? null;
}

export function rawX25519(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' }).subarray(-RAW_BYTES);
}

export function x25519FromRaw(raw: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([X25519_SPKI, raw]), format: 'der', type: 'spki' });
}

function readBox(box: string) {
  const bytes = decoded(box);
  if (encoded(bytes) !== box || bytes.length < HEAD_BYTES + TAG_BYTES || bytes[0] !== VERSION) return null;
  const labelEnd = HEAD_BYTES + bytes.readUInt16BE(HEAD_BYTES - 2);
  if (labelEnd > HEAD_BYTES + MOST_LABEL || labelEnd + TAG_BYTES > bytes.length) return null;
  return {
    ephemeral: bytes.subarray(1, 1 + RAW_BYTES),
    iv: bytes.subarray(1 + RAW_BYTES, HEAD_BYTES - 2),
    name: bytes.subarray(HEAD_BYTES, labelEnd),
    sealed: bytes.subarray(labelEnd, -TAG_BYTES),
    tag: bytes.subarray(-TAG_BYTES),
  };
}

function boxKey(
  privateKey: KeyObject,
  publicKey: KeyObject,
  ephemeral: Buffer,
  recipient: Buffer,
  name: Buffer,
): Buffer {
  const secret = diffieHellman({ privateKey, publicKey });
  try {
    const info = Buffer.concat([Buffer.from('scram-box-v1\n', 'utf8'), ephemeral, recipient, name]);
    return Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), info, 32));
  } finally {
    secret.fill(0);
  }
}

function notForThisKey(): ScramError {
  return new ScramError('credential', 'this share was not encrypted to this key, or was changed', {
    action: 'ask the person whose share it is, or seal the credential again',
  });
}

const decoded = (text: string): Buffer => Buffer.from(text, 'base64url');
const encoded = (bytes: Buffer): string => bytes.toString('base64url');
