import { generateKeyPairSync } from 'node:crypto';
import type { FileOperations } from '../../electron/platform/files.ts';
import { dataPaths } from '../../electron/platform/paths.ts';
import { createVaultFiles } from '../../electron/platform/vault-files.ts';
import type { Keychain, Vault } from '../../electron/services/vault/api.ts';
import type { VaultCopy, VaultFiles } from '../../electron/services/vault/files.ts';
import type { ScryptCost } from '../../electron/services/vault/kdf.ts';
import type { VaultMigration } from '../../electron/services/vault/migrate.ts';
import { createVault } from '../../electron/services/vault/vault.ts';

/** A few microseconds: these tests are not about how long a passphrase takes to try. */
export const CHEAP: ScryptCost = { N: 2, r: 1, p: 1 };
/** The key of the test's console. */
export const DEVICE = newDevice();

/** A device's public key as the vault takes it: Ed25519 SPKI, base64url. */
export function newDevice(): string {
  return generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' }).toString('base64url');
}

export interface MemoryFiles extends VaultFiles {
  readonly copies: Record<VaultCopy, Uint8Array | null>;
  readonly kept: Map<string, Uint8Array>;
  /** Copies that were written, in order. */
  readonly written: VaultCopy[];
}

/** The vault's files in memory: tests change single bytes of them. */
export function memoryFiles(current: Uint8Array | null = null, previous: Uint8Array | null = null): MemoryFiles {
  const copies = { current, previous };
  const kept = new Map<string, Uint8Array>();
  const written: VaultCopy[] = [];
  return {
    copies,
    kept,
    written,
    read: async (copy) => copies[copy],
    write: async (copy, text) => {
      copies[copy] = Buffer.from(text);
      written.push(copy);
    },
    quarantine: async (bytes, atMs) => {
      const name = `vault.quarantine-${atMs}-${kept.size}.json`;
      kept.set(name, bytes);
      return name;
    },
    quarantined: async () => [...kept.keys()],
  };
}

export function diskFiles(folder: string, operations?: FileOperations): VaultFiles {
  return createVaultFiles(dataPaths(folder), operations);
}

export interface TestVault {
  readonly vault: Vault;
  readonly told: string[];
  readonly lines: unknown[];
}

export interface VaultOptions {
  readonly cost?: ScryptCost;
  readonly keychain?: Keychain | null;
  readonly migrations?: readonly VaultMigration[];
  readonly device?: string;
  readonly now?: () => number;
}

/** Opens a vault on these files, with everything that it tells and logs. */
export async function openVault(files: VaultFiles, options: VaultOptions = {}): Promise<TestVault> {
  const told: string[] = [];
  const lines: unknown[] = [];
  const line = (event: string, fields?: unknown) => void lines.push([event, fields]);
  const vault = await createVault({
    files,
    clock: { now: options.now ?? Date.now },
    log: { info: line, warn: line, error: line },
    keychain: options.keychain ?? null,
    devicePublicKey: options.device ?? DEVICE,
    cost: options.cost ?? CHEAP,
    onProblem: (what) => told.push(what),
    ...(options.migrations === undefined ? {} : { migrations: options.migrations }),
  });
  return { vault, told, lines };
}

/** A keychain that keeps what it is given under a number, as one of an operating system would. */
export function fakeKeychain(): Keychain & { readonly held: Map<string, Uint8Array> } {
  const held = new Map<string, Uint8Array>();
  return {
    held,
    protect: async (bytes) => {
      const text = `kept-${held.size}`;
      held.set(text, Uint8Array.from(bytes));
      return text;
    },
    reveal: async (text) => {
      const bytes = held.get(text);
      if (bytes === undefined) throw new Error('not in this keychain');
      return Uint8Array.from(bytes);
    },
  };
}

export const PASSPHRASE = 'correct horse battery staple';
