import { readdirSync, readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../../electron/services/signing/actor.ts';
import type { Trust } from '../../../electron/services/ledger/api.ts';
import { dataPaths } from '../../../electron/platform/paths.ts';
import { createLedgerStore, openDataFolderDatabase } from '../../../electron/platform/sqlite/ledger-store.ts';
import { exportLines, verifyExport } from '../../../electron/services/ledger/export.ts';
import { createLedger } from '../../../electron/services/ledger/ledger.ts';
import type { EntryData } from '../../../shared/model/entry.ts';
import { breach, memoryLedger, newSigner, steppingClock, TRUST_ALL } from '../../support/ledger.ts';
import { type TempFolder, tempFolder } from '../../support/temp.ts';

const WORDS = 'Ada Lovelace called, her number is 555-0199';
const note: EntryData = { kind: 'note.added', text: WORDS, incident: null };
let folder: TempFolder;
beforeEach(() => {
  folder = tempFolder('redact');
});
afterEach(() => folder.remove());

function open(signer = newSigner()) {
  const database = openDataFolderDatabase(folder.path);
  const store = createLedgerStore(database);
  const ledger = createLedger({ store, signer, clock: steppingClock(), product: 'scram 0.0.0-test' });
  return { database, store, signer, ledger };
}

function person(operator: string): Actor {
  const key = newSigner();
  return { person: { operator, key: 'k1' }, sign: (text) => key.sign(text) };
}

/** Files of the folder in which the words stand, whole. */
function filesWith(words: string): string[] {
  return readdirSync(folder.path).filter((name) => {
    const bytes = readFileSync(folder.at(name), 'latin1');
    return bytes.includes(words) || bytes.includes(words.toLowerCase());
  });
}

describe('redaction', () => {
  it('D6: takes the words out of the entry, the search and the file, and the chain verifies before and after', () => {
    const { database, store, signer, ledger } = open();
    // Enough around it that SQLite divides pages, and leaves copies behind.
    for (let index = 0; index < 50; index += 1) ledger.append(breach(index));
    const { body } = ledger.append(note);
    for (let index = 0; index < 200; index += 1) ledger.append(breach(index));
    expect(ledger.timeline({ offset: 0, limit: 9, search: 'lovelace' }).total).toBe(1);
    expect(ledger.verify().verified).toBe('verified');
    expect(filesWith(WORDS)).not.toEqual([]);

    const told = ledger.redact(ledger.device, body.sequence, 'a private number', null);
    expect(told.body.data).toMatchObject({
      kind: 'entry.redacted',
      sequence: body.sequence,
      reason: 'a private number',
    });
    expect(ledger.verify()).toMatchObject({ verified: 'verified', problem: null });
    expect([...ledger.all()].find(({ body: one }) => one.sequence === body.sequence)?.body.data).toEqual({
      kind: 'redacted',
    });
    expect(ledger.timeline({ offset: 0, limit: 9, search: 'lovelace' }).total).toBe(0);
    expect(ledger.timeline({ offset: 0, limit: 9, kinds: ['redacted'] }).total).toBe(1);
    expect(filesWith(WORDS)).toEqual([]);
    const lines = [...exportLines(store, signer, 0)];
    expect(lines.join('')).not.toContain('Lovelace');
    expect(verifyExport(lines)).toMatchObject({ entries: ledger.head().entries, problem: null });
    expect(() => ledger.redact(ledger.device, body.sequence, 'again', null)).toThrow('it was redacted before');
    database.close();
    expect(filesWith(WORDS)).toEqual([]);
  });

  it('D6: while somebody reads, is done; and its bytes go as soon as nobody does', () => {
    const { database, signer, ledger } = open();
    const { body } = ledger.append(note);
    const reader = new DatabaseSync(dataPaths(folder.path).database, { readOnly: true });
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM ledger').get();
    ledger.redact(ledger.device, body.sequence, 'a private number', null);
    expect(ledger.verify().verified).toBe('verified');
    expect(filesWith(WORDS)).not.toEqual([]);
    reader.close();
    database.close();
    open(signer).database.close();
    expect(filesWith(WORDS)).toEqual([]);
  });

  it('D6: an admin’s redaction is followed where the entry is held, and where it comes later', () => {
    const { database, ledger } = open();
    const author = memoryLedger(1);
    const admin = memoryLedger(1);
    const late = memoryLedger(1);
    const { body } = author.ledger.append(note);
    const rows = author.store.rowsNow.slice();
    ledger.receive(rows, TRUST_ALL);
    admin.ledger.receive(rows, TRUST_ALL);
    const kim = person('kim');
    admin.ledger.redact(author.ledger.device, body.sequence, 'private', kim);
    const ofAdmin = admin.store.rowsNow.filter(({ device }) => device === admin.ledger.device);

    const nobody: Trust = { ...TRUST_ALL, mayRedact: () => false };
    expect(memoryLedger(1).ledger.receive([...rows, ...ofAdmin], nobody).refused).toEqual([]);
    const untouched = memoryLedger(1);
    untouched.ledger.receive([...rows, ...ofAdmin], nobody);
    expect(JSON.stringify(untouched.store.rowsNow)).toContain('Lovelace');

    expect(ledger.receive(ofAdmin, TRUST_ALL).taken).toBe(ofAdmin.length);
    expect(filesWith(WORDS)).toEqual([]);
    expect(ledger.verify()).toMatchObject({ verified: 'verified', problem: null });
    // Where the redaction is known first, the words are not even written.
    late.ledger.receive(ofAdmin, TRUST_ALL);
    late.ledger.receive(rows, TRUST_ALL);
    expect(JSON.stringify(late.store.rowsNow)).not.toContain('Lovelace');
    expect(late.ledger.verify()).toMatchObject({ verified: 'verified', problem: null });
    // And one who takes it over without its words finds nothing wrong.
    const third = memoryLedger(1);
    const bare = late.store.rowsNow.filter(({ device }) => device !== late.ledger.device);
    expect(third.ledger.receive(bare, TRUST_ALL).refused).toEqual([]);
    expect(third.ledger.verify().verified).toBe('verified');
    database.close();
  });

  it('D6: refuses what the console decides by, and what has not ended', () => {
    const { database, ledger } = open();
    const refusal = (data: EntryData) => {
      const { body } = ledger.append(data);
      try {
        ledger.redact(ledger.device, body.sequence, 'x', null);
        return null;
      } catch (error) {
        return (error as Error).message.replace(/^.*redacted: /, '');
      }
    };
    const incident = {
      id: 'i1',
      title: 'checkout burns',
      services: [],
      environments: ['production'],
      openedAtMs: 0,
      openedBy: null,
      closedAtMs: null,
      closedBy: null,
    };
    const glass = {
      id: 'g1',
      environment: 'production',
      reason: 'nobody else awake',
      device: ledger.device,
      operator: 'sam',
      openedAtMs: 0,
      untilMs: 1,
      reviewByMs: 2,
    };
    expect(refusal(breach(1))).toBe('an entry of kind breach.began holds no words of people');
    expect(refusal({ kind: 'operator.unlocked', operator: 'sam', key: 'k', how: 'passphrase' })).toContain(
      'holds no words',
    );
    expect(refusal({ kind: 'incident.opened', incident })).toBe('the incident is still open');
    expect(refusal({ kind: 'breakglass.opened', glass })).toBe('nobody has reviewed the break-glass yet');
    expect(refusal({ kind: 'incident.closed', id: 'i1', note: 'over' })).toBe(
      'redact the opening of its incident first',
    );
    expect(refusal({ kind: 'breakglass.reviewed', id: 'g1', verdict: 'accepted', note: 'fine' })).toBe(
      'redact its break-glass first',
    );
    expect(refusal(note)).toBeNull();
    ledger.redact(ledger.device, 4, 'now it may', null);
    ledger.redact(ledger.device, 6, 'now it may', null);
    expect(() => ledger.redact(ledger.device, 999, 'x', null)).toThrow('there is no entry 999');
    expect(() => ledger.redact(ledger.device, 1, 'x', null)).toThrow('holds no words');
    database.close();
  });

  it('D6: SQLite itself refuses to take words away that no redaction names', () => {
    const { database, ledger } = open();
    ledger.append(note);
    expect(() => database.exec('UPDATE ledger SET data = NULL WHERE sequence = 2')).toThrow('append-only');
    ledger.redact(ledger.device, 2, 'x', null);
    expect(() => database.exec(`UPDATE ledger SET data = '{}' WHERE sequence = 2`)).toThrow('append-only');
    expect(() => database.exec('DELETE FROM redactions')).toThrow('append-only');
    database.close();
  });
});
