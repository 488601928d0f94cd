import { DatabaseSync } from 'node:sqlite';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dataPaths } from '../../../electron/platform/paths.ts';
import {
  createLedgerStore,
  openDataFolderDatabase,
  openLedgerStoreReadOnly,
} from '../../../electron/platform/sqlite/ledger-store.ts';
import { ledgerAndCache } from '../../../electron/platform/sqlite/migrations/0001-ledger-and-cache.ts';
import { createLedger } from '../../../electron/services/ledger/ledger.ts';
import { createLedgerReader, ownDevice } from '../../../electron/services/ledger/reader.ts';
import type { Signer } from '../../../electron/services/ledger/store.ts';
import { breach, memoryLedger, newSigner, TRUST_ALL } from '../../support/ledger.ts';
import { type TempFolder, tempFolder } from '../../support/temp.ts';

const product = 'scram 0.0.0-test';
let folder: TempFolder;
beforeEach(() => {
  folder = tempFolder('merge');
});
afterEach(() => folder.remove());

function open(signer: Signer) {
  const database = openDataFolderDatabase(folder.path);
  const store = createLedgerStore(database);
  const ledger = createLedger({ store, signer, clock: Date, product });
  return { database, store, ledger };
}

describe('chains of several devices in one file', () => {
  it('D8: are kept over a restart, each as it came, and all verify, also from outside', () => {
    const signer = newSigner();
    const others = [memoryLedger(700), memoryLedger(300)];
    const first = open(signer);
    for (const { store } of others) expect(first.ledger.receive(store.rowsNow, TRUST_ALL).refused).toEqual([]);
    first.database.close();

    const again = open(signer);
    expect(again.ledger.verify().verified).toBe('verified');
    expect(again.ledger.chains().map(({ entries, problem }) => [entries, problem])).toEqual(
      expect.arrayContaining([
        [700, null],
        [300, null],
      ]),
    );
    for (const { store, ledger } of others) {
      expect([...again.store.rows(ledger.device)]).toEqual(store.rowsNow);
      expect(again.ledger.receive(store.rowsNow, TRUST_ALL)).toEqual({ taken: 0, refused: [] });
    }
    expect([...again.ledger.all()]).toHaveLength(1000 + again.ledger.head().entries);
    again.database.close();

    const outside = openLedgerStoreReadOnly(folder.path);
    expect(ownDevice(outside.store)).toBe(again.ledger.device);
    expect(createLedgerReader(outside.store, ownDevice(outside.store)).verify().verified).toBe('verified');
    outside.close();
  });

  it('D6: the folder of another device’s key is refused, and so is one whose beginning is gone', () => {
    const signer = newSigner();
    const { database, ledger } = open(signer);
    ledger.append(breach(1));
    database.close();
    expect(() => open(newSigner())).toThrow(`the ledger was written by device ${ledger.device}`);
    const tampering = new DatabaseSync(dataPaths(folder.path).database);
    tampering.exec('DROP TRIGGER ledger_no_delete; DELETE FROM ledger');
    tampering.close();
    expect(() => open(signer)).toThrow(`the first entries of this device, ${ledger.device}, are gone`);
  });

  it('D8: a row that was left aside is kept once, as it came', () => {
    const { database, store, ledger } = open(newSigner());
    const other = memoryLedger(2);
    const [first, second] = other.store.rowsNow;
    const forged = { ...second!, data: '{"data":{"kind":"console.started"},"salt":"x"}' };
    for (let round = 0; round < 3; round += 1) ledger.receive([first!, forged], TRUST_ALL);
    expect(store.quarantined()).toMatchObject([{ ...forged, what: expect.stringContaining('altered') }]);
    expect(ledger.page({ limit: 9 }).map(({ body }) => body.data.kind)).toEqual([
      'head.countersigned',
      'chain.quarantined',
      'device.created',
    ]);
    database.close();
  });
});

describe('a ledger of version 1', () => {
  const lines = readFileSync('test/fixtures/ledger-v1/export.jsonl', 'utf8').trimEnd().split('\n');
  const entries = lines.slice(0, -1).map((line) => JSON.parse(line));
  /** The lines as that version wrote them: canonical, so that the body's text is a piece of its line. */
  const bodyOf = (line: string) => line.slice('{"body":'.length, line.lastIndexOf(',"hash":'));

  function makeOldFolder(): void {
    const database = new DatabaseSync(dataPaths(folder.path).database);
    database.exec(`${ledgerAndCache.sql} PRAGMA user_version = 1`);
    const insert = database.prepare('INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?)');
    entries.forEach(({ body, hash, signature }, index) => {
      insert.run(body.device, body.sequence, body.atMs, hash, signature, bodyOf(lines[index] ?? ''));
    });
    database.close();
  }

  it('D6: reads and verifies as it lies, before this version has opened it', () => {
    makeOldFolder();
    const { store, close } = openLedgerStoreReadOnly(folder.path);
    const reader = createLedgerReader(store, ownDevice(store));
    expect(reader.verify()).toMatchObject({ verified: 'verified', entries: entries.length });
    expect([...reader.all()].map(({ body }) => body.data)).toEqual(entries.map(({ body }) => body.data));
    close();
  });

  it('D6: is migrated, verifies, is found by its words, and can be received', () => {
    makeOldFolder();
    const { device } = entries[0].body;
    const database = openDataFolderDatabase(folder.path);
    const store = createLedgerStore(database);
    expect(store.own()).toBe(device);
    expect(createLedgerReader(store, device).verify()).toMatchObject({ verified: 'verified', entries: entries.length });
    expect(store.timeline({ offset: 0, limit: 9, search: 'ZÄHLER „P99“' })).toMatchObject({
      total: 1,
      rows: [{ sequence: entries.find(({ body }) => body.data.kind === 'change.proposed').body.sequence }],
    });
    expect(store.timeline({ offset: 0, limit: 1, kinds: ['breach.began'] }).total).toBe(1);
    const other = memoryLedger(1);
    expect(other.ledger.receive([...store.rows(device)], TRUST_ALL)).toEqual({ taken: entries.length, refused: [] });
    expect(other.ledger.verify().verified).toBe('verified');
    database.close();
  });
});
