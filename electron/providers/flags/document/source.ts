import type { ProbeField } from '../../../../shared/model/probe.ts';
import type { Disposable } from '../../../services/ports.ts';

/** What a source tells of its document without reading it. */
export interface DocumentMark {
  /** Opaque: two looks with the same mark find the same bytes. Null when they cannot be told apart just now. */
  readonly mark: string | null;
  /** When the source itself says that the document last changed, epoch ms; null when unknown. */
  readonly changedAtMs: number | null;
}

/** A document of flags as one environment's source holds it. The mark is taken before the bytes are read, or with them. */
export interface FlagDocument extends DocumentMark {
  readonly bytes: Buffer;
  /** The source's own, handed back in `expect`: a revision, a resourceVersion; empty where the bytes are compared. */
  readonly version: string;
}

/** Whether the document could be replaced, found out without replacing it. */
export interface WriteAccess {
  /** Null: cannot be told without writing. */
  readonly canWrite: boolean | null;
  /** What is missing and what to do, or what was found; empty when there is nothing to say. */
  readonly detail: string;
  /** Its clock minus ours, milliseconds; null when it does not tell the time. */
  readonly clockSkewMs?: number | null;
  readonly fields?: readonly ProbeField[];
}

/** Where a whole document of flags is kept: a file, a key, a ConfigMap, a file in a Git repository. */
export interface DocumentSource {
  /** The source's own name, shown beside our environment (B3): a path, `repository:branch:path`, `namespace/name`. */
  readonly name: string;
  /** File name or path that the format's syntax is told by: `.yaml` and `.yml` are YAML, everything else JSON. */
  readonly fileName: string;
  /** Its writers may be caught half way: a document that cannot be understood is read again a moment later. */
  readonly halfWritten?: boolean;
  /** Reads it now, past every cache. Throws `not-found` or `unreachable` when the document is not there. */
  read(signal: AbortSignal): Promise<FlagDocument>;
  /** What tells whether the document moved, cheaper than to read it; absent, or null, when that cannot be had. */
  mark?(signal: AbortSignal): Promise<DocumentMark | null>;
  /**
   * Replaces the document whole, or leaves it whole. Throws `conflict` when it is no longer the one in `expect`, before
   * anything is written: the provider then reads it again, and goes on if only other flags moved. Checks `signal` last
   * of all before it writes. Never called twice at a time for one source.
   */
  replace(bytes: Buffer, options: ReplaceOptions): Promise<void>;
  /** The text of one definition as this source will give it back, where it does not keep text as it is. */
  stored?(definition: string): string;
  /** Calls back when the document may have changed; absent: it is polled. */
  watch?(onChange: () => void): Disposable;
  writeAccess(signal: AbortSignal): Promise<WriteAccess>;
  dispose(): void;
}

export interface ReplaceOptions {
  readonly expect: FlagDocument;
  /** The flags whose definitions are exchanged, for people: a key, or several. */
  readonly key: string;
  /** Reason and name of the change, kept by sources that can (a commit message, an annotation). */
  readonly comment: string;
  readonly signal: AbortSignal;
}
