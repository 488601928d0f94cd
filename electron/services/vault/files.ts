/** The two copies of the vault: the one in force, and the one from before the last write. */
export type VaultCopy = 'current' | 'previous';

/** Where the vault lies. Node's implementation is `electron/platform/vault-files.ts`. */
export interface VaultFiles {
  /** Null when there is none. Bytes, not text: what is damaged is kept exactly as it was found. */
  read(copy: VaultCopy): Promise<Uint8Array | null>;
  /** Replaces the copy whole or not at all. */
  write(copy: VaultCopy, text: string): Promise<void>;
  /** Keeps bytes that do not fit, under a name that says when. Gives the name. */
  quarantine(bytes: Uint8Array, atMs: number): Promise<string>;
  /** Names of what was kept so, oldest first. */
  quarantined(): Promise<readonly string[]>;
}
