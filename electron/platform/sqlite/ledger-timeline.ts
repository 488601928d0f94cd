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
  const order = 'ORDER BY at_ms DESC, device DESC, sequence DESC';
  const count = (): number =>
    Number(database.prepare(`SELECT count(*) AS total FROM ledger ${chosen}`).get(...values)?.total);
  if (words.length === 0) {
    const page = database.prepare(`SELECT ${COLUMNS} FROM ledger ${chosen} ${order} LIMIT ? OFFSET ?`);
    return { total: count(), rows: page.all(...values, filter.limit, filter.offset).map(toRow) };
  }
  // Words are looked for in every entry: once for both the page and the number.
  const found = database
    .prepare(
      `WITH page AS (
         SELECT device AS d, sequence AS s, count(*) OVER () AS total FROM ledger ${chosen} ${order} LIMIT ? OFFSET ?
       )
       SELECT ${COLUMNS}, total FROM page JOIN ledger ON device = d AND sequence = s ${order}`,
    )
    .all(...values, filter.limit, filter.offset);
  // Past the end there is no row to tell the number.
  return { total: found[0] === undefined ? count() : Number(found[0].total), rows: found.map(toRow) };
}
