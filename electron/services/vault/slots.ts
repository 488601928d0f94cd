import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { canonicalText } from '../signing/canonical.ts';
import { publicKeyText } from '../signing/public-key.ts';
import { decrypt, encrypt, KEY_BYTES } from './encrypt.ts';
import type { PassphraseWrap, Slot } from './format.ts';
import { deriveKey, type ScryptCost } from './kdf.ts';

/** The private halves of one person's keys on this console. */
export interface PersonKeys {
  /** Ed25519. */
  readonly signing: KeyObject;
  /** X25519. */
  readonly sealing: KeyObject;
}

/** What a slot keeps. The data key is the caller's to wipe. */
export interface SlotContent {
  readonly keys: PersonKeys;
  readonly dataKey: Buffer;
}

export type SlotHead = Pick<Slot, 'operator' | 'publicKey'>;

const SALT_BYTES = 16;
/** PKCS#8 of Ed25519 and of X25519 has this length (RFC 8410). */
const PKCS8_BYTES = 48;
const CONTENT_BYTES = 2 * PKCS8_BYTES + KEY_BYTES;
const HASH_BYTES = 32;

export function newPersonKeys(): PersonKeys {
  return { signing: generateKeyPairSync('ed25519').privateKey, sealing: generateKeyPairSync('x25519').privateKey };
}

/** The public half as the roster has it; `devicePublicKey` is the device's Ed25519 SPKI in base64url. */
export function publicTextOf(keys: PersonKeys, devicePublicKey: string): string {
  return publicKeyText(createPublicKey(keys.signing), createPublicKey(keys.sealing), devicePublicKey);
}

export async function wrapByPassphrase(
  id: string,
  head: SlotHead,
  content: SlotContent,
  passphrase: string,
  { N, r, p }: ScryptCost,
): Promise<PassphraseWrap> {
  const salt = randomBytes(SALT_BYTES);
  const key = await deriveKey(passphrase, salt, { N, r, p });
  const plain = pack(content);
  try {
    const box = encrypt(key, plain, passphraseContext(id, head, { N, r, p }));
    return { N, r, p, salt: salt.toString('base64url'), ...box };
  } finally {
    key.fill(0);
    plain.fill(0);
  }
}

/** Null for a wrong passphrase and for a slot that was changed: nobody can tell these apart. */
export async function unwrapByPassphrase(
  id: string,
  head: SlotHead,
  wrap: PassphraseWrap,
  passphrase: string,
): Promise<SlotContent | null> {
  const key = await deriveKey(passphrase, Buffer.from(wrap.salt, 'base64url'), wrap);
  try {
    return unpack(decrypt(key, wrap, passphraseContext(id, head, wrap)), head.publicKey);
  } finally {
    key.fill(0);
  }
}

/** What the keychain is given to keep: bound to the vault and the person, so that it opens no other slot. */
export function keychainBytes(id: string, head: SlotHead, content: SlotContent): Buffer {
  const plain = pack(content);
  try {
    return Buffer.concat([keychainContext(id, head), plain]);
  } finally {
    plain.fill(0);
  }
}

/** Wipes the bytes. Null when they are not of this vault and person. */
export function fromKeychainBytes(id: string, head: SlotHead, bytes: Uint8Array): SlotContent | null {
  const kept = Buffer.from(bytes);
  bytes.fill(0);
  const fits =
    kept.length === HASH_BYTES + CONTENT_BYTES && keychainContext(id, head).equals(kept.subarray(0, HASH_BYTES));
  if (!fits) kept.fill(0);
  return fits ? unpack(kept.subarray(HASH_BYTES), head.publicKey) : null;
}

function passphraseContext(id: string, { operator, publicKey }: SlotHead, { N, r, p }: ScryptCost): string {
  return canonicalText(['scram-vault-slot-v1', id, operator, publicKey, N, r, p]);
}

function keychainContext(id: string, { operator, publicKey }: SlotHead): Buffer {
  return createHash('sha256')
    .update(canonicalText(['scram-vault-keychain-v1', id, operator, publicKey]))
    .digest();
}

function pack({ keys, dataKey }: SlotContent): Buffer {
  const parts = [exported(keys.signing), exported(keys.sealing), dataKey];
  const packed = Buffer.concat(parts);
  for (const secret of parts.slice(0, 2)) secret.fill(0);
  return packed;
}

/** Wipes the bytes. The keys must be those of the slot's public key. */
function unpack(packed: Buffer | null, publicKey: string): SlotContent | null {
  if (packed === null) return null;
  try {
    if (packed.length !== CONTENT_BYTES) return null;
    const keys = {
      signing: imported(packed.subarray(0, PKCS8_BYTES)),
      sealing: imported(packed.subarray(PKCS8_BYTES, 2 * PKCS8_BYTES)),
    };
    const device = Buffer.from(publicKey.slice(publicKey.indexOf(':') + 1), 'base64url').subarray(-HASH_BYTES);
    if (publicTextOf(keys, device.toString('base64url')) !== publicKey) return null;
    return { keys, dataKey: Buffer.from(packed.subarray(2 * PKCS8_BYTES)) };
  } catch {
    // The cause is left out: it must never carry a piece of a key.
    return null;
  } finally {
    packed.fill(0);
  }
}

const exported = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'pkcs8' });
const imported = (der: Buffer): KeyObject => createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
