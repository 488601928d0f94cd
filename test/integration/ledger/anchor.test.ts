import { copyFileSync, mkdirSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dataPaths } from '../../../electron/platform/paths.ts';
import { createLedgerStore, openDataFolderDatabase } from '../../../electron/platform/sqlite/ledger-store.ts';
import { createLedger } from '../../../electron/services/ledger/ledger.ts';
import type { Signer } from '../../../electron/services/ledger/store.ts';
import { breach, memoryLedger, newSigner, steppingClock, TRUST_ALL } from '../../support/ledger.ts';
import { type TempFolder, tempFolder } from '../../support/temp.ts';

let folder: TempFolder;
beforeEach(() => {
  folder = tempFolder('anchor');
});
afterEach(() => folder.remove());

function open(signer: Signer, at = folder.path) {
  const database = openDataFolderDatabase(at);
  const store = createLedgerStore(database);
  const ledger = createLedger({ store, signer, clock: steppingClock(), product: 'scram 0.0.0-test' });
  return { database, store, ledger };
}

/** What somebody with the file can do: the triggers are theirs to drop. */
function attack(sql: string): string {
  const copy = folder.at('stolen');
  mkdirSync(copy);
  copyFileSync(dataPaths(folder.path).database, dataPaths(copy).database);
  const database = new DatabaseSync(dataPaths(copy).database);
  database.exec(`DROP TRIGGER ledger_no_update; DROP TRIGGER ledger_no_delete; ${sql}`);
  database.close();
  return copy;
}

async function world() {
  const signer = newSigner();
  const { database, ledger } = open(signer);
  const other = memoryLedger(10);
  for (let index = 0; index < 5; index += 1) ledger.append(breach(index));
  ledger.receive(other.store.rowsNow, TRUST_ALL);
  const anchor = ledger.anchor('file', 'anchors.txt', null);
  const { verified } = await ledger.verifyInSteps();
  expect(verified).toBe('verified');
  database.close();
  return { signer, own: ledger.device, other: other.ledger.device, otherRows: other.store.rowsNow, anchor };
}

async function check(at: string, signer: Signer, text: string) {
  const { database, ledger } = open(signer, at);
  await ledger.verifyInSteps();
  const found = ledger.checkAnchor(text);
  const head = ledger.head();
  database.close();
  return { ...found, head };
}

describe('anchors', () => {
  it('D10: a line holds every head, is signed, and goes on holding while the chains grow', async () => {
    const { signer, own, other, anchor } = await world();
    expect(anchor.line).toMatch(/^scram-anchor-v1 2023-11-14T\S+Z [0-9a-f]{64} /);
    expect(anchor.line).toContain(`${other}:10:`);
    expect(anchor.line).toContain(`${own}:7:`);
    expect(anchor.spoken).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){7}[0-9A-HJKMNP-TV-Z]{4}$/);
    const { database, ledger } = open(signer);
    ledger.append(breach(1));
    database.close();
    expect(await check(folder.path, signer, `  ${anchor.line}\n`)).toMatchObject({ ok: true });
    const heard = anchor.spoken.toLowerCase().replaceAll('-', ' ').replaceAll('1', 'l').replaceAll('0', 'o');
    expect(await check(folder.path, signer, heard)).toMatchObject({ ok: true });
  });

  it.each([
    ['a cut line', (line: string) => line.slice(0, -20), 'did not sign'],
    ['a cut head', (line: string) => line.replace(/:[0-9a-f]{64} by=/, ' by='), 'no whole line'],
    ['another number', (line: string) => line.replace(/:10:/, ':9:'), 'no whole line'],
    ['another time', (line: string) => line.replace('2023-11-14', '2023-11-13'), 'did not sign'],
    ['another device', (line: string) => line.replace(/by=\w+/, `by=${'0'.repeat(32)}`), 'its chain is not here'],
    ['something else', () => 'hello', 'no whole line'],
    ['other words read aloud', () => '0000-'.repeat(8).slice(0, -1), 'misheard'],
  ])('D10: finds %s', async (_, alter, words) => {
    const { signer, anchor } = await world();
    expect(alter(anchor.line)).not.toBe(anchor.line);
    const found = await check(folder.path, signer, alter(anchor.line));
    expect(found.ok).toBe(false);
    expect(found.words).toContain(words);
  });

  it('D10: find that the newest entries of this device were cut off', async () => {
    const { signer, own, anchor } = await world();
    const copy = attack(`DELETE FROM ledger WHERE device = '${own}' AND sequence > 4`);
    const found = await check(copy, signer, anchor.line);
    // Nothing else tells: the chain that is left is whole.
    expect(found.head.verified).toBe('verified');
    expect(found).toMatchObject({ ok: false, words: expect.stringContaining(`device ${own} has no entry 7`) });
    expect(await check(copy, signer, anchor.spoken)).toMatchObject({ ok: false });
  });

  it('D10: find that the newest entries of another device were cut off with all that this one says of them', async () => {
    const { signer, own, other, anchor } = await world();
    const copy = attack(
      `DELETE FROM ledger WHERE device = '${other}' AND sequence > 8; DELETE FROM ledger WHERE device = '${own}' AND sequence > 6`,
    );
    const found = await check(copy, signer, anchor.line);
    expect(found.head.verified).toBe('verified');
    expect(found.ok).toBe(false);
  });

  it('D10: find a chain that its own device wrote anew', async () => {
    const { signer, own, anchor } = await world();
    const copy = attack(`DELETE FROM ledger WHERE device = '${own}' AND sequence > 4`);
    const { database, ledger } = open(signer, copy);
    for (let index = 0; index < 9; index += 1) ledger.append(breach(index));
    database.close();
    const found = await check(copy, signer, anchor.line);
    expect(found.head.verified).toBe('verified');
    expect(found).toMatchObject({ ok: false, words: expect.stringContaining('it was rewritten') });
  });
});

describe('countersignatures', () => {
  it('D10: find that the newest entries of another device were cut off', async () => {
    const { signer, other, anchor } = await world();
    const copy = attack(`DELETE FROM ledger WHERE device = '${other}' AND sequence > 8`);
    const { head, ok } = await check(copy, signer, anchor.line);
    expect(head).toMatchObject({ verified: 'broken', problem: expect.stringContaining('entry 9 is missing') });
    expect(ok).toBe(false);
  });

  it('D10: find that the newest entries of this device were cut off, where another has countersigned them', async () => {
    const signer = newSigner();
    const { database, ledger } = open(signer);
    for (let index = 0; index < 5; index += 1) ledger.append(breach(index));
    const other = memoryLedger(1);
    other.ledger.receive(ledger.rowsAfter(ledger.device, 0, 99), TRUST_ALL);
    ledger.receive(other.ledger.rowsAfter(other.ledger.device, 0, 99), TRUST_ALL);
    database.close();
    const copy = attack(`DELETE FROM ledger WHERE device = '${ledger.device}' AND sequence > 3`);
    const again = open(signer, copy);
    expect(again.ledger.verify()).toMatchObject({
      verified: 'broken',
      problem: `entry 4 is missing: the end was cut off after device ${other.ledger.device} had countersigned it`,
    });
    again.database.close();
  });
});
