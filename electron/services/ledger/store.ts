/** One entry as kept: the exact text that was hashed, so that verifying never has to rebuild it. */
export interface LedgerRow {
  readonly device: string;
  readonly sequence: number;
  readonly atMs: number;
  /** SHA-256 of `body`, hex. */
  readonly hash: string;
  /** Ed25519, base64url. */
  readonly signature: string;
  /** Canonical JSON (RFC 8785) of the entry's body. */
  readonly body: string;
}

/** Where chains are kept. Implemented on SQLite by `electron/platform/sqlite/ledger-store.ts`. */
export interface LedgerStore {
  /** Returns when the row is on disk; throws, and keeps nothing, otherwise. */
  append(row: LedgerRow): void;
  /** All of them or none, in one transaction. */
  appendAll(rows: readonly LedgerRow[]): void;
  last(device: string): LedgerRow | null;
  /** Oldest first. */
  rows(device: string): Iterable<LedgerRow>;
  /** Newest first; `before` is a sequence number, not included. */
  page(device: string, query: { before?: number; sinceMs?: number; limit: number }): LedgerRow[];
  devices(): string[];
}

/** The device's key. Implemented by `electron/platform/crypto.ts`, later by the vault. */
export interface Signer {
  /** Ed25519 SPKI, base64url. */
  readonly publicKey: string;
  /** Ed25519 signature, base64url. */
  sign(message: string): string;
}
