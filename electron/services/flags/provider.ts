import type { JsonValue } from '../../../shared/model/json.ts';
import type { FlagState, Variant } from '../../../shared/model/flag.ts';
import type { Disposable } from '../ports.ts';

/** What an adapter can do; the contract suite derives from this which tests it must pass. */
export interface FlagCapabilities {
  /** Tells of changes by itself, without being polled. */
  readonly watch: boolean;
  readonly kill: boolean;
  /** An undo puts back the exact earlier definition. */
  readonly restoreExact: boolean;
}

/** What the console knows of a flag beside the provider's answer: it decides polarity and the safe variant. */
export interface FlagHints {
  readonly polarity: 'enables' | 'disables';
  /** From the configuration; null when the adapter is to find it out. */
  readonly safeDefault: string | null;
}

/** A flag of one environment as the provider holds it. */
export interface ProviderFlag {
  readonly key: string;
  readonly environment: string;
  readonly providerEnvironment: string;
  readonly state: FlagState;
  readonly variants: readonly Variant[];
  /** Variant that a kill serves; null when it cannot be told (a kill is then refused, with the reason). */
  readonly safeDefault: string | null;
  readonly description: string | null;
  readonly type: 'release' | 'experiment' | 'permission' | 'ops' | null;
  readonly owner: string | null;
  readonly tags: readonly string[];
  readonly changedAtMs: number | null;
  readonly changedBy: string | null;
  /** The provider's own object, as read. Kept in a change so that it can be restored exactly (B7, B16). */
  readonly definition: JsonValue;
}

/** One environment read whole. A failed read throws; it never returns half a list. */
export interface EnvironmentRead {
  readonly environment: string;
  readonly readAtMs: number;
  /** When the source itself says it last changed (a file's mtime); null when unknown. */
  readonly sourceChangedAtMs: number | null;
  /** Opaque mark of the source as it was read, for `isUnchanged`; null or absent when it cannot be told apart. */
  readonly mark?: string | null;
  readonly flags: readonly ProviderFlag[];
}

/** A write that was planned and not yet done. `write` is for the adapter alone. */
export interface PlannedWrite {
  readonly write: JsonValue;
  /** The state that will be read back, were nothing else to change. */
  readonly after: FlagState;
  readonly definitionAfter: JsonValue;
}

export interface WriteRequest {
  readonly key: string;
  readonly environment: string;
  /** The state must still have this revision, or nothing is written and a `conflict` is thrown. */
  readonly expectRevision: string;
  readonly write: JsonValue;
}

export interface ProbeReport {
  readonly ok: boolean;
  readonly latencyMs: number;
  readonly canRead: boolean;
  readonly canWrite: boolean;
  readonly detail: string;
}

export type FlagHintsOf = (key: string) => FlagHints;

/**
 * The port to a flag system. Adapters report facts and throw `ScramError`s (`unreachable`, `timeout`, `provider`,
 * `credential`, `conflict`, `not-found`, `refused`); the flag service owns status, cache and age.
 */
export interface FlagProvider {
  readonly kind: string;
  readonly capabilities: FlagCapabilities;
  /** Environments (our names) that this connection has. */
  readonly environments: readonly string[];
  readEnvironment(environment: string, signal: AbortSignal): Promise<EnvironmentRead>;
  /** True when the source is surely as it was when `mark` was taken, so that it need not be read again. */
  isUnchanged?(environment: string, mark: string, signal: AbortSignal): Promise<boolean>;
  /** Reads one flag at its source now, past every cache. Throws `not-found` when it is gone. */
  readFlag(key: string, environment: string, signal: AbortSignal): Promise<ProviderFlag>;
  /** Says what a kill writes and what will then be served. Pure; throws `refused` when no safe value is known. */
  planKill(flag: ProviderFlag): PlannedWrite;
  /** Says what puts `earlier` (a `definition` from an earlier read) back. Pure. */
  planRestore(flag: ProviderFlag, earlier: { definition: JsonValue; state: FlagState }): PlannedWrite;
  /** Writes all or nothing. Returns when the provider has acknowledged. */
  apply(request: WriteRequest, signal: AbortSignal): Promise<void>;
  /** Calls back with the environment whose source moved. */
  watch(onChange: (environment: string) => void): Disposable;
  probe(signal: AbortSignal): Promise<ProbeReport>;
  dispose(): void;
}

/** What running services use, per instance (B5, B14). */
export interface InstanceObservation {
  readonly instance: string;
  readonly region: string | null;
  readonly variant: string | null;
  readonly atMs: number;
}

export interface FlagObserver {
  readonly id: string;
  observe(flag: { key: string; environment: string }, signal: AbortSignal): Promise<readonly InstanceObservation[]>;
  dispose(): void;
}
