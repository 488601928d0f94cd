import { z } from 'zod';
import { publicKeyTextSchema } from '../../../shared/model/operator.ts';
import { credentialNameSchema } from '../../../shared/model/vault.ts';

export const VAULT_FORMAT = 'scram-vault';
export const VAULT_VERSION = 1;

const base64url = z.string().regex(/^[A-Za-z0-9_-]*$/);
const encrypted = { iv: base64url, tag: base64url, box: base64url };
const operatorId = z.string().min(1).max(100);
const timeMs = z.number().int().nonnegative();

const passphraseWrapSchema = z.strictObject({
  N: z.number(),
  r: z.number(),
  p: z.number(),
  salt: base64url,
  ...encrypted,
});
export type PassphraseWrap = z.infer<typeof passphraseWrapSchema>;

/** One person's way in: signing key, sealing key and the data key, wrapped by a passphrase, a keychain, or both. */
export const slotSchema = z.strictObject({
  operator: operatorId,
  publicKey: publicKeyTextSchema,
  passphrase: passphraseWrapSchema.nullable(),
  /** What the keychain gave back for the wrapped keys. */
  keychain: z.string().max(10_000).nullable(),
});
export type Slot = z.infer<typeof slotSchema>;

export const itemSchema = z.strictObject({
  kind: z.literal('credential'),
  name: credentialNameSchema,
  /** Counts how often the name was set: the later of two copies is the one that counts. */
  revision: z.number().int().positive(),
  setAtMs: timeMs,
  ...encrypted,
});
export type Item = z.infer<typeof itemSchema>;

export const sealedSchema = z.strictObject({
  name: credentialNameSchema,
  sealedAtMs: timeMs,
  shares: z
    .array(z.strictObject({ operator: operatorId, key: z.string().min(1).max(100), box: base64url }))
    .min(2)
    .max(255),
});
export type Sealed = z.infer<typeof sealedSchema>;

/** The vault as the console works with it: what was read, migrated and found whole. */
export interface VaultDocument {
  readonly id: string;
  readonly slots: readonly Slot[];
  readonly items: readonly Item[];
  readonly sealed: readonly Sealed[];
}

/** The three lists of the file. */
export const SECTIONS = ['slots', 'items', 'sealed'] as const;
export type Section = (typeof SECTIONS)[number];
