import { randomBytes } from 'node:crypto';
import { ScramError } from '../../../shared/model/error.ts';
import type { Clock, Log } from '../ports.ts';
import type { Keychain, Keyring, Vault } from './api.ts';
import { openCopies } from './copies.ts';
import { vaultCredentials } from './credentials.ts';
import { KEY_BYTES } from './encrypt.ts';
import type { VaultFiles } from './files.ts';
import type { Slot, VaultDocument } from './format.ts';
import { costIsLow, PRODUCT_COST, type ScryptCost } from './kdf.ts';
import { createKeyring, lockedError, type OwnedKeyring } from './keyring.ts';
import { MIGRATIONS, type VaultMigration } from './migrate.ts';
import { createQueue } from './queue.ts';
import { judge, overview, type Verdict, vaultOf } from './recover.ts';
import { combineShares } from './shares.ts';
import { keychainBytes, newPersonKeys, publicTextOf, type SlotContent, wrapByPassphrase } from './slots.ts';
import { type Candidate, type Unlocked, unlockByPassphrase, unlockFromKeychain } from './unlock-slot.ts';
import { writeVault } from './write-vault.ts';

export interface VaultPorts {
  readonly files: VaultFiles;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  /** Null where the host has none. */
  readonly keychain: Keychain | null;
  /** The device's Ed25519 SPKI, base64url: a person's public key names the console that it was made on. */
  readonly devicePublicKey: string;
  /** What a new passphrase costs to try, and an old one is raised to; cheap in the sandbox. */
  readonly cost?: ScryptCost;
  /** Told once for each thing that was found damaged and set aside. */
  readonly onProblem?: (what: string) => void;
  readonly migrations?: readonly VaultMigration[];
}

/** Opens the vault of a data folder, locked; a folder without one has a vault that does not exist yet. */
export async function createVault(ports: VaultPorts): Promise<Vault> {
  const { keychain, log } = ports;
  const cost = ports.cost ?? PRODUCT_COST;
  const migrations = ports.migrations ?? MIGRATIONS;
  const newest = migrations.reduce((most, { version }) => Math.max(most, version), 1);
  const onProblem = ports.onProblem ?? (() => undefined);
  const copies = await openCopies({ ...ports, cost, migrations, onProblem });
  /** One after another: two writers would undo each other, and each try costs 128 MiB of memory. */
  const queued = createQueue();
  const owned = new Map<Keyring, OwnedKeyring>();
  const listeners = new Set<() => void>();
  let shown: VaultDocument;
  let dataKey: Buffer | null = null;

  function tellChange(): void {
    for (const listener of [...listeners]) listener();
  }

  function look(): void {
    const [current, previous] = [copies.reading('current'), copies.reading('previous')];
    shown = overview(current, previous);
    if (current.state === 'newer') copies.tell(newerText(current.version));
    if (current.state === 'unreadable') {
      const rest =
        previous.state === 'read'
          ? 'the previous copy is in use, without what was set since'
          : 'nor is there a previous copy';
      copies.tell(`vault.json could not be read: ${rest}`);
    }
    if (current.state === 'absent' && previous.state === 'read') {
      copies.tell('vault.json was not there: the previous copy is in use');
    }
  }

  const needKey = (): Buffer => {
    if (dataKey === null) throw lockedError('the vault is locked');
    return dataKey;
  };

  async function save(next: VaultDocument, key: Buffer, both: boolean): Promise<void> {
    await copies.save(writeVault(next, key, newest), both);
    shown = next;
    tellChange();
  }

  function candidatesOf(operator: string): Candidate[] {
    if (dataKey !== null) return slotOf(shown, operator).map((slot) => ({ id: shown.id, slot }));
    const [current, previous] = [copies.reading('current'), copies.reading('previous')];
    if (current.state === 'newer') {
      throw new ScramError('refused', newerText(current.version), {
        action: 'update Scram; or put the previous copy of the vault in its place',
      });
    }
    const found = [current, previous].flatMap((reading) => {
      const vault = vaultOf(reading);
      const slots = (vault?.slots ?? []).flatMap(({ value }) => (value?.operator === operator ? [value] : []));
      return slots.map((slot) => ({ id: vault?.id ?? '', slot }));
    });
    const texts = found.map((candidate) => JSON.stringify(candidate));
    return found.filter((_candidate, index) => texts.indexOf(texts[index] ?? '') === index).slice(0, MOST_TRIES);
  }

  /** What is shown becomes what is proved; damage is told, set aside and repaired. */
  async function prove(unlocked: Unlocked): Promise<void> {
    const verdict = judge(copies.reading('current'), copies.reading('previous'), unlocked.id, unlocked.dataKey);
    shown = withSlot(verdict.document, unlocked);
    copies.trust(verdict.good);
    for (const problem of verdict.problems) copies.tell(problem);
    try {
      await repair(verdict, unlocked.dataKey);
    } catch (error) {
      // A full disk must not keep anybody out: the next write repairs it.
      copies.tell('the vault could not be repaired on disk yet');
      log.warn('vault.not-repaired', { error: error instanceof Error ? error.message : 'unknown' });
    }
  }

  async function repair({ good }: Verdict, key: Buffer): Promise<void> {
    const migrated = vaultOf(copies.reading('current'))?.version !== newest;
    if (!good.current || migrated) await copies.save(writeVault(shown, key, newest), !good.current);
    else if (!good.previous) await copies.mend();
  }

  function hold(unlocked: Unlocked): Keyring {
    if (dataKey === null) dataKey = unlocked.dataKey;
    else unlocked.dataKey.fill(0);
    const made = createKeyring(unlocked.slot, unlocked.keys, () => {
      owned.delete(made.keyring);
      if (owned.size === 0) {
        dataKey?.fill(0);
        dataKey = null;
      }
      tellChange();
    });
    owned.set(made.keyring, made);
    tellChange();
    return made.keyring;
  }

  async function open(operator: string, tryAll: (candidates: readonly Candidate[]) => Promise<Unlocked | null>) {
    if (dataKey === null) {
      await copies.load();
      look();
    }
    const unlocked = await tryAll(candidatesOf(operator));
    if (unlocked === null) throw wrongError();
    // The last keyring may have been disposed while the key was derived; what is on disk is proved again then.
    if (dataKey === null) await prove(unlocked);
    return unlocked;
  }

  const byPassphrase = (operator: string, passphrase: string) =>
    open(operator, (candidates) =>
      unlockByPassphrase(candidates, passphrase, shown.slots.find((slot) => slot.passphrase)?.passphrase ?? cost),
    );

  /** Replaces a person's slot in both copies: an old passphrase is not to be left in the previous one. */
  async function rewrap(unlocked: Unlocked, change: Partial<Pick<Slot, 'passphrase' | 'keychain'>>): Promise<void> {
    const key = Buffer.from(unlocked.dataKey);
    try {
      const slots = shown.slots.map((slot) =>
        slot.operator === unlocked.slot.operator ? { ...slot, ...change } : slot,
      );
      await save({ ...shown, slots }, key, true);
    } finally {
      key.fill(0);
    }
  }

  async function raise(unlocked: Unlocked, passphrase: string): Promise<void> {
    const wrap = unlocked.slot.passphrase;
    if (wrap === null || !costIsLow(wrap, cost)) return;
    try {
      await rewrap(unlocked, {
        passphrase: await wrapByPassphrase(unlocked.id, unlocked.slot, unlocked, passphrase, cost),
      });
    } catch (error) {
      log.warn('vault.not-raised', { error: error instanceof Error ? error.message : 'unknown' });
    }
  }

  async function addSlot(operator: string, passphrase: string, document: VaultDocument, key: () => Buffer) {
    checkPassphrase(passphrase);
    if (slotOf(document, operator).length > 0) {
      throw new ScramError('conflict', `${operator} has a key on this console already`, {
        action: 'unlock with it, or change its passphrase',
      });
    }
    const keys = newPersonKeys();
    const head = { operator, publicKey: publicTextOf(keys, ports.devicePublicKey) };
    const content: SlotContent = { keys, dataKey: Buffer.from(key()) };
    try {
      const wrap = await wrapByPassphrase(document.id, head, content, passphrase, cost);
      const slots = [...document.slots, { ...head, passphrase: wrap, keychain: null }];
      await save({ ...document, slots }, content.dataKey, true);
    } finally {
      content.dataKey.fill(0);
    }
    return { publicKey: head.publicKey };
  }

  async function beginVault(operator: string, passphrase: string) {
    if (exists())
      throw lockedError('the vault is locked', 'somebody who has a key here unlocks it, then lets the new person in');
    const first = randomBytes(KEY_BYTES);
    try {
      const empty = { id: randomBytes(16).toString('hex'), slots: [], items: [], sealed: [] };
      return await addSlot(operator, passphrase, empty, () => first);
    } finally {
      first.fill(0);
    }
  }

  const exists = () => copies.reading('current').state === 'newer' || shown.id !== '' || shown.slots.length > 0;

  shown = overview(copies.reading('current'), copies.reading('previous'));
  look();
  return {
    get exists() {
      return exists();
    },
    get open() {
      return dataKey !== null;
    },
    slots: () =>
      shown.slots.map(({ operator, publicKey, passphrase, keychain: kept }) => {
        const by: ('passphrase' | 'keychain')[] = [];
        if (passphrase !== null) by.push('passphrase');
        if (kept !== null && keychain !== null) by.push('keychain');
        return { operator, publicKey, by };
      }),
    enrol: (operator, passphrase, keyring) =>
      queued(async () => {
        if (keyring === null) return await beginVault(operator, passphrase);
        owned.get(keyring)?.keys();
        if (!owned.has(keyring)) throw lockedError('the vault is locked');
        return await addSlot(operator, passphrase, shown, needKey);
      }),
    unlock: (operator, passphrase) =>
      queued(async () => {
        const unlocked = await byPassphrase(operator, passphrase);
        await raise(unlocked, passphrase);
        return hold(unlocked);
      }),
    unlockByKeychain: (operator) =>
      queued(async () => {
        if (keychain === null) throw lockedError('this host has no keychain', 'unlock with the passphrase');
        const onFailure = () => log.warn('vault.keychain-failed', { operator });
        return hold(await open(operator, (candidates) => unlockFromKeychain(candidates, keychain, onFailure)));
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
        const mine = owned.get(keyring);
        const slot = slotOf(shown, keyring.operator)[0];
        if (mine === undefined || slot === undefined) throw lockedError();
        if (keep && keychain === null) {
          throw new ScramError('refused', 'this host has no keychain', { action: 'use the desktop console' });
        }
        const unlocked = {
          id: shown.id,
          slot,
          keys: mine.keys(),
          dataKey: Buffer.from(needKey()),
          by: 'keychain',
        } as const;
        const bytes = keychainBytes(unlocked.id, slot, unlocked);
        try {
          await rewrap(unlocked, { keychain: keep && keychain !== null ? await keychain.protect(bytes) : null });
        } finally {
          bytes.fill(0);
          unlocked.dataKey.fill(0);
        }
      }),
    removeSlot: (operator) =>
      queued(async () => {
        const key = needKey();
        const slots = shown.slots.filter((slot) => slot.operator !== operator);
        if (slots.length === shown.slots.length) {
          throw new ScramError('not-found', `${operator} has no key on this console`);
        }
        if (slots.length === 0) {
          throw new ScramError('refused', 'the last key of the vault cannot be removed: nobody could open it again', {
            action: 'let another person in first',
          });
        }
        await save({ ...shown, slots }, key, true);
        for (const keyring of [...owned.keys()]) if (keyring.operator === operator) keyring.dispose();
      }),
    ...vaultCredentials({ document: () => shown, key: needKey, save, queued, nowMs: ports.clock.now }),
    combine: combineShares,
    problems: () => copies.problems(),
    onChange(listener) {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
  };
}

/** Slots that a damaged file offers for one person; more would only cost time. */
const MOST_TRIES = 4;

function slotOf(document: VaultDocument, operator: string): Slot[] {
  return document.slots.filter((slot) => slot.operator === operator);
}

/** The slot that was opened proves itself, even where its own seal is damaged; the other way in is then not proved. */
function withSlot(document: VaultDocument, { slot, by }: Unlocked): VaultDocument {
  if (slotOf(document, slot.operator).length > 0) return document;
  const proved = by === 'passphrase' ? { ...slot, keychain: null } : { ...slot, passphrase: null };
  return { ...document, slots: [...document.slots, proved] };
}

function checkPassphrase(passphrase: string): void {
  if (passphrase.trim() === '') throw new ScramError('invalid-input', 'an empty passphrase protects nothing');
}

/** One answer for everything: whoever guesses learns nothing from it. */
function wrongError(): ScramError {
  return lockedError('this does not unlock the console', 'check the person and the passphrase, then try again');
}

function newerText(version: number): string {
  return `vault.json was written by a later version of Scram (format ${version})`;
}
