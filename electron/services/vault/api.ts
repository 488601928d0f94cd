import type { Actor } from '../signing/actor.ts';
import type { Disposable } from '../ports.ts';

/** Raw texts of a sealed share: who can open it, and the share encrypted to that key. */
export interface SealedShare {
  readonly operator: string;
  readonly key: string;
  readonly box: string;
}

export interface SealedCredential {
  readonly name: string;
  readonly sealedAtMs: number;
  readonly shares: readonly SealedShare[];
}

/** One person's unlocked keys on this console, and with them the vault. Dispose forgets them. */
export interface Keyring extends Actor, Disposable {
  readonly operator: string;
  /** `scram1:…` */
  readonly publicKey: string;
  /** Opens a box that was encrypted to this person's X25519 key. Throws `credential` when it was not. */
  openBox(box: string): Buffer;
}

/**
 * Encrypted credentials and people's keys in one file of the data folder (E2). AES-256-GCM under a data key that is
 * wrapped once for each person by a key from scrypt over their passphrase, or by the operating system's keychain.
 */
export interface Vault {
  readonly exists: boolean;
  /** People who have a key here, and how each can unlock it. */
  slots(): readonly { operator: string; publicKey: string; by: readonly ('passphrase' | 'keychain')[] }[];
  /** Makes a person's keys. The first one makes the vault; every other needs a keyring that is open, to share the data key. */
  enrol(operator: string, passphrase: string, open: Keyring | null): Promise<{ publicKey: string }>;
  /** Throws `locked` for a wrong passphrase or a person without a key here. Raises the cost of scrypt where it is low. */
  unlock(operator: string, passphrase: string): Promise<Keyring>;
  unlockByKeychain(operator: string): Promise<Keyring>;
  changePassphrase(operator: string, passphrase: string, next: string): Promise<void>;
  keepInKeychain(keyring: Keyring, keep: boolean): Promise<void>;
  removeSlot(operator: string): Promise<void>;
  /** Names and times; needs no key. */
  credentials(): readonly { name: string; setAtMs: number }[];
  /** Throws `locked` while no keyring is open, `credential` when there is none of that name or it does not decrypt. */
  credential(name: string): string;
  setCredential(name: string, value: string): Promise<void>;
  removeCredential(name: string): Promise<void>;
  sealed(): readonly SealedCredential[];
  /** Splits the credential 2 of n, encrypts each share to one holder, and removes the whole one (E3). */
  seal(name: string, holders: readonly { operator: string; publicKey: string }[]): Promise<void>;
  /** Puts a sealed credential back together from two shares. Throws `credential` when they do not fit. */
  combine(name: string, shares: readonly Buffer[]): Promise<string>;
  /** What was set aside because it could not be decrypted or read; nothing is ever deleted. */
  problems(): readonly string[];
  /** True while at least one keyring is open. */
  readonly open: boolean;
  onChange(listener: () => void): Disposable;
}

/** The operating system's keychain, where the host offers one (Electron's safeStorage). */
export interface Keychain {
  protect(bytes: Uint8Array): Promise<string>;
  reveal(text: string): Promise<Uint8Array>;
}
