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

/** When and by whom a change was made, as far as the read that found it can tell. */
export interface Origin {
  readonly atMs: number;
  readonly approximate: boolean;
  readonly ours: boolean;
  readonly by: string | null;
}

export interface Seen extends Origin {
  readonly connection: string;
  readonly environment: string;
  readonly services: readonly string[];
}

export function markerOf(change: CellChange, seen: Seen): Marker {
  const revision = (change.after ?? change.before)?.state.revision ?? '';
  return {
    id: `${seen.environment}/${seen.connection}/${change.key}@${seen.atMs}#${revision.slice(0, 64)}`,
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

/** What the provider itself says of a change counts before what the read that found it can tell; our own is known. */
export function originOf(change: CellChange, found: Origin, previousReadAtMs: number | null, nowMs: number): Origin {
  const { before, after } = change;
  const theirs = after?.changedAtMs ?? null;
  if (found.ours || after === null || theirs === null || theirs === (before?.changedAtMs ?? null)) return found;
  const { atMs, exact } = changeTime(theirs, previousReadAtMs, nowMs);
  return exact ? { atMs, approximate: false, ours: false, by: after.changedBy } : { ...found, by: after.changedBy };
}
