import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCacheStore } from '../../../electron/platform/sqlite/cache.ts';
import {
  createLedgerStore,
  openDataFolderDatabase,
  openLedgerStoreReadOnly,
} from '../../../electron/platform/sqlite/ledger-store.ts';
import { migrate, schemaVersion } from '../../../electron/platform/sqlite/migrate.ts';
import { MIGRATIONS } from '../../../electron/platform/sqlite/schema.ts';
import { openDatabase } from '../../../electron/platform/sqlite/open.ts';
import { type TempFolder, tempFolder } from '../../support/temp.ts';

let folder: TempFolder;
beforeEach(() => {
  folder = tempFolder('sqlite');
});
afterEach(() => folder.remove());

describe('database', () => {
  it('is opened so that what is committed is on disk, for the user alone', () => {
    const database = openDatabase(folder.at('x.sqlite'));
    const pragma = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
    expect(pragma('journal_mode')).toBe('wal');
    expect(pragma('synchronous')).toBe(2);
    expect(pragma('foreign_keys')).toBe(1);
    expect(pragma('busy_timeout')).toBe(5000);
    database.exec('CREATE TABLE t (a)');
    for (const name of readdirSync(folder.path)) expect(statSync(folder.at(name)).mode & 0o777, name).toBe(0o600);
    expect(readdirSync(folder.path)).toContain('x.sqlite-wal');
    database.close();
  });

  it('is told apart from a file that is none', () => {
    writeFileSync(
      folder.at('scram.sqlite'),
      'this is not a database, and it is long enough to have a header of its own',
    );
    expect(() => openDataFolderDatabase(folder.path)).toThrow(/scram\.sqlite cannot be opened as a database/);
    expect(readFileSync(folder.at('scram.sqlite'), 'utf8')).toMatch(/^this is not/);
  });

  it('is not made by opening it to read', () => {
    expect(() => openLedgerStoreReadOnly(folder.path)).toThrow('there is no database');
    expect(readdirSync(folder.path)).toEqual([]);
  });
});

describe('migrations', () => {
  it('are numbered without a gap, each in a file of its number that imports nothing', () => {
    const files = readdirSync('electron/platform/sqlite/migrations').sort();
    expect(files).toEqual(MIGRATIONS.map(({ version, name }) => `${String(version).padStart(4, '0')}-${name}.ts`));
    for (const file of files) {
      expect(readFileSync(`electron/platform/sqlite/migrations/${file}`, 'utf8')).not.toMatch(/\bimport\b|\brequire\(/);
    }
  });

  it('run once, and only those that are missing', () => {
    const database = openDatabase(folder.at('x.sqlite'));
    migrate(database, [{ version: 1, name: 'a', sql: 'CREATE TABLE a (x)' }]);
    const two = [
      { version: 1, name: 'a', sql: 'CREATE TABLE a (x)' },
      { version: 2, name: 'b', sql: 'CREATE TABLE b (x)' },
    ];
    migrate(database, two);
    migrate(database, two);
    expect(schemaVersion(database)).toBe(2);
    expect(() => migrate(database, [...two.slice(1)])).toThrow('out of order');
    database.close();
  });

  it('that fail leave the version before them', () => {
    const database = openDatabase(folder.at('x.sqlite'));
    const bad = { version: 2, name: 'bad', sql: 'CREATE TABLE b (x); INSERT INTO nowhere VALUES (1);' };
    const first = { version: 1, name: 'a', sql: 'CREATE TABLE a (x)' };
    expect(() => migrate(database, [first, bad])).toThrow('migration 2 (bad) failed');
    expect(schemaVersion(database)).toBe(1);
    expect(database.prepare("SELECT name FROM sqlite_schema WHERE name = 'b'").get()).toBeUndefined();
    database.close();
  });

  it('0001: gives ledger and cache, and refuses to alter or delete entries', () => {
    const database = openDataFolderDatabase(folder.path);
    database.exec("INSERT INTO ledger VALUES ('d', 1, 5, 'h', 's', '{}', NULL)");
    expect(() => database.exec("UPDATE ledger SET body = 'x'")).toThrow('append-only');
    expect(() => database.exec('DELETE FROM ledger')).toThrow('append-only');
    expect(() => database.exec("INSERT INTO ledger VALUES ('d', 1, 5, 'h', 's', '{}', NULL)")).toThrow('UNIQUE');
    expect(() => database.exec("INSERT INTO ledger VALUES ('d', 'two', 5, 'h', 's', '{}', NULL)")).toThrow();
    database.close();
  });

  it('refuse a data folder of a newer version and leave it alone', () => {
    const database = openDataFolderDatabase(folder.path);
    database.exec('PRAGMA user_version = 99');
    database.close();
    expect(() => openDataFolderDatabase(folder.path)).toThrow('has schema 99');
  });
});

describe('cache', () => {
  it('E1: keeps the last answer with its time, over a restart', () => {
    const first = openDataFolderDatabase(folder.path);
    const cache = createCacheStore(first);
    expect(cache.get('flags')).toBeNull();
    cache.put('flags', '[1]', 10);
    cache.put('flags', '[2]', 20.7);
    first.close();
    const second = openDataFolderDatabase(folder.path);
    const again = createCacheStore(second);
    expect(again.get('flags')).toEqual({ value: '[2]', atMs: 20 });
    again.delete('flags');
    expect(again.get('flags')).toBeNull();
    second.close();
  });
});

describe('ledger store', () => {
  const row = (sequence: number, device = 'd') => ({
    device,
    sequence,
    atMs: sequence * 10,
    hash: 'h',
    signature: 's',
    body: '{}',
    data: null,
  });

  it('walks in order across chunks, also while entries are added, and pages from the newest', () => {
    const database = openDataFolderDatabase(folder.path);
    const store = createLedgerStore(database);
    database.exec('BEGIN');
    for (let sequence = 1; sequence <= 450; sequence += 1) store.append(row(sequence));
    store.append(row(1, 'other'));
    database.exec('COMMIT');
    const seen: number[] = [];
    for (const { sequence } of store.rows('d')) {
      if (sequence === 300) store.append(row(451));
      seen.push(sequence);
    }
    expect(seen).toEqual(Array.from({ length: 451 }, (_, index) => index + 1));
    expect(store.last('d')?.sequence).toBe(451);
    expect(store.last('nobody')).toBeNull();
    expect(store.page('d', { limit: 2 }).map((found) => found.sequence)).toEqual([451, 450]);
    expect(store.page('d', { before: 3, limit: 9 }).map((found) => found.sequence)).toEqual([2, 1]);
    expect(store.page('d', { sinceMs: 4489.5, limit: 9 }).map((found) => found.sequence)).toEqual([451, 450, 449]);
    expect(store.devices()).toEqual(['d', 'other']);
    database.close();
  });

  it('D6: keeps several rows or none of them, and goes on after either', () => {
    const database = openDataFolderDatabase(folder.path);
    const store = createLedgerStore(database);
    store.appendAll([row(1), row(2)]);
    expect(() => store.appendAll([row(3), row(4), row(2)])).toThrow('UNIQUE');
    expect(store.last('d')?.sequence).toBe(2);
    store.append(row(3));
    store.appendAll([row(4)]);
    expect([...store.rows('d')].map((found) => found.sequence)).toEqual([1, 2, 3, 4]);
    database.close();
  });
});
