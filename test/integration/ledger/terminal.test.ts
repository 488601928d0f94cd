import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dataPaths } from '../../../electron/platform/paths.ts';
import { createLedgerStore, openDataFolderDatabase } from '../../../electron/platform/sqlite/ledger-store.ts';
import { loadOrCreateDeviceKey } from '../../../electron/platform/crypto.ts';
import { createLedger } from '../../../electron/services/ledger/ledger.ts';
import { breach, memoryLedger, TRUST_ALL } from '../../support/ledger.ts';
import { type TempFolder, tempFolder } from '../../support/temp.ts';
import { runScram } from '../../support/web-host.ts';

const CONFIG = `version: 1
team: payments
environments: { production: { tone: production } }
connections: []
`;
const WORDS = 'her number is 555-0199';
const YEAR_MS = 365 * 24 * 60 * 60 * 1000;
let folder: TempFolder;
let data: string;
beforeEach(async () => {
  folder = tempFolder('ledger-terminal');
  data = folder.at('data');
  writeFileSync(folder.at('scram.yaml'), CONFIG);
});
afterEach(() => folder.remove());

const scram = (...args: string[]) => runScram([...args, '--data-dir', data], { cwd: folder.path });

/** A data folder with an old chain of its own, and one of another device. */
async function seed(): Promise<{ own: string; other: string; noteAt: number }> {
  expect((await scram('status')).code).toBe(0);
  const database = openDataFolderDatabase(data);
  const signer = await loadOrCreateDeviceKey(dataPaths(data).deviceKey);
  const store = createLedgerStore(database);
  const ledger = createLedger({ store, signer, clock: Date, product: 'scram' });
  const other = memoryLedger(5);
  ledger.receive(other.store.rowsNow, TRUST_ALL);
  const { body } = ledger.append({ kind: 'note.added', text: WORDS, incident: null });
  ledger.append(breach(1));
  database.close();
  return { own: ledger.device, other: other.ledger.device, noteAt: body.sequence };
}

describe('scram ledger', () => {
  it('D10: adds anchors to a file, and finds by them that the newest entries were cut off', async () => {
    const { own } = await seed();
    const file = folder.at('anchors.txt');
    writeFileSync(file, '# anchors of team payments\n\n');
    const added = await scram('ledger', 'anchor', '--file', file);
    expect({ code: added.code, stderr: added.stderr }).toEqual({ code: 0, stderr: '' });
    expect(added.stdout).toMatch(/to read aloud: ([0-9A-Z]{4}-){7}[0-9A-Z]{4}/);
    expect((await scram('ledger', 'anchor', '--file', file)).code).toBe(0);
    expect(readFileSync(file, 'utf8').match(/^scram-anchor-v1 /gm)).toHaveLength(2);
    const good = await scram('ledger', 'verify', '--anchor', file);
    expect(good.stdout).toContain('anchor in line 4: Every head of the anchor');
    expect(good.code).toBe(0);

    const database = new DatabaseSync(dataPaths(data).database);
    database.exec(`DROP TRIGGER ledger_no_delete; DELETE FROM ledger WHERE device = '${own}' AND sequence > 4`);
    database.close();
    expect((await scram('ledger', 'verify')).code).toBe(0);
    const cut = await scram('ledger', 'verify', '--anchor', file);
    expect(cut.code).toBe(8);
    expect(cut.stderr).toContain('the end was cut off');
    writeFileSync(folder.at('empty'), '');
    expect((await scram('ledger', 'verify', '--anchor', folder.at('empty'))).code).toBe(8);
  }, 60_000);

  it('D6: exports every chain, and verifies it anywhere; a change of any of them is found', async () => {
    const { own, other } = await seed();
    const file = folder.at('ledger.jsonl');
    expect((await scram('ledger', 'export', file)).code).toBe(0);
    const verified = await scram('ledger', 'verify', file, '--json');
    expect(verified.code).toBe(0);
    expect(JSON.parse(verified.stdout)).toMatchObject({
      device: own,
      problem: null,
      chains: [{ device: other, entries: 5 }, { device: own }],
      people: { checked: 0, unchecked: 0 },
    });
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('"value":0.5', '"value":0.6'));
    const altered = await scram('ledger', 'verify', file);
    expect(altered.code).toBe(8);
    expect(altered.stderr).toContain(`of device ${other}`);
    writeFileSync(file, text);
    appendFileSync(file, '{}\n');
    expect((await scram('ledger', 'verify', file)).code).toBe(8);
    expect((await scram('ledger', 'verify', 'test')).code).not.toBe(0);
  }, 60_000);

  it('D6: knows its own chain by the key, and does not take another’s for it', async () => {
    const { own, other } = await seed();
    const database = new DatabaseSync(dataPaths(data).database);
    database.exec(`UPDATE own_device SET device = '${other}'`);
    database.close();
    const verified = await scram('ledger', 'verify');
    expect(verified.code).toBe(8);
    expect(verified.stderr).toContain(`written by device ${other}, the key is of ${own}`);
  }, 60_000);

  it('D6: redacts an entry by its number, with a reason', async () => {
    const { noteAt } = await seed();
    expect((await scram('ledger', 'redact', String(noteAt))).code).toBe(2);
    expect((await scram('ledger', 'redact', 'x', '--reason', 'private')).code).toBe(2);
    expect(await scram('ledger', 'redact', '1', '--reason', 'private')).toMatchObject({ code: 3 });
    const done = await scram('ledger', 'redact', String(noteAt), '--reason', 'private');
    expect({ code: done.code, stderr: done.stderr }).toEqual({ code: 0, stderr: '' });
    const shown = await scram('ledger', 'show');
    expect(shown.stdout).toContain(`${noteAt}  `);
    expect(shown.stdout).toContain('its words were taken away');
    expect((await scram('ledger', 'verify')).code).toBe(0);
    for (const name of readdirSync(data)) {
      if (name.startsWith('scram.sqlite')) expect(readFileSync(`${data}/${name}`, 'latin1')).not.toContain(WORDS);
    }
  }, 60_000);

  it('D6: seals what is old, and says so when nothing is', async () => {
    await seed();
    const nothing = await scram('ledger', 'seal', '--before', new Date(Date.now() - 10 * YEAR_MS).toISOString());
    expect(nothing.stdout).toContain('nothing to seal');
    expect((await scram('ledger', 'seal')).code).toBe(2);
    expect((await scram('ledger', 'seal', '--before', '1h')).code).toBe(3);
    // The other device's entries are of 2023.
    const sealed = await scram('ledger', 'seal', '--before', '40d');
    expect(sealed.stdout).toMatch(/entries 1 to 4 of device .* sealed in segments\//);
    expect((await scram('ledger', 'verify')).code).toBe(0);
  }, 60_000);
});
