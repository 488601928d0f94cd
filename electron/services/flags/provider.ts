import type { FlagState, FlagType, Variant } from '../../../shared/model/flag.ts';
import type { JsonValue } from '../../../shared/model/json.ts';
import type { ProbeReport } from '../../../shared/model/probe.ts';
import type { Disposable } from '../ports.ts';

/** What an adapter can do; the contract suite derives from this which tests it must pass. */
export interface FlagCapabilities {
  /** Tells of changes by itself, without being polled. */
  readonly watch: boolean;
  readonly kill: boolean;
  /** An undo puts back the exact earlier definition. */
  readonly restoreExact: boolean;
  /** Can set the share of users who get the feature (`planRollout`). */
  readonly rollout: boolean;
  /** Flags that one write may change at most (`applyAll`); null when each takes a write of its own. */
  readonly bulk: number | null;
  /** Keeps who changed what and when (`audit`). */
  readonly audit: boolean;
  /** Keeps the reason of a change beside it. */
  readonly comment: boolean;
  /** Can be asked for an approval of its own, where it demands one (`requestApproval`, `followApproval`). */
  readonly approvals: boolean;
}

/** What the console knows of a flag beside the provider's answer: it decides polarity and the safe variant. */
export interface FlagHints {
  readonly polarity: 'enables' | 'disables';
  /** From the configuration; null when the adapter is to find it out. */
  readonly safeDefault: string | null;
}
export type FlagHintsOf = (key: string) => FlagHints;

/** A flag of one environment as the provider holds it. */
export interface ProviderFlag {
  readonly key: string;
  readonly environment: string;
  /** The provider's own name of the environment, shown beside ours (B3). */
  readonly providerEnvironment: string;
  readonly state: FlagState;
  readonly variants: readonly Variant[];
  /** Variant that a kill serves; null when it cannot be told (a kill is then refused, with the reason). */
  readonly safeDefault: string | null;
  readonly description: string | null;
  readonly type: FlagType | null;
  readonly owner: string | null;
  readonly tags: readonly string[];
  /** The provider calls the flag stale. */
  readonly stale: boolean;
  /** When a service last asked for it, epoch ms; null where the provider does not tell. */
  readonly lastSeenAtMs: number | null;
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
  /** Opaque mark of the source as it was read, for `readChanges`; null when it cannot be told apart. */
  readonly mark: string | null;
  readonly flags: readonly ProviderFlag[];
}

/** What is other than at an earlier mark. Empty lists: surely nothing. */
export interface EnvironmentChanges {
  readonly readAtMs: number;
  readonly sourceChangedAtMs: number | null;
  readonly mark: string | null;
  readonly upserts: readonly ProviderFlag[];
  readonly removals: readonly string[];
}

/** A write that was planned and not yet done. `write` is for the adapter alone. */
export interface PlannedWrite {
  readonly write: JsonValue;
  /** The state that will be read back, were nothing else to change. */
  readonly after: FlagState;
  readonly definitionAfter: JsonValue;
  /** What else a person should know before confirming, in words: overrides that are switched off too, and the like. */
  readonly notes?: readonly string[];
}

export interface WriteRequest {
  readonly key: string;
  readonly environment: string;
  /** The state must still have this revision, or nothing is written and a `conflict` is thrown. */
  readonly expectRevision: string;
  readonly write: JsonValue;
  /** Reason and name of the change, for providers that keep one. */
  readonly comment: string;
  /**
   * When the caller began to read the flag at its source, by this provider, and found `expectRevision`, epoch ms. An adapter
   * whose source has no precondition may spare its own reading when that is a moment ago.
   */
  readonly readAtMs?: number;
}

/** An approval of the provider's own that was asked for. */
export interface AskedApproval {
  /** The provider's own name of it, opaque to the console. */
  readonly id: string;
  /** Where people decide on it; null when that is not known. */
  readonly url: string | null;
}

/** How it stands with an approval of the provider's own. */
export interface ApprovalStanding {
  /** `approved`: given, and not yet written. `failed`: the provider could not write it. */
  readonly status: 'waiting' | 'approved' | 'refused' | 'applied' | 'failed';
  /** What the provider, or the person who decided, said; null when nothing. */
  readonly detail: string | null;
}

/** Who changed what at the provider (D6): names the author of a change that was seen. */
export interface AuditEvent {
  readonly id: string;
  readonly atMs: number;
  readonly key: string;
  /** Our name of the environment; null when the event holds for all of them. */
  readonly environment: string | null;
  readonly by: string | null;
  /** In the provider's words, one line. */
  readonly summary: string;
}

/**
 * The port to a flag system. Adapters report facts and throw `ScramError`s (`unreachable`, `timeout`, `provider`,
 * `credential`, `conflict`, `not-found`, `refused`, `rate-limited`, `approval-required`); the flag service owns status,
 * cache and age.
 */
export interface FlagProvider {
  readonly kind: string;
  readonly capabilities: FlagCapabilities;
  /** Environments (our names) that this connection has. */
  readonly environments: readonly string[];
  /** The provider's own name of one of `environments` (B3), where it is known before a flag is read. */
  providerEnvironment?(environment: string): string;
  /** True when one request can answer for several environments: they are then asked for at the same time. */
  readonly sharesReads?: boolean;
  readEnvironment(environment: string, signal: AbortSignal): Promise<EnvironmentRead>;
  /** What changed since `mark` was taken, cheaply; null when that cannot be told and the whole is to be read. */
  readChanges?(environment: string, mark: string, signal: AbortSignal): Promise<EnvironmentChanges | null>;
  /** Reads one flag at its source now, past every cache. Throws `not-found` when it is gone. */
  readFlag(key: string, environment: string, signal: AbortSignal): Promise<ProviderFlag>;
  /** Reads several at their source now, past every cache; those that are gone are absent. One by one when left out. */
  readFlags?(
    keys: readonly string[],
    environment: string,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, ProviderFlag>>;
  /** Says what a kill writes and what will then be served. Pure; throws `refused` when no safe value is known. */
  planKill(flag: ProviderFlag): PlannedWrite;
  /** Says what puts `earlier` (a `definition` from an earlier read) back. Pure. */
  planRestore(flag: ProviderFlag, earlier: { definition: JsonValue; state: FlagState }): PlannedWrite;
  /** Says what gives the feature to `percentage` (0 to 100) of users. Pure; with capability `rollout`. */
  planRollout?(flag: ProviderFlag, percentage: number): PlannedWrite;
  /** Writes all or nothing. Returns when the provider has acknowledged. */
  apply(request: WriteRequest, signal: AbortSignal): Promise<void>;
  /**
   * Writes several of one environment by the provider's own bulk write, at most `capabilities.bulk`. One answer each, in
   * order: null when acknowledged, else what kept it from being written. Throws when no outcome is known for any.
   */
  applyAll?(requests: readonly WriteRequest[], signal: AbortSignal): Promise<readonly (Error | null)[]>;
  /**
   * Asks the provider to have the write approved there; with capability `approvals`, after `apply` threw
   * `approval-required`. `description` names the change and no other: asked again with the same, it answers the same
   * approval and makes no second one. Writes nothing. Throws `conflict` as `apply` does, and `refused` for a write that
   * the provider's approvals cannot say.
   */
  requestApproval?(
    request: WriteRequest & { readonly description: string },
    signal: AbortSignal,
  ): Promise<AskedApproval>;
  /** How it stands with it; with capability `approvals`. */
  followApproval?(id: string, environment: string, signal: AbortSignal): Promise<ApprovalStanding>;
  /** Has the provider write what was approved; left out where it does so by itself. */
  applyApproval?(id: string, environment: string, signal: AbortSignal): Promise<void>;
  /** Changes at the provider after `sinceMs`, oldest first; with capability `audit`. */
  audit?(sinceMs: number, signal: AbortSignal): Promise<readonly AuditEvent[]>;
  /** Calls back with the environment whose source moved. */
  watch(onChange: (environment: string) => void): Disposable;
  /** Tries the connection out. Never throws for what the provider answers: the report says it. */
  probe(signal: AbortSignal): Promise<ProbeReport>;
  dispose(): void;
}
