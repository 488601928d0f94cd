import { appendFileSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadOrCreateDeviceKey } from '../../../electron/platform/crypto.ts';
import { writeFileAtomic } from '../../../electron/platform/files.ts';
import { dataPaths } from '../../../electron/platform/paths.ts';
import {
  createLedgerStore,
  openDataFolderDatabase,
  openLedgerStoreReadOnly,
} from '../../../electron/platform/sqlite/ledger-store.ts';
import { exportLines, verifyExport } from '../../../electron/services/ledger/export.ts';
import { createLedger } from '../../../electron/services/ledger/ledger.ts';
import { createLedgerReader, ownDevice } from '../../../electron/services/ledger/reader.ts';
import { breach } from '../../support/ledger.ts';
import { type TempFolder, tempFolder } from '../../support/temp.ts';

const ENTRIES = 10;
let folder: TempFolder;
let head: { entries: number; hash: string };

async function openLedger() {
  const database = openDataFolderDatabase(folder.path);
  const store = createLedgerStore(database);
  const signer = await loadOrCreateDeviceKey(dataPaths(folder.path).deviceKey);
  const ledger = createLedger({ store, signer, clock: Date, product: 'scram 0.0.0-test' });
  return { database, store, signer, ledger };
}

function verifyFromOutside(known?: typeof head) {
  const { store, close } = openLedgerStoreReadOnly(folder.path);
  try {
    return createLedgerReader(store, ownDevice(store), known && (() => known)).verify();
  } finally {
    close();
  }
}

beforeEach(async () => {
  folder = tempFolder('tamper');
  const { database, ledger } = await openLedger();
  while (ledger.head().entries < ENTRIES) ledger.append(breach(ledger.head().entries));
  head = ledger.head();
  database.close();
});
afterEach(() => folder.remove());

describe('tampering with the database file', () => {
  it.each([
    ['altered words', `UPDATE ledger SET data = replace(data, '"value":4', '"value":5') WHERE sequence = 5`, 'entry 5'],
    ['an altered body', `UPDATE ledger SET body = replace(body, '"atMs":', '"atMs":1') WHERE sequence = 5`, 'entry 5'],
    [
      'words that were taken away with no redaction',
      'UPDATE ledger SET data = NULL WHERE sequence = 5',
      'entry 5 has lost its words, and no entry says that they were redacted',
    ],
    ['an altered time', 'UPDATE ledger SET at_ms = at_ms - 1 WHERE sequence = 6', 'entry 6'],
    [
      'an exchanged signature',
      'UPDATE ledger SET signature = (SELECT signature FROM ledger WHERE sequence = 2) WHERE sequence = 3',
      'entry 3',
    ],
    ['a deleted entry', 'DELETE FROM ledger WHERE sequence = 4', 'entry 4 is missing'],
    [
      'a deleted entry, numbered anew',
      'DELETE FROM ledger WHERE sequence = 4; UPDATE ledger SET sequence = sequence - 1 WHERE sequence > 4',
      'entry 4',
    ],
    [
      'entries in another order',
      'UPDATE ledger SET sequence = 99 WHERE sequence = 4; UPDATE ledger SET sequence = 4 WHERE sequence = 5; UPDATE ledger SET sequence = 5 WHERE sequence = 99',
      'entry 4',
    ],
    [
      'an inserted entry',
      `INSERT INTO ledger SELECT device, ${ENTRIES + 1}, at_ms, hash, signature, body, data FROM ledger WHERE sequence = 7`,
      'entry 11',
    ],
    ['a body that is no JSON', "UPDATE ledger SET body = 'x' WHERE sequence = 8", 'entry 8'],
  ])('D6: finds %s', (_, sql, problem) => {
    const database = new DatabaseSync(dataPaths(folder.path).database);
    database.exec(`DROP TRIGGER ledger_no_update; DROP TRIGGER ledger_no_delete; ${sql}`);
    database.close();
    const verdict = verifyFromOutside();
    expect(verdict.verified).toBe('broken');
    expect(verdict.problem).toContain(problem);
  });

  it('D6: finds a cut-off end against a head that is known', () => {
    const database = new DatabaseSync(dataPaths(folder.path).database);
    database.exec(`DROP TRIGGER ledger_no_delete; DELETE FROM ledger WHERE sequence > 7`);
    database.close();
    expect(verifyFromOutside().verified).toBe('verified');
    expect(verifyFromOutside(head)).toMatchObject({
      verified: 'broken',
      problem: 'entry 8 is missing: the end was cut off',
    });
  });

  it('D6: finds a byte changed in the file itself, past SQLite', () => {
    const file = dataPaths(folder.path).database;
    // Latin-1 keeps every byte; SQLite may have left older copies of a row in free space, so all are changed.
    const bytes = readFileSync(file, 'latin1');
    expect(bytes).toContain('"value":3');
    writeFileSync(file, bytes.replaceAll('"value":3', '"value":7'), 'latin1');
    expect(verifyFromOutside()).toMatchObject({ verified: 'broken', problem: expect.stringContaining('entry 4') });
  });

  it('goes on recording on a broken chain, and keeps naming what is wrong', async () => {
    const database = new DatabaseSync(dataPaths(folder.path).database);
    database.exec(`DROP TRIGGER ledger_no_delete; DELETE FROM ledger WHERE sequence = 4`);
    database.close();
    const open = await openLedger();
    expect(open.ledger.append(breach(0)).body.sequence).toBe(ENTRIES + 1);
    expect(open.ledger.verify()).toMatchObject({
      verified: 'broken',
      problem: 'entry 4 is missing',
      entries: ENTRIES + 1,
    });
    open.database.close();
  });
});

describe('reading beside a console', () => {
  it('D6: verifies while the ledger is open and growing, and sees the new entries', async () => {
    const { database, ledger } = await openLedger();
    expect(verifyFromOutside()).toMatchObject({ verified: 'verified', entries: ENTRIES });
    ledger.append(breach(1));
    expect(verifyFromOutside()).toMatchObject({ verified: 'verified', entries: ENTRIES + 1 });
    database.close();
  });

  it('D6: an exported file verifies far from its data folder, and a change of it shows', async () => {
    const { database, store, signer, ledger } = await openLedger();
    const file = folder.at('ledger.jsonl');
    await writeFileAtomic(file, [...exportLines(store, signer, Date.now())].join(''));
    database.close();
    const lines = () => readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(verifyExport(lines(), ledger.device)).toMatchObject({ entries: ENTRIES, problem: null });
    copyFileSync(file, folder.at('copy'));
    appendFileSync(file, '{}\n');
    expect(verifyExport(lines()).problem).not.toBeNull();
    writeFileSync(file, readFileSync(folder.at('copy'), 'utf8').replace('"value":4', '"value":5'));
    expect(verifyExport(lines()).problem).toMatchObject({ sequence: 5 });
  });
});
