import { ScramError } from '../../../shared/model/error.ts';
import type { Log } from '../ports.ts';
import type { Keyring } from './api.ts';
import type { Copies } from './copies.ts';
import type { Slot, VaultDocument } from './format.ts';
import { createKeyring, lockedError, type OwnedKeyring } from './keyring.ts';
import { judge, overview, type Verdict, vaultOf } from './recover.ts';
import type { Candidate, Unlocked } from './unlock-slot.ts';
import { writeVault } from './write-vault.ts';

/** Slots that a damaged file offers for one person; more would only cost time. */
const MOST_TRIES = 4;

/** What the vault holds now: what it shows, and while somebody has it open, its key. */
export interface Opening {
  readonly exists: boolean;
  readonly open: boolean;
  document(): VaultDocument;
  /** The data key. Throws `locked`. */
  key(): Buffer;
  /** Finds a way in and proves the file by it. Throws `locked` for a wrong passphrase; the caller wipes the data key. */
  unlock(operator: string, tryAll: (found: readonly Candidate[]) => Promise<Unlocked | null>): Promise<Unlocked>;
  /** Keeps the vault open until the keyring is disposed. */
  hold(unlocked: Unlocked): Keyring;
  /** Null when it is no keyring of this vault, or no longer. */
  owned(keyring: Keyring): OwnedKeyring | null;
  closeThoseOf(operator: string): void;
  save(next: VaultDocument, key: Uint8Array, both: boolean): Promise<void>;
}

export interface OpeningPorts {
  readonly copies: Copies;
  readonly log: Log;
  /** Version of the format that is written. */
  readonly version: number;
  readonly onChange: () => void;
}

export function createOpening({ copies, log, version, onChange }: OpeningPorts): Opening {
  const keyrings = new Map<Keyring, OwnedKeyring>();
  let dataKey: Buffer | null = null;
  let shown = look(copies);

  async function save(next: VaultDocument, key: Uint8Array, both: boolean): Promise<void> {
    await copies.save(writeVault(next, key, version), both);
    shown = next;
    onChange();
  }

  function candidatesOf(operator: string): Candidate[] {
    if (dataKey !== null) return slotsOf(shown, operator).map((slot) => ({ id: shown.id, slot }));
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
      await repair(verdict.good, unlocked.dataKey);
    } catch (error) {
      // A full disk must not keep anybody out: the next write repairs it.
      copies.tell('the vault could not be repaired on disk yet');
      log.warn('vault.not-repaired', { error: error instanceof Error ? error.message : 'unknown' });
    }
  }

  async function repair(good: Verdict['good'], key: Buffer): Promise<void> {
    const migrated = vaultOf(copies.reading('current'))?.version !== version;
    if (!good.current || migrated) await copies.save(writeVault(shown, key, version), !good.current);
    else if (!good.previous) await copies.mend();
  }

  return {
    get exists() {
      return copies.reading('current').state === 'newer' || shown.id !== '' || shown.slots.length > 0;
    },
    get open() {
      return dataKey !== null;
    },
    document: () => shown,
    key() {
      if (dataKey === null) throw lockedError('the vault is locked');
      return dataKey;
    },
    async unlock(operator, tryAll) {
      if (dataKey === null) {
        await copies.load();
        shown = look(copies);
      }
      const unlocked = await tryAll(candidatesOf(operator));
      if (unlocked === null) throw wrongError();
      // The last keyring may have been disposed while the key was derived; what was read is proved again then.
      if (dataKey === null) await prove(unlocked);
      return unlocked;
    },
    hold(unlocked) {
      if (dataKey === null) dataKey = unlocked.dataKey;
      else unlocked.dataKey.fill(0);
      const made = createKeyring(unlocked.slot, unlocked.keys, () => {
        keyrings.delete(made.keyring);
        if (keyrings.size === 0) {
          dataKey?.fill(0);
          dataKey = null;
        }
        onChange();
      });
      keyrings.set(made.keyring, made);
      onChange();
      return made.keyring;
    },
    owned: (keyring) => keyrings.get(keyring) ?? null,
    closeThoseOf(operator) {
      for (const keyring of [...keyrings.keys()]) if (keyring.operator === operator) keyring.dispose();
    },
    save,
  };
}

export function slotsOf(document: VaultDocument, operator: string): Slot[] {
  return document.slots.filter((slot) => slot.operator === operator);
}

/** What can be shown without a key; what is plainly wrong is told at once. */
function look(copies: Copies): VaultDocument {
  const [current, previous] = [copies.reading('current'), copies.reading('previous')];
  const fallback = previous.state === 'read';
  if (current.state === 'newer') copies.tell(newerText(current.version));
  if (current.state === 'unreadable') {
    const rest = fallback ? 'the previous copy is in use, without what was set since' : 'nor is there a previous copy';
    copies.tell(`vault.json could not be read: ${rest}`);
  }
  if (current.state === 'absent' && fallback) copies.tell('vault.json was not there: the previous copy is in use');
  return overview(current, previous);
}

/** The slot that was opened proves itself, even where its own seal is damaged; the other way in is then not proved. */
function withSlot(document: VaultDocument, { slot, by }: Unlocked): VaultDocument {
  if (slotsOf(document, slot.operator).length > 0) return document;
  const proved = by === 'passphrase' ? { ...slot, keychain: null } : { ...slot, passphrase: null };
  return { ...document, slots: [...document.slots, proved] };
}

/** One answer for everything: whoever guesses learns nothing from it. */
function wrongError(): ScramError {
  return lockedError('this does not unlock the console', 'check the person and the passphrase, then try again');
}

function newerText(version: number): string {
  return `vault.json was written by a later version of Scram (format ${version})`;
}
