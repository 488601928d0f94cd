import type { Marker } from '../../../shared/model/marker.ts';
import { type Cell, sameCell, sameState } from './cell.ts';

export interface CellChange {
  readonly key: string;
  /** Null: the flag was not there before. */
  readonly before: Cell | null;
  /** Null: the flag is gone. */
  readonly after: Cell | null;
}

/** What differs between two successive reads of one environment, in the order of the new one. */
export function diffCells(before: ReadonlyMap<string, Cell>, after: ReadonlyMap<string, Cell>): CellChange[] {
  const changes: CellChange[] = [];
  for (const [key, cell] of after) {
    const known = before.get(key);
    if (!known || !sameCell(known, cell)) changes.push({ key, before: known ?? null, after: cell });
  }
  for (const [key, cell] of before) if (!after.has(key)) changes.push({ key, before: cell, after: null });
  return changes;
}

/** True when the change is one that services notice, and so belongs on the time axis (A3). */
export function isStateChange({ before, after }: CellChange): boolean {
  return before === null || after === null || !sameState(before.state, after.state);
}

export interface Seen {
  readonly connection: string;
  readonly environment: string;
  readonly services: readonly string[];
  readonly atMs: number;
  readonly approximate: boolean;
  readonly ours: boolean;
  readonly by: string | null;
}

export function markerOf(change: CellChange, seen: Seen): Marker {
  const revision = (change.after ?? change.before)?.state.revision ?? '';
  return {
    id: `${seen.environment}/${seen.connection}/${change.key}@${seen.atMs}#${revision.slice(0, 12)}`,
    kind: 'flag',
    atMs: seen.atMs,
    approximate: seen.approximate,
    environment: seen.environment,
    connection: seen.connection,
    subject: change.key,
    services: [...seen.services],
    fromPercentage: change.before?.state.percentage ?? null,
    toPercentage: change.after?.state.percentage ?? null,
    ours: seen.ours,
    by: seen.by,
  };
}

/**
 * When a change happened that a read at `nowMs` found. The source's own time counts if it lies after the read before;
 * otherwise (a copy that kept its old time, a clock ahead of ours) all that is known is when it was noticed.
 */
export function changeTime(
  sourceChangedAtMs: number | null,
  previousReadAtMs: number | null,
  nowMs: number,
): { atMs: number; exact: boolean } {
  const plausible =
    sourceChangedAtMs !== null &&
    sourceChangedAtMs <= nowMs &&
    (previousReadAtMs === null || sourceChangedAtMs >= previousReadAtMs - 1000);
  return plausible ? { atMs: sourceChangedAtMs, exact: true } : { atMs: nowMs, exact: false };
}
