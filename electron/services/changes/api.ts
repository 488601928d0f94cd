import type { Change, ChangePreview, ChangeProgress } from '../../../shared/model/change.ts';
import type { Disposable } from '../ports.ts';

export type PreviewRequest =
  | { action: 'kill'; connection: string; flag: string; environment: string }
  | { action: 'undo'; change: string }
  | { action: 'rollout'; connection: string; flag: string; environment: string; percentage: number };

/** From click to proof: preview, propose, execute, watch (B2, B7, B14, A4). */
export interface ChangeService {
  preview(request: PreviewRequest, signal: AbortSignal): Promise<ChangePreview>;
  /** Throws `expired`, `not-found`, or `refused` when policy asks for a rationale that is missing. */
  propose(previewHash: string, rationale: string): Change;
  /**
   * Executes once; a second call with the same hash returns what the first one did. Throws `conflict` when the state
   * moved, `expired`, `refused` (policy), or the provider's own error; each is journalled first.
   */
  execute(hash: string, signal: AbortSignal): Promise<ChangeProgress>;
  progress(hash: string): ChangeProgress | null;
  /** Newest first. */
  recent(filter: { environment?: string; flag?: { connection: string; key: string } }): ChangeProgress[];
  onProgress(listener: (progress: ChangeProgress) => void): Disposable;
  /** Reads the provider for each intent without a result (a crash), before anything is repeated. */
  reconcile(signal: AbortSignal): Promise<void>;
  dispose(): void;
}
