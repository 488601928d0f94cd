import type { Batch } from '../../../shared/model/batch.ts';
import type { Change, ChangePreview, ChangeProgress, PolicyDemand } from '../../../shared/model/change.ts';
import type { EntryData } from '../../../shared/model/entry.ts';
import type { ScramError } from '../../../shared/model/error.ts';
import type { FlagRef } from '../flags/api.ts';
import type { ProviderFlag } from '../flags/provider.ts';
import type { Actor } from '../signing/actor.ts';
import type { Disposable } from '../ports.ts';
import type { ChangeRecord } from './projection.ts';

export type PreviewRequest =
  | { action: 'kill'; connection: string; flag: string; environment: string }
  | { action: 'undo'; change: string }
  | { action: 'rollout'; connection: string; flag: string; environment: string; percentage: number };

/** From click to proof: preview, propose, execute, watch (B2, B7, B14, A4). */
export interface ChangeService {
  preview(request: PreviewRequest, signal: AbortSignal): Promise<ChangePreview>;
  /** Throws `expired`, `not-found`, `forbidden` (role), or `refused` when policy asks for a rationale that is missing. */
  propose(previewHash: string, rationale: string, actor?: Actor | null): Change;
  /**
   * Executes once; a second call with the same hash returns what the first one did. Throws `conflict` when the state
   * moved, `expired`, `refused` (policy), or the provider's own error; each is journalled first. Throws
   * `approval-required`, `locked`, `forbidden` or `refused` (an incident holds it) before it begins: it then still stands
   * as it was proposed.
   */
  execute(hash: string, signal: AbortSignal, actor?: Actor | null): Promise<ChangeProgress>;
  progress(hash: string): ChangeProgress | null;
  /** Newest first. */
  recent(filter: { environment?: string; flag?: { connection: string; key: string } }): ChangeProgress[];
  onProgress(listener: (progress: ChangeProgress) => void): Disposable;
  /** Reads the provider for each intent without a result (a crash), before anything is repeated. */
  reconcile(signal: AbortSignal): Promise<void>;
  dispose(): void;
}

/** One flag of several as a kill would leave it: its preview, or what is in the way of one. */
export interface KillPreview {
  readonly ref: FlagRef;
  /** As read just now; null when it could not be. */
  readonly read: ProviderFlag | null;
  readonly preview: ChangePreview | null;
  readonly problem: ScramError | null;
}

export interface KillPreviews {
  /** What policy asks for all of them together. */
  readonly demand: PolicyDemand;
  /** In the order that was asked for. */
  readonly items: readonly KillPreview[];
}

export interface ExecuteOptions {
  readonly signal: AbortSignal;
  /** The person whose act it is; null where no operators are configured. */
  readonly actor?: Actor | null;
  /** When it was confirmed, epoch ms: what had not expired by then may take its time. */
  readonly confirmedAtMs: number;
  /** Longest time in a row that a connection's rate limit is waited for, milliseconds. */
  readonly waitLimitMs: number;
  /** Why nothing happens at the moment, in words; null when it goes on. */
  readonly onWaiting?: (words: string | null) => void;
}

/** What the ledger says about one batch; what became of its changes is theirs to say. */
export interface BatchRecord {
  readonly batch: Batch;
  /** The console that proposed it: the one that may run it. */
  readonly device: string;
  readonly began: boolean;
  readonly ended: boolean;
}

/** What the change pipeline does for the batches: the same steps as for one change, many at a time. */
export interface BulkChanges {
  /** Reads every flag at its source now. Throws `not-found` for an unknown environment, `cancelled`. */
  previewKills(refs: readonly FlagRef[], environment: string, signal: AbortSignal): Promise<KillPreviews>;
  /**
   * Writes the changes and what `more` makes of them in one transaction. Throws `expired` when one of the previews has,
   * `refused` when a reason is asked for and missing.
   */
  proposeAll(
    previews: readonly ChangePreview[],
    rationale: string,
    more: (changes: readonly Change[]) => readonly EntryData[],
    actor?: Actor | null,
  ): readonly Change[];
  /** Throws why these may not begin now: no permit, no role, another console's, held by an incident. */
  requireMayBegin(hashes: readonly string[], actor?: Actor | null, batch?: string): void;
  /** Executes in order, going on past failures, each as `execute` does; resolves when each has its result. */
  executeAll(hashes: readonly string[], options: ExecuteOptions): Promise<void>;
  record(hash: string): ChangeRecord | undefined;
  /** Resolves when nothing that this service began is being executed any more; null when nothing is. Never rejects. */
  idle(): Promise<void> | null;
  /** Read from the ledger with the changes, and kept up with it. */
  readonly batches: {
    get(hash: string): BatchRecord | undefined;
    /** Hashes of the batches that a change is of. */
    ofChange(change: string): readonly string[];
  };
}
