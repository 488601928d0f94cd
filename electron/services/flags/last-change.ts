import type { Marker } from '../../../shared/model/marker.ts';
import { type Cell, sameState } from './cell.ts';

/** The provider may date our own write this much later than we do, or name the token that made it, milliseconds. */
const SAME_CHANGE_MS = 10_000;

/**
 * Where the provider does not say when a flag changed, what this console saw stays with the flag until it changes again;
 * so does the person that this console knows, where the provider dates the very same change.
 */
export function carryOver(before: ReadonlyMap<string, Cell>, after: Map<string, Cell>): void {
  for (const [key, cell] of after) {
    const known = before.get(key);
    if (!known || known.changedAtMs === null || !outlasts(known, known.changedAtMs, cell)) continue;
    after.set(key, { ...cell, changedAtMs: known.changedAtMs, changedBy: known.changedBy });
  }
}

function outlasts(known: Cell, knownAtMs: number, cell: Cell): boolean {
  if (cell.changedAtMs === null) return true;
  if (cell.changedAtMs === known.changedAtMs && cell.changedBy === known.changedBy) return false;
  const same = cell.changedAtMs <= knownAtMs + SAME_CHANGE_MS && sameState(known.state, cell.state);
  return known.changedBy !== null && same;
}

/** Nothing is known of these flags but what the ledger says: its newest change of each is the last one known. */
export function datedByLedger(cells: Map<string, Cell>, oldestFirst: readonly Marker[], connection: string): void {
  for (const { connection: of, subject, atMs, by } of oldestFirst) {
    const cell = cells.get(subject);
    const newer = cell !== undefined && (cell.changedAtMs ?? 0) < atMs;
    if (newer && of === connection) cells.set(subject, { ...cell, changedAtMs: atMs, changedBy: by });
  }
}
