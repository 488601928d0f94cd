import { closeSync, existsSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { ScramError } from '../../../shared/model/error.ts';

const BUSY_TIMEOUT_MS = 5000;

/**
 * Opens a database for the process that holds the data folder: WAL, and each commit synced before it returns
 * (synchronous=FULL), so that what was acknowledged survives a power cut. Readable by the user alone.
 */
export function openDatabase(file: string): DatabaseSync {
  return opened(file, () => {
    // SQLite gives its WAL files the mode of the database, so it is set before SQLite sees the file.
    closeSync(openSync(file, 'a', 0o600));
    const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    return database;
  });
}

/** Opens beside a writer, which may go on writing. Throws `not-found` when there is no file. */
export function openDatabaseReadOnly(file: string): DatabaseSync {
  if (!existsSync(file)) throw new ScramError('not-found', `there is no database at ${file}`);
  return opened(file, () => {
    const database = new DatabaseSync(file, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
    return database;
  });
}

function opened(file: string, open: () => DatabaseSync): DatabaseSync {
  try {
    return open();
  } catch (cause) {
    throw new ScramError('ledger', `${file} cannot be opened as a database: ${(cause as Error).message}`, {
      action: 'Keep the file as it is for inspection, and restore a backup or start with another data folder.',
      cause,
    });
  }
}
