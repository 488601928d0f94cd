import { randomBytes } from 'node:crypto';
import { ScramError } from '../../../shared/model/error.ts';
import type { Log } from '../ports.ts';
import type { Keychain, Vault } from './api.ts';
import { KEY_BYTES } from './encrypt.ts';
import type { Slot, VaultDocument } from './format.ts';
import { costIsLow, type ScryptCost } from './kdf.ts';
import { lockedError } from './keyring.ts';
import { type Opening, slotsOf } from './opening.ts';
import { keychainBytes, newPersonKeys, publicTextOf, type SlotContent, wrapByPassphrase } from './slots.ts';
import { type Unlocked, unlockByPassphrase, unlockFromKeychain } from './unlock-slot.ts';

export interface VaultPeoplePorts {
  readonly opening: Opening;
  readonly queued: <T>(task: () => Promise<T>) => Promise<T>;
  readonly cost: ScryptCost;
  readonly keychain: Keychain | null;
  readonly devicePublicKey: string;
  readonly log: Log;
}

type PeoplePart = Pick<
  Vault,
  'slots' | 'enrol' | 'unlock' | 'unlockByKeychain' | 'changePassphrase' | 'keepInKeychain' | 'removeSlot'
>;

/** The part of the vault that keeps people's keys: who can open it, and by what. */
export function vaultPeople(ports: VaultPeoplePorts): PeoplePart {
  const { opening, queued, cost, keychain, log } = ports;

  function byPassphrase(operator: string, passphrase: string): Promise<Unlocked> {
    return opening.unlock(operator, (found) => {
      const others = opening.document().slots.flatMap((slot) => slot.passphrase ?? []);
      return unlockByPassphrase(found, passphrase, others[0] ?? cost);
    });
  }

  /** Replaces a person's slot in both copies: an old passphrase is not to be left in the previous one. */
  async function rewrap(
    { slot: { operator }, dataKey }: Pick<Unlocked, 'slot' | 'dataKey'>,
    change: Partial<Pick<Slot, 'passphrase' | 'keychain'>>,
  ): Promise<void> {
    const document = opening.document();
    const slots = document.slots.map((slot) => (slot.operator === operator ? { ...slot, ...change } : slot));
    await opening.save({ ...document, slots }, dataKey, true);
  }

  async function raise(unlocked: Unlocked, passphrase: string): Promise<void> {
    const { id, slot } = unlocked;
    if (slot.passphrase === null || !costIsLow(slot.passphrase, cost)) return;
    try {
      await rewrap(unlocked, { passphrase: await wrapByPassphrase(id, slot, unlocked, passphrase, cost) });
    } catch (error) {
      log.warn('vault.not-raised', { error: error instanceof Error ? error.message : 'unknown' });
    }
  }

  async function addSlot(operator: string, passphrase: string, document: VaultDocument, key: Uint8Array) {
    checkPassphrase(passphrase);
    if (slotsOf(document, operator).length > 0) {
      throw new ScramError('conflict', `${operator} has a key on this console already`, {
        action: 'unlock with it, or change its passphrase',
      });
    }
    const keys = newPersonKeys();
    const head = { operator, publicKey: publicTextOf(keys, ports.devicePublicKey) };
    const content: SlotContent = { keys, dataKey: Buffer.from(key) };
    try {
      const wrap = await wrapByPassphrase(document.id, head, content, passphrase, cost);
      const slots = [...document.slots, { ...head, passphrase: wrap, keychain: null }];
      await opening.save({ ...document, slots }, content.dataKey, true);
    } finally {
      content.dataKey.fill(0);
    }
    return { publicKey: head.publicKey };
  }

  async function beginVault(operator: string, passphrase: string) {
    if (opening.exists) {
      throw lockedError('the vault is locked', 'somebody who has a key here unlocks it, then lets the new person in');
    }
    const first = randomBytes(KEY_BYTES);
    try {
      const empty = { id: randomBytes(16).toString('hex'), slots: [], items: [], sealed: [] };
      return await addSlot(operator, passphrase, empty, first);
    } finally {
      first.fill(0);
    }
  }

  return {
    slots: () =>
      opening.document().slots.map(({ operator, publicKey, passphrase, keychain: kept }) => {
        const by: ('passphrase' | 'keychain')[] = [];
        if (passphrase !== null) by.push('passphrase');
        if (kept !== null && keychain !== null) by.push('keychain');
        return { operator, publicKey, by };
      }),
    enrol: (operator, passphrase, keyring) =>
      queued(async () => {
        if (keyring === null) return await beginVault(operator, passphrase);
        if (opening.owned(keyring) === null) throw lockedError('the vault is locked');
        return await addSlot(operator, passphrase, opening.document(), opening.key());
      }),
    unlock: (operator, passphrase) =>
      queued(async () => {
        const unlocked = await byPassphrase(operator, passphrase);
        await raise(unlocked, passphrase);
        return opening.hold(unlocked);
      }),
    unlockByKeychain: (operator) =>
      queued(async () => {
        if (keychain === null) throw lockedError('this host has no keychain', 'unlock with the passphrase');
        const onFailure = () => log.warn('vault.keychain-failed', { operator });
        return opening.hold(await opening.unlock(operator, (found) => unlockFromKeychain(found, keychain, onFailure)));
      }),
    changePassphrase: (operator, passphrase, next) =>
      queued(async () => {
        checkPassphrase(next);
        const unlocked = await byPassphrase(operator, passphrase);
        try {
          const wrap = await wrapByPassphrase(unlocked.id, unlocked.slot, unlocked, next, cost);
          await rewrap(unlocked, { passphrase: wrap });
        } finally {
          unlocked.dataKey.fill(0);
        }
      }),
    keepInKeychain: (keyring, keep) =>
      queued(async () => {
        const mine = opening.owned(keyring);
        const slot = slotsOf(opening.document(), keyring.operator)[0];
        if (mine === null || slot === undefined) throw lockedError();
        if (keep && keychain === null) {
          throw new ScramError('refused', 'this host has no keychain', { action: 'use the desktop console' });
        }
        const content = { keys: mine.keys(), dataKey: Buffer.from(opening.key()) };
        const bytes = keychainBytes(opening.document().id, slot, content);
        try {
          const kept = keep && keychain !== null ? await keychain.protect(bytes) : null;
          await rewrap({ slot, dataKey: content.dataKey }, { keychain: kept });
        } finally {
          bytes.fill(0);
          content.dataKey.fill(0);
        }
      }),
    removeSlot: (operator) =>
      queued(async () => {
        const key = opening.key();
        const document = opening.document();
        const slots = document.slots.filter((slot) => slot.operator !== operator);
        if (slots.length === document.slots.length) {
          throw new ScramError('not-found', `${operator} has no key on this console`);
        }
        if (slots.length === 0) {
          throw new ScramError('refused', 'the last key of the vault cannot be removed: nobody could open it again', {
            action: 'let another person in first',
          });
        }
        await opening.save({ ...document, slots }, key, true);
        opening.closeThoseOf(operator);
      }),
  };
}

function checkPassphrase(passphrase: string): void {
  if (passphrase.trim() === '') throw new ScramError('invalid-input', 'an empty passphrase protects nothing');
}
