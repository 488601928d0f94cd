/** One entry as kept: the exact text that was hashed, so that verifying never has to rebuild it. */
export interface LedgerRow {
  readonly device: string;
  readonly sequence: number;
  readonly atMs: number;
  /** SHA-256 of `body`, hex. */
  readonly hash: string;
  /** Ed25519, base64url. */
  readonly signature: string;
  /** Canonical JSON (RFC 8785) of the entry's body; in version 2 with the hash of `data` in place of the data. */
  readonly body: string;
  /** Canonical JSON of the salt and the data. Null in version 1, whose body holds the data, and once redacted. */
  readonly data: string | null;
}

/** A row that was not taken over, kept as it came (D8). */
export interface QuarantinedRow extends LedgerRow {
  readonly what: string;
  /** When it was kept here, by this console's clock. */
  readonly keptAtMs: number;
}

export interface TimelineFilter {
  readonly offset: number;
  readonly limit: number;
  readonly search?: string;
  readonly kinds?: readonly string[];
  readonly device?: string;
  readonly sinceMs?: number;
  readonly untilMs?: number;
}

/** A run of a chain's oldest entries that lies in a file of its own (D6). */
export interface Segment {
  readonly device: string;
  readonly from: number;
  readonly to: number;
  /** Hash of the last entry in it. */
  readonly hash: string;
  /** Name of the file in the folder of segments. */
  readonly file: string;
  /** SHA-256 of the file, hex. */
  readonly digest: string;
}

/** Where chains are kept. Implemented on SQLite by `electron/platform/sqlite/ledger-store.ts`. */
export interface LedgerStore {
  /** Returns when the row is on disk; throws, and keeps nothing, otherwise. */
  append(row: LedgerRow): void;
  /** All of them or none, in one transaction. */
  appendAll(rows: readonly LedgerRow[]): void;
  /** Several writes as one: all are on disk when it returns, or none and it throws. */
  together<T>(run: () => T): T;
  last(device: string): LedgerRow | null;
  at(device: string, sequence: number): LedgerRow | null;
  /** Oldest first, those with a sequence above `after`; without what lies in segments. */
  rows(device: string, after?: number): Iterable<LedgerRow>;
  /** At most `limit` rows with a sequence above `after`, oldest first. */
  rowsAfter(device: string, after: number, limit: number): LedgerRow[];
  /** Newest first; `before` is a sequence number, not included. */
  page(device: string, query: { before?: number; sinceMs?: number; limit: number }): LedgerRow[];
  devices(): string[];
  /** Of every chain, by device and sequence. */
  ofKind(kind: string): Iterable<LedgerRow>;
  /** Of every chain, newest first, and how many fit in all. */
  timeline(filter: TimelineFilter): { total: number; rows: LedgerRow[] };

  /** The device whose folder this is; null while nothing was written by it. */
  own(): string | null;
  setOwn(device: string): void;

  /** False when the same row is kept already. */
  quarantine(row: QuarantinedRow): boolean;
  quarantined(): QuarantinedRow[];

  /**
   * Takes the data of an entry away, now or as soon as it comes. The bytes may lie in the file until `scrub`.
   */
  redact(device: string, sequence: number, hash: string): void;
  isRedacted(device: string, sequence: number, hash: string): boolean;
  /** Makes sure that nothing redacted is left in the file; false when a reader stands in the way: it is done later. */
  scrub(): boolean;

  /** By device and first entry. */
  segments(): Segment[];
  /** Text of a segment's file; null when it is not there. */
  readSegment(file: string): string | null;
  /** Returns when the file is on disk. */
  writeSegment(file: string, text: string): Promise<void>;
  /** Keeps the record of a segment and removes its rows, but for those of `keptKinds`. */
  seal(segment: Segment, keptKinds: readonly string[]): void;
}

/** The device's key. Implemented by `electron/platform/crypto.ts`, later by the vault. */
export interface Signer {
  /** Ed25519 SPKI, base64url. */
  readonly publicKey: string;
  /** Ed25519 signature, base64url. */
  sign(message: string): string;
}
