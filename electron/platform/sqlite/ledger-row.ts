import type { SQLOutputValue } from 'node:sqlite';
import type { LedgerRow } from '../../services/ledger/store.ts';

export const COLUMNS = 'device, sequence, at_ms, hash, signature, body, data';

/** The table is STRICT: SQLite itself keeps the column types, so a schema per row would only cost time. */
export function toRow(row: Record<string, SQLOutputValue>): LedgerRow {
  return {
    device: String(row.device),
    sequence: Number(row.sequence),
    atMs: Number(row.at_ms),
    hash: String(row.hash),
    signature: String(row.signature),
    body: String(row.body),
    data: row.data === null ? null : String(row.data),
  };
}
