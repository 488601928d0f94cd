import type { TeamState } from '../../../shared/model/team.ts';
import type { Disposable } from '../ports.ts';

/** Replication of the chains between consoles (D8): alone when the store is away, catching up later. */
export interface TeamService {
  state(): TeamState;
  onChange(listener: () => void): Disposable;
  setDoing(operator: string | null, doing: string): void;
  /** Resolves when what both sides have now has been exchanged; rejects when the store is away. */
  syncNow(signal: AbortSignal): Promise<void>;
  dispose(): void;
}
