import type { z } from 'zod';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../shared/model/json.ts';
import {
  type Item,
  itemSchema,
  type Sealed,
  type Section,
  type Slot,
  sealedSchema,
  slotSchema,
  VAULT_FORMAT,
  VAULT_VERSION,
} from './format.ts';
import { costInBounds, type ScryptCost } from './kdf.ts';
import { migratePart, type VaultMigration } from './migrate.ts';

/** One entry of a list: as it stands in the file, and what it says; null when it cannot be read. */
export interface ReadPart<T> {
  readonly raw: JsonObject;
  readonly mac: JsonValue;
  readonly value: T | null;
}

/** A file that is a vault by its outer form. Nothing of it is proved before its key is at hand. */
export interface ReadVault {
  readonly id: string;
  readonly version: number;
  /** All but the seal. */
  readonly raw: JsonObject;
  readonly mac: JsonValue;
  readonly slots: readonly ReadPart<Slot>[];
  readonly items: readonly ReadPart<Item>[];
  readonly sealed: readonly ReadPart<Sealed>[];
}

export type Reading =
  | { readonly state: 'absent' }
  | { readonly state: 'unreadable'; readonly bytes: Uint8Array }
  /** Written by a later version of Scram, which alone can read and write it. */
  | { readonly state: 'newer'; readonly bytes: Uint8Array; readonly version: number }
  | { readonly state: 'read'; readonly bytes: Uint8Array; readonly vault: ReadVault };

export interface ReadOptions {
  readonly cost: ScryptCost;
  readonly migrations: readonly VaultMigration[];
}

/** Reads each part by itself, so that one that is damaged does not take the others with it. */
export function readVault(bytes: Uint8Array | null, options: ReadOptions): Reading {
  if (bytes === null) return { state: 'absent' };
  const value = parse(bytes);
  if (!isJsonObject(value) || value.format !== VAULT_FORMAT) return { state: 'unreadable', bytes };
  const { version, id, mac = null, ...rest } = value;
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 1) {
    return { state: 'unreadable', bytes };
  }
  const newest = Math.max(VAULT_VERSION, ...options.migrations.map((migration) => migration.version));
  if (version > newest) return { state: 'newer', bytes, version };
  const parts = <T>(section: Section, schema: z.ZodType<T>): ReadPart<T>[] =>
    readParts(section, rest[section], version, schema, options);
  const vault: ReadVault = {
    id: typeof id === 'string' && /^[0-9a-f]{32}$/.test(id) ? id : '',
    version,
    raw: { ...rest, version, id: id ?? null },
    mac,
    slots: parts(
      'slots',
      slotSchema.refine((slot) => withinBounds(slot, options.cost)),
    ),
    items: parts('items', itemSchema),
    sealed: parts('sealed', sealedSchema),
  };
  return { state: 'read', bytes, vault };
}

function readParts<T>(
  section: Section,
  list: JsonValue | undefined,
  version: number,
  schema: z.ZodType<T>,
  { migrations }: ReadOptions,
): ReadPart<T>[] {
  if (!Array.isArray(list)) return [];
  return list.map((entry) => {
    if (!isJsonObject(entry)) return { raw: {}, mac: null, value: null };
    // Items are sealed by their own encryption, and have no seal beside it.
    const { mac = null, ...raw } = entry;
    const parsed = schema.safeParse(migratePart(section, raw, version, migrations));
    return { raw, mac, value: parsed.success ? parsed.data : null };
  });
}

function withinBounds(slot: Slot, target: ScryptCost): boolean {
  return slot.passphrase === null || costInBounds(slot.passphrase, target);
}

function parse(bytes: Uint8Array): JsonValue {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as JsonValue;
  } catch {
    return null;
  }
}
