import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dataPaths } from '../../../electron/platform/paths.ts';
import { createLedgerStore, openDataFolderDatabase } from '../../../electron/platform/sqlite/ledger-store.ts';
import { exportLines, verifyExport } from '../../../electron/services/ledger/export.ts';
import { createLedger } from '../../../electron/services/ledger/ledger.ts';
import type { EntryData } from '../../../shared/model/entry.ts';
import { breach, memoryLedger, newSigner, TRUST_ALL } from '../../support/ledger.ts';
import { type TempFolder, tempFolder } from '../../support/temp.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const incident: Extract<EntryData, { kind: 'incident.opened' }>['incident'] = {
  id: 'i1',
  title: 'checkout burns',
  services: [],
  environments: ['production'],
  openedAtMs: 0,
  openedBy: null,
  closedAtMs: null,
  closedBy: null,
};
let folder: TempFolder;
let nowMs: number;
beforeEach(() => {
  folder = tempFolder('seal');
  nowMs = 1_700_000_000_000;
});
afterEach(() => folder.remove());

function open(signer = newSigner()) {
  const database = openDataFolderDatabase(folder.path);
  const store = createLedgerStore(database);
  const ledger = createLedger({ store, signer, clock: { now: () => nowMs }, product: 'scram 0.0.0-test' });
  return { database, store, signer, ledger };
}

/** Ten entries a day for the last hundred days, the first one also of another device. */
function world() {
  const opened = open();
  const other = memoryLedger(20);
  opened.ledger.receive(other.store.rowsNow, TRUST_ALL);
  // One transaction: what this is about comes later.
  opened.database.exec('BEGIN');
  for (let day = 0; day < 100; day += 1) {
    for (let index = 0; index < 10; index += 1) opened.ledger.append(breach(day));
    nowMs += DAY_MS;
  }
  opened.database.exec('COMMIT');
  return { ...opened, other };
}

const kindsOf = (ledger: ReturnType<typeof open>['ledger']) => [...ledger.all()].map(({ body }) => body.data.kind);
const sealedFile = (file: string) => folder.at(`segments/${file}`);

describe('sealed segments', () => {
  it('D6: hold the oldest entries, whole and verified; the ledger begins after them and goes on', async () => {
    const { database, store, signer, ledger, other } = world();
    const before = ledger.head();
    const whole = [...exportLines(store, signer, 0)].slice(0, -1);
    const [ofOther, ours] = (await ledger.seal(nowMs - 40 * DAY_MS)).toSorted((a, b) => a.to - b.to);
    expect(ofOther).toMatchObject({ device: other.ledger.device, from: 1, to: 19 });
    expect(ours).toMatchObject({ device: ledger.device, from: 1, to: 602 });
    expect(
      readFileSync(sealedFile(ours?.file ?? ''), 'utf8')
        .trimEnd()
        .split('\n'),
    ).toHaveLength(602);

    expect(ledger.head().entries).toBe(before.entries + 2);
    expect(kindsOf(ledger).filter((kind) => kind === 'breach.began')).toHaveLength(401);
    expect(kindsOf(ledger).filter((kind) => kind === 'device.created')).toHaveLength(2);
    expect(ledger.verify()).toMatchObject({ verified: 'verified', problem: null });
    expect([...exportLines(store, signer, 0)].slice(0, whole.length)).toEqual(whole);
    expect(verifyExport(exportLines(store, signer, 0)).problem).toBeNull();
    expect(ledger.receive(other.store.rowsNow, TRUST_ALL)).toEqual({ taken: 0, refused: [] });
    expect(ledger.rowsAfter(ledger.device, 0, 5).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
    const third = memoryLedger(1);
    expect(third.ledger.receive(ledger.rowsAfter(ledger.device, 0, 5000), TRUST_ALL).taken).toBe(before.entries + 2);
    database.close();

    const again = open(signer);
    again.ledger.append(breach(0));
    expect(again.ledger.verify()).toMatchObject({ verified: 'verified', problem: null });
    other.ledger.append(breach(1));
    expect(again.ledger.receive(other.store.rowsNow, TRUST_ALL)).toEqual({ taken: 1, refused: [] });
    expect((await again.ledger.seal(nowMs - 31 * DAY_MS)).map(({ from }) => from)).toEqual(
      expect.arrayContaining([20, 603]),
    );
    expect(again.ledger.verify()).toMatchObject({ verified: 'verified', problem: null });
    again.database.close();
  });

  it('D6: a file that is gone is told, and the chain from there on still verifies; an altered one does not', async () => {
    const { database, ledger } = world();
    const [segment] = (await ledger.seal(nowMs - 40 * DAY_MS)).filter(({ device }) => device === ledger.device);
    const file = sealedFile(segment?.file ?? '');
    renameSync(file, folder.at('away'));
    expect(ledger.verify()).toMatchObject({
      verified: 'verified',
      problem: expect.stringContaining(`${segment?.file}, which is not there`),
    });
    const { ok } = ledger.checkAnchor(ledger.anchor('spoken', '', null).line);
    expect(ok).toBe(true);
    writeFileSync(
      file,
      readFileSync(folder.at('away'), 'utf8').replace('"value":3,', '"value":4,').replace('"value":3}', '"value":4}'),
    );
    expect(readFileSync(file, 'utf8')).not.toBe(readFileSync(folder.at('away'), 'utf8'));
    expect(ledger.verify()).toMatchObject({ verified: 'broken', problem: expect.stringContaining('was altered') });
    rmSync(file);
    const tampering = new DatabaseSync(dataPaths(folder.path).database);
    tampering.exec(`UPDATE segments SET hash = '${'a'.repeat(64)}' WHERE device = '${ledger.device}'`);
    tampering.close();
    expect(ledger.verify().verified).toBe('broken');
    database.close();
  });

  it('D6: an attacker cannot pass deleted entries off as sealed', () => {
    const { database, ledger } = world();
    const tampering = new DatabaseSync(dataPaths(folder.path).database);
    const hash = tampering
      .prepare('SELECT hash FROM ledger WHERE device = ? AND sequence = 500')
      .get(ledger.device)?.hash;
    tampering
      .prepare('INSERT INTO segments VALUES (?, 1, 500, ?, ?, ?)')
      .run(ledger.device, String(hash), `${ledger.device}-1-500.jsonl`, 'b'.repeat(64));
    tampering.exec(`DELETE FROM ledger WHERE device = '${ledger.device}' AND sequence BETWEEN 2 AND 500`);
    tampering.close();
    expect(ledger.verify()).toMatchObject({
      verified: 'broken',
      problem: 'entry 1 is gone, with those up to 500, and no entry says that they were sealed',
    });
    database.close();
  });

  it('D6: never reach into the last 30 days, nor past what has not ended', async () => {
    const { database, ledger } = open();
    ledger.append({ kind: 'note.added', text: 'first', incident: null });
    ledger.append({ kind: 'incident.opened', incident });
    ledger.append({ kind: 'note.added', text: 'second', incident: 'i1' });
    nowMs += 90 * DAY_MS;
    ledger.append(breach(1));
    await expect(ledger.seal(nowMs - 29 * DAY_MS)).rejects.toThrow('the last 30 days');
    expect(await ledger.seal(nowMs - 31 * DAY_MS)).toMatchObject([{ from: 1, to: 2 }]);
    expect(await ledger.seal(nowMs - 31 * DAY_MS)).toEqual([]);
    ledger.append({ kind: 'incident.closed', id: 'i1', note: 'over' });
    expect(await ledger.seal(nowMs - 31 * DAY_MS)).toMatchObject([{ from: 3, to: 4 }]);
    expect(kindsOf(ledger)).toContain('incident.closed');
    nowMs += 90 * DAY_MS;
    ledger.append(breach(1));
    await ledger.seal(nowMs - 31 * DAY_MS);
    expect(kindsOf(ledger)).not.toContain('incident.closed');
    expect(ledger.verify()).toMatchObject({ verified: 'verified', problem: null });
    database.close();
  });

  it('D6: SQLite itself refuses to remove what no segment holds', async () => {
    const { database, ledger } = world();
    await ledger.seal(nowMs - 40 * DAY_MS);
    expect(() => database.exec('DELETE FROM ledger')).toThrow('append-only');
    expect(() => database.exec('DELETE FROM segments')).toThrow('append-only');
    database.close();
  });
});
