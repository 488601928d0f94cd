import { credentialNameSchema } from '../../../shared/model/vault.ts';
import type { Item, Sealed, Section, Slot, VaultDocument } from './format.ts';
import { decryptItem } from './items.ts';
import { type VaultMac, vaultMac } from './mac.ts';
import type { Reading, ReadPart, ReadVault } from './read-vault.ts';

export interface Verdict {
  readonly document: VaultDocument;
  /** Whether each copy is exactly what was written by the key at hand. */
  readonly good: { readonly current: boolean; readonly previous: boolean };
  /** What was wrong with the copy in force and what became of it, in words. */
  readonly problems: readonly string[];
}

/**
 * Judges both copies once the data key is at hand. A copy in force that fits its seal is taken as it is. Otherwise each
 * part that still proves itself is kept, and what does not is taken from the previous copy where that has it.
 */
export function judge(current: Reading, previous: Reading, id: string, dataKey: Uint8Array): Verdict {
  const mac = vaultMac(dataKey, id);
  try {
    const good = { current: isGood(current, id, mac), previous: isGood(previous, id, mac) };
    const now = vaultOf(current);
    if (good.current && now !== null) return { document: documentOf(id, now), good, problems: [] };
    return { ...merge(current, previous, id, dataKey, mac), good };
  } finally {
    mac.dispose();
  }
}

/** What can be told without a key: the copy in force, and the other one for what cannot be read there. */
export function overview(current: Reading, previous: Reading): VaultDocument {
  const [now, before] = [vaultOf(current), current.state === 'newer' ? null : vaultOf(previous)];
  const whole = now !== null && [...now.slots, ...now.items, ...now.sealed].every((part) => part.value !== null);
  const id = now?.id ?? before?.id ?? '';
  if (now !== null && whole) return documentOf(id, now);
  const both = <T>(list: (vault: ReadVault) => readonly ReadPart<T>[], nameOf: (value: T) => string): T[] => {
    const found = new Map<string, T>();
    for (const value of valuesOf([before, now].flatMap((vault) => (vault === null ? [] : list(vault))))) {
      found.set(nameOf(value), value);
    }
    return [...found.values()];
  };
  return {
    id,
    slots: both(
      (vault) => vault.slots,
      (slot) => slot.operator,
    ),
    items: both(
      (vault) => vault.items,
      (item) => item.name,
    ),
    sealed: both(
      (vault) => vault.sealed,
      (sealed) => sealed.name,
    ),
  };
}

export function vaultOf(reading: Reading): ReadVault | null {
  return reading.state === 'read' ? reading.vault : null;
}

function isGood(reading: Reading, id: string, mac: VaultMac): boolean {
  const vault = vaultOf(reading);
  if (vault === null || vault.id !== id || !mac.wholeFits(vault.raw, vault.mac)) return false;
  // Sealed by us and still unreadable: a migration that cannot take it, or a cost out of bounds.
  return [...vault.slots, ...vault.items, ...vault.sealed].every((part) => part.value !== null);
}

function documentOf(id: string, { slots, items, sealed }: ReadVault): VaultDocument {
  return { id, slots: valuesOf(slots), items: valuesOf(items), sealed: valuesOf(sealed) };
}

function valuesOf<T>(parts: readonly ReadPart<T>[]): T[] {
  return parts.flatMap((part) => (part.value === null ? [] : [part.value]));
}

function merge(
  current: Reading,
  previous: Reading,
  id: string,
  dataKey: Uint8Array,
  mac: VaultMac,
): Pick<Verdict, 'document' | 'problems'> {
  const [now, before] = [vaultOf(current), vaultOf(previous)];
  const problems = [firstProblem(current, now === null ? before : now)];

  function kept<T>(
    section: Section,
    what: string,
    nameOf: (value: T) => string,
    ageOf: (value: T) => number,
    proves: (part: ReadPart<T>, value: T) => boolean,
  ): T[] {
    const proven = (vault: ReadVault | null) => {
      const found = new Map<string, T>();
      for (const part of (vault?.[section] ?? []) as readonly ReadPart<T>[]) {
        const { value } = part;
        if (value === null || !proves(part, value)) continue;
        const other = found.get(nameOf(value));
        if (other === undefined || ageOf(other) < ageOf(value)) found.set(nameOf(value), value);
      }
      return found;
    };
    const [mine, older] = [proven(now), proven(before)];
    for (const [name, value] of older) {
      const here = mine.get(name);
      if (here !== undefined && ageOf(here) >= ageOf(value)) continue;
      mine.set(name, value);
      if (now !== null) problems.push(`${what} ${name} was taken from the previous copy`);
    }
    for (const part of ((now ?? before)?.[section] ?? []) as readonly ReadPart<T>[]) {
      const name = nameIn(part.raw[section === 'slots' ? 'operator' : 'name']);
      const proved = part.value !== null && proves(part, part.value);
      if (!proved && (name === null || !mine.has(name))) {
        problems.push(`${what} ${name ?? 'without a readable name'} could not be read and was set aside`);
      }
    }
    return [...mine.values()];
  }

  const slots = kept<Slot>(
    'slots',
    'the key of',
    (slot) => slot.operator,
    () => 0,
    (part) => mac.partFits('slots', part.raw, part.mac),
  );
  const items = kept<Item>(
    'items',
    'the credential',
    (item) => item.name,
    (item) => item.revision,
    (_part, item) => decryptItem(dataKey, id, item) !== null,
  );
  const sealed = kept<Sealed>(
    'sealed',
    'the sealed credential',
    (record) => record.name,
    (record) => record.sealedAtMs,
    (part) => mac.partFits('sealed', part.raw, part.mac),
  );
  return { document: { id, slots, ...oneOfEach(items, sealed) }, problems };
}

/** A whole credential that was slipped in beside its sealed one would undo the sealing: the later of them counts (E3). */
function oneOfEach(items: readonly Item[], sealed: readonly Sealed[]): Pick<VaultDocument, 'items' | 'sealed'> {
  const sealedAt = new Map(sealed.map((record) => [record.name, record.sealedAtMs]));
  const whole = items.filter((item) => item.setAtMs > (sealedAt.get(item.name) ?? -1));
  const names = new Set(whole.map((item) => item.name));
  return { items: whole, sealed: sealed.filter((record) => !names.has(record.name)) };
}

function firstProblem(current: Reading, used: ReadVault | null): string {
  if (current.state === 'absent') return 'vault.json was not there: the previous copy is in use';
  if (used === null || current.state !== 'read') {
    return 'vault.json could not be read: the previous copy is in use, without what was set since';
  }
  return 'vault.json was changed by something else than Scram: only what still proves itself is in use';
}

/** Names of a damaged file are shown only when they look like names. */
function nameIn(value: unknown): string | null {
  return credentialNameSchema.safeParse(value).success ? String(value) : null;
}
