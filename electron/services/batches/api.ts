import type { Batch, BatchPreview, BatchProgress, BatchTarget, KillSet } from '../../../shared/model/batch.ts';
import type { Actor } from '../signing/actor.ts';
import type { Disposable } from '../ports.ts';

/** Several kills confirmed as one (B4, B13): each is a change of its own, with its own result and its own undo. */
export interface BatchService {
  /** Kill sets of the configuration, their flags found. */
  killSets(): KillSet[];
  /** Reads every flag now, in as few requests as the providers allow. Throws `not-found` for an unknown service or set. */
  preview(environment: string, target: BatchTarget, signal: AbortSignal): Promise<BatchPreview>;
  /** Throws `expired`, `not-found`, or `refused` (a missing rationale, nothing that can be killed). */
  propose(previewHash: string, rationale: string, actor?: Actor | null): Batch;
  /**
   * Executes in order, going on past a failure; a second call joins the first. Never throws for what one flag met: its
   * item says it.
   */
  execute(hash: string, signal: AbortSignal, actor?: Actor | null): Promise<BatchProgress>;
  progress(hash: string): BatchProgress | null;
  onProgress(listener: (progress: BatchProgress) => void): Disposable;
  dispose(): void;
}
