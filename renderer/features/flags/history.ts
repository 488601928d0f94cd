import type { ChangeProgress } from '../../../shared/model/change.ts';
import type { Marker } from '../../../shared/model/marker.ts';

export type HistoryItem =
  | { readonly kind: 'seen'; readonly atMs: number; readonly marker: Marker }
  | { readonly kind: 'change'; readonly atMs: number; readonly progress: ChangeProgress };

/** Changes made from here and changes seen, newest first; the marker of a change of ours is not told twice. */
export function historyOf(markers: readonly Marker[], changes: readonly ChangeProgress[]): HistoryItem[] {
  const items: HistoryItem[] = [
    ...changes
      .filter((progress) => progress.stage !== 'proposed')
      .map((progress) => ({
        kind: 'change' as const,
        atMs: progress.propagation.acceptedAtMs ?? progress.propagation.requestedAtMs ?? progress.change.proposedAtMs,
        progress,
      })),
    ...markers.filter((marker) => !marker.ours).map((marker) => ({ kind: 'seen' as const, atMs: marker.atMs, marker })),
  ];
  return items.sort((a, b) => b.atMs - a.atMs);
}

/** The provider took it and nothing has put it back since. */
export function isUndoable(progress: ChangeProgress): boolean {
  return progress.propagation.acceptedAtMs !== null && progress.undoneBy === null;
}
