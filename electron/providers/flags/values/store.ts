import type { Disposable } from '../../../services/ports.ts';
import type { WriteAccess } from '../document/source.ts';

/** What is stored under one key. */
export interface StoredValue {
  readonly bytes: Buffer;
  /** Opaque, for `compareAndSet`. It may change although the bytes do not: the same text was written again. */
  readonly version: string;
}

export interface Listing {
  /** Every key under the prefix, in full, as of one moment. */
  readonly values: ReadonlyMap<string, StoredValue>;
  /** For `changes`; null when later changes cannot be told cheaply. */
  readonly mark: string | null;
}

export interface ListingChanges extends Listing {
  readonly removed: readonly string[];
}

/** What one key is to hold, if it still holds what was read. */
export interface ValueEdit {
  readonly key: string;
  readonly bytes: Buffer;
  readonly expect: StoredValue;
}

export interface StoreProbe {
  readonly latencyMs: number;
  /** Null when it does not tell the time. */
  readonly clockSkewMs: number | null;
  /** What answered: product and version, in words. */
  readonly detail: string;
}

/** A key-value store that holds one key for each flag. Keys are given in full. */
export interface ValueStore {
  /** What answers there, for errors: `etcd at http://127.0.0.1:2379`. */
  readonly name: string;
  /** Edits that one `compareAndSet` takes at most. */
  readonly bulk: number;
  list(prefix: string, signal: AbortSignal): Promise<Listing>;
  /** What is other than when `mark` was taken; null when that cannot be told, and all is to be listed. */
  changes(prefix: string, mark: string, signal: AbortSignal): Promise<ListingChanges | null>;
  /** Those of the keys that are there, at the source now, as of one moment. */
  get(keys: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, StoredValue>>;
  /**
   * Writes each edit whose key still holds what it expects, and never makes a key. One answer each, in order: false when
   * it was not written because it, or another of them, has moved. Not retried; a lost answer throws.
   */
  compareAndSet(edits: readonly ValueEdit[], signal: AbortSignal): Promise<readonly boolean[]>;
  /** Calls back with a prefix under which something may have changed. */
  watch(prefixes: readonly string[], onChange: (prefix: string) => void): Disposable;
  probe(signal: AbortSignal): Promise<StoreProbe>;
  /** Whether keys under the prefix may be written. Throws what keeps it from being told. */
  writeAccess(prefix: string, signal: AbortSignal): Promise<WriteAccess>;
  dispose(): void;
}
