import type { Marker } from '../../../shared/model/marker.ts';
import type { Cell } from './cell.ts';

/** The provider does not say when a flag changed: what this console saw stays with the flag until it changes again. */
export function carryOver(before: ReadonlyMap<string, Cell>, after: Map<string, Cell>): void {
  for (const [key, cell] of after) {
    const known = before.get(key);
    if (!known || cell.changedAtMs !== null || known.changedAtMs === null) continue;
    after.set(key, { ...cell, changedAtMs: known.changedAtMs, changedBy: known.changedBy });
  }
}

/** Nothing is known of these flags but what the ledger says: its newest change of each is the last one known. */
export function datedByLedger(cells: Map<string, Cell>, oldestFirst: readonly Marker[], connection: string): void {
  for (const { connection: of, subject, atMs, by } of oldestFirst) {
    const cell = cells.get(subject);
    const newer = cell !== undefined && (cell.changedAtMs ?? 0) < atMs;
    if (newer && of === connection) cells.set(subject, { ...cell, changedAtMs: atMs, changedBy: by });
  }
}
