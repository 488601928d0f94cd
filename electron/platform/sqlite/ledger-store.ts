import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { LedgerRow, LedgerStore } from '../../services/ledger/store.ts';
import { dataPaths } from '../paths.ts';
import { asideStore } from './ledger-aside.ts';
import { COLUMNS, toRow } from './ledger-row.ts';
import { timelineOf } from './ledger-timeline.ts';
import { migrate, schemaVersion } from './migrate.ts';
import { MIGRATIONS } from './schema.ts';
import { openDatabase, openDatabaseReadOnly } from './open.ts';
import { segmentFiles } from './segment-files.ts';
import { wordsOf } from './words.ts';

const CHUNK = 200;
/** The schema before chains: read only, by a command beside a folder that no console of this version has opened yet. */
const FIRST_SCHEMA = 1;

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
    if (schemaVersion(database) === FIRST_SCHEMA) addChainsForReading(database);
    return { store: createLedgerStore(database, { readOnly: true }), close: () => database.close() };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** The tables of the present schema, in memory, over a database of the first: nothing of the file is touched. */
function addChainsForReading(database: DatabaseSync): void {
  database.exec(`
    CREATE TEMP VIEW ledger AS SELECT *, NULL AS data, json_extract(body, '$.data.kind') AS kind FROM main.ledger;
    CREATE TEMP VIEW own_device AS SELECT 1 AS one, device FROM main.ledger WHERE sequence = 1;
    CREATE TEMP VIEW ledger_words AS SELECT device, sequence, lower(body) AS words FROM main.ledger;
    CREATE TEMP TABLE quarantine (device, sequence, at_ms, hash, signature, body, data, what, kept_at_ms);
    CREATE TEMP TABLE redactions (device, sequence, hash, scrubbed);
    CREATE TEMP TABLE segments (device, from_sequence, to_sequence, hash, file, digest);
  `);
}

export function createLedgerStore(database: DatabaseSync, { readOnly = false } = {}): LedgerStore {
  const sql = (text: string) => lazily(() => database.prepare(text));
  const insert = sql(`INSERT INTO ledger (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)`);
  const insertWords = sql('INSERT OR REPLACE INTO ledger_words (device, sequence, words) VALUES (?, ?, ?)');
  const selectLast = sql(`SELECT ${COLUMNS} FROM ledger WHERE device = ? ORDER BY sequence DESC LIMIT 1`);
  const selectAt = sql(`SELECT ${COLUMNS} FROM ledger WHERE device = ? AND sequence = ?`);
  const selectAfter = sql(`SELECT ${COLUMNS} FROM ledger WHERE device = ? AND sequence > ? ORDER BY sequence LIMIT ?`);
  const selectPage = sql(
    `SELECT ${COLUMNS} FROM ledger WHERE device = ? AND sequence < ? AND at_ms >= ? ORDER BY sequence DESC LIMIT ?`,
  );
  const selectKind = sql(`SELECT ${COLUMNS} FROM ledger WHERE kind = ? ORDER BY device, sequence`);
  const selectDevices = sql('SELECT DISTINCT device FROM ledger ORDER BY device');
  const selectWordless = sql(
    `SELECT ${COLUMNS} FROM ledger WHERE NOT EXISTS (
       SELECT 1 FROM ledger_words WHERE device = ledger.device AND sequence = ledger.sequence)`,
  );

  const rowsAfter = (device: string, after: number, limit: number) =>
    selectAfter().all(device, after, limit).map(toRow);

  /** By chunks, so that a long walk holds no statement open and appends may go on between them. */
  function* rows(device: string, from = 0): Generator<LedgerRow> {
    let after = from;
    for (;;) {
      const chunk = rowsAfter(device, after, CHUNK);
      yield* chunk;
      const last = chunk.at(-1);
      if (last === undefined || chunk.length < CHUNK) return;
      after = last.sequence;
    }
  }

  function put(row: LedgerRow): void {
    insert().run(row.device, row.sequence, row.atMs, row.hash, row.signature, row.body, row.data);
    insertWords().run(row.device, row.sequence, wordsOf(row));
  }

  function together<T>(run: () => T): T {
    if (database.isTransaction) return run();
    database.exec('BEGIN IMMEDIATE');
    try {
      const result = run();
      database.exec('COMMIT');
      return result;
    } catch (error) {
      // A full disk may have ended the transaction by itself.
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }

  /** Entries from before there was a search. */
  function addWords(): void {
    const count = (table: string) => Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n);
    if (count('ledger') === count('ledger_words')) return;
    together(() => {
      for (const row of selectWordless().all().map(toRow)) insertWords().run(row.device, row.sequence, wordsOf(row));
    });
  }

  if (!readOnly) addWords();

  return {
    append: (row) => together(() => put(row)),
    appendAll: (all) =>
      together(() => {
        for (const row of all) put(row);
      }),
    together,
    last(device) {
      const found = selectLast().get(device);
      return found === undefined ? null : toRow(found);
    },
    at(device, sequence) {
      const found = selectAt().get(device, sequence);
      return found === undefined ? null : toRow(found);
    },
    rows,
    rowsAfter,
    page(device, { before = Number.MAX_SAFE_INTEGER, sinceMs = Number.MIN_SAFE_INTEGER, limit }) {
      return selectPage().all(device, before, Math.ceil(sinceMs), limit).map(toRow);
    },
    devices: () =>
      selectDevices()
        .all()
        .map((row) => String(row.device)),
    ofKind: (kind) => selectKind().all(kind).map(toRow),
    timeline: (filter) => timelineOf(database, filter),
    ...asideStore(database, together),
    ...segmentFiles(path.join(path.dirname(database.location() ?? ''), 'segments')),
  };
}

/** Prepared at its first use: a command that only reads never needs those that write. */
function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
