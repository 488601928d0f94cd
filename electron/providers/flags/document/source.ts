import type { Disposable } from '../../../services/ports.ts';

/** A document of flags as one environment's source holds it. */
export interface FlagDocument {
  readonly bytes: Buffer;
  /** Opaque: two reads with the same version read the same bytes (a hash, a revision, a resourceVersion). */
  readonly version: string;
  readonly changedAtMs: number | null;
  readonly changedBy: string | null;
}

export interface WriteAccess {
  /** Null: cannot be told without writing. */
  readonly canWrite: boolean | null;
  readonly detail: string;
}

/** Where a whole document of flags is kept: a file, a key, a ConfigMap, a file in a Git repository. */
export interface DocumentSource {
  /** The source's own name, shown beside our environment (B3): a path, `repository:branch:path`, `namespace/name`. */
  readonly name: string;
  /** File name or path that the format's syntax is told by: `.yaml` and `.yml` are YAML, everything else JSON. */
  readonly fileName: string;
  /** Throws `not-found` when the document is not there. */
  read(signal: AbortSignal): Promise<FlagDocument>;
  /** A mark of the document that is cheaper than to read it; null when none can be had. */
  mark?(signal: AbortSignal): Promise<string | null>;
  /**
   * Replaces the document whole, or leaves it whole. Throws `conflict` when it is no longer the one in `expect`, before
   * anything is written.
   */
  replace(bytes: Buffer, options: ReplaceOptions): Promise<void>;
  /** Calls back when the document may have changed; absent: it is polled. */
  watch?(onChange: () => void): Disposable;
  writeAccess(signal: AbortSignal): Promise<WriteAccess>;
  dispose(): void;
}

export interface ReplaceOptions {
  readonly expect: FlagDocument;
  /** Reason and name of the change, kept by sources that can (a commit message). */
  readonly comment: string;
  readonly signal: AbortSignal;
}
