import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { LedgerRow, LedgerStore } from '../../services/ledger/store.ts';
import { dataPaths } from '../paths.ts';
import { migrate } from './migrate.ts';
import { MIGRATIONS } from './schema.ts';
import { openDatabase, openDatabaseReadOnly } from './open.ts';

const COLUMNS = 'device, sequence, at_ms, hash, signature, body';
const CHUNK = 200;

/** Opens the data folder's database for its one writer, migrated. */
export function openDataFolderDatabase(folder: string): DatabaseSync {
  const database = openDatabase(dataPaths(folder).database);
  try {
    migrate(database, MIGRATIONS);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** For `scram ledger verify` beside a running console. Throws `not-found` when the folder has no ledger. */
export function openLedgerStoreReadOnly(folder: string): { store: LedgerStore; close(): void } {
  const database = openDatabaseReadOnly(dataPaths(folder).database);
  try {
    return { store: createLedgerStore(database), close: () => database.close() };
  } catch (error) {
    database.close();
    throw error;
  }
}

export function createLedgerStore(database: DatabaseSync): LedgerStore {
  const insert = database.prepare(`INSERT INTO ledger (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)`);
  const selectLast = database.prepare(`SELECT ${COLUMNS} FROM ledger WHERE device = ? ORDER BY sequence DESC LIMIT 1`);
  const selectChunk = database.prepare(
    `SELECT ${COLUMNS} FROM ledger WHERE device = ? AND sequence > ? ORDER BY sequence LIMIT ${CHUNK}`,
  );
  const selectPage = database.prepare(
    `SELECT ${COLUMNS} FROM ledger WHERE device = ? AND sequence < ? AND at_ms >= ? ORDER BY sequence DESC LIMIT ?`,
  );
  const selectDevices = database.prepare('SELECT DISTINCT device FROM ledger ORDER BY device');

  /** By chunks, so that a long walk holds no statement open and appends may go on between them. */
  function* rows(device: string): Generator<LedgerRow> {
    let after = 0;
    for (;;) {
      const chunk = selectChunk.all(device, after).map(toRow);
      yield* chunk;
      const last = chunk.at(-1);
      if (last === undefined || chunk.length < CHUNK) return;
      after = last.sequence;
    }
  }

  function append(row: LedgerRow): void {
    insert.run(row.device, row.sequence, row.atMs, row.hash, row.signature, row.body);
  }

  return {
    append,
    appendAll(rows) {
      database.exec('BEGIN IMMEDIATE');
      try {
        for (const row of rows) append(row);
        database.exec('COMMIT');
      } catch (error) {
        // A full disk may have ended the transaction by itself.
        if (database.isTransaction) database.exec('ROLLBACK');
        throw error;
      }
    },
    last(device) {
      const found = selectLast.get(device);
      return found === undefined ? null : toRow(found);
    },
    rows,
    page(device, { before = Number.MAX_SAFE_INTEGER, sinceMs = Number.MIN_SAFE_INTEGER, limit }) {
      return selectPage.all(device, before, Math.ceil(sinceMs), limit).map(toRow);
    },
    devices: () => selectDevices.all().map((row) => String(row.device)),
  };
}

/** The table is STRICT: SQLite itself keeps the column types, so a schema per row would only cost time. */
function toRow(row: Record<string, SQLOutputValue>): LedgerRow {
  return {
    device: String(row.device),
    sequence: Number(row.sequence),
    atMs: Number(row.at_ms),
    hash: String(row.hash),
    signature: String(row.signature),
    body: String(row.body),
  };
}
