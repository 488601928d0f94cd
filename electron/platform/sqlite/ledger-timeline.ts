import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { LedgerRow, TimelineFilter } from '../../services/ledger/store.ts';
import { COLUMNS, toRow } from './ledger-row.ts';
import { searched } from './words.ts';

/** One page of the entries of every chain, newest first, and how many fit the filter in all. */
export function timelineOf(database: DatabaseSync, filter: TimelineFilter): { total: number; rows: LedgerRow[] } {
  const conditions: string[] = [];
  const values: SQLInputValue[] = [];
  const where = (condition: string, ...given: SQLInputValue[]): void => {
    conditions.push(condition);
    values.push(...given);
  };
  if (filter.device !== undefined) where('device = ?', filter.device);
  if (filter.sinceMs !== undefined) where('at_ms >= ?', Math.ceil(filter.sinceMs));
  if (filter.untilMs !== undefined) where('at_ms <= ?', Math.floor(filter.untilMs));
  if (filter.kinds !== undefined) where(`kind IN (${filter.kinds.map(() => '?').join(', ')})`, ...filter.kinds);
  const words = searched(filter.search ?? '');
  if (words.length > 0) {
    const holds = words.map(() => 'instr(words, ?) > 0').join(' AND ');
    where(`(device, sequence) IN (SELECT device, sequence FROM ledger_words WHERE ${holds})`, ...words);
  }
  const chosen = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const total = database.prepare(`SELECT count(*) AS total FROM ledger ${chosen}`).get(...values)?.total;
  const page = database.prepare(
    `SELECT ${COLUMNS} FROM ledger ${chosen} ORDER BY at_ms DESC, device DESC, sequence DESC LIMIT ? OFFSET ?`,
  );
  return { total: Number(total), rows: page.all(...values, filter.limit, filter.offset).map(toRow) };
}
