import { randomBytes } from 'node:crypto';
import type { Keychain } from './api.ts';
import type { Slot } from './format.ts';
import { deriveKey, type ScryptCost } from './kdf.ts';
import { fromKeychainBytes, type SlotContent, unwrapByPassphrase } from './slots.ts';

/** A way in, and the vault that it is bound to. The same person may have one in each copy. */
export interface Candidate {
  readonly id: string;
  readonly slot: Slot;
}

export interface Unlocked extends Candidate, SlotContent {
  readonly by: 'passphrase' | 'keychain';
}

/**
 * Null for a wrong passphrase. Somebody without a key here takes as long as somebody with one: `anyCost` is what the
 * vault's other slots ask for.
 */
export async function unlockByPassphrase(
  candidates: readonly Candidate[],
  passphrase: string,
  anyCost: ScryptCost,
): Promise<Unlocked | null> {
  let tried = false;
  for (const { id, slot } of candidates) {
    if (slot.passphrase === null) continue;
    tried = true;
    const content = await unwrapByPassphrase(id, slot, slot.passphrase, passphrase);
    if (content !== null) return { id, slot, ...content, by: 'passphrase' };
  }
  if (!tried) (await deriveKey(passphrase, randomBytes(16), anyCost)).fill(0);
  return null;
}

/** Null when the keychain does not give the key back, for whatever reason. */
export async function unlockFromKeychain(
  candidates: readonly Candidate[],
  keychain: Keychain,
  onFailure: (error: unknown) => void,
): Promise<Unlocked | null> {
  for (const { id, slot } of candidates) {
    if (slot.keychain === null) continue;
    try {
      const content = fromKeychainBytes(id, slot, await keychain.reveal(slot.keychain));
      if (content !== null) return { id, slot, ...content, by: 'keychain' };
    } catch (error) {
      onFailure(error);
    }
  }
  return null;
}
