import { describe, expect, it } from 'vitest';
import type { Trust } from '../../../electron/services/ledger/api.ts';
import { canonicalText, sha256Hex } from '../../../electron/services/signing/canonical.ts';
import { createLedger } from '../../../electron/services/ledger/ledger.ts';
import type { LedgerRow } from '../../../electron/services/ledger/store.ts';
import { signedText } from '../../../electron/services/ledger/verify.ts';
import type { Entry, EntryData } from '../../../shared/model/entry.ts';
import { breach, memoryLedger, memoryStore, newSigner, steppingClock, TRUST_ALL } from '../../support/ledger.ts';

const product = 'scram 0.0.0-test';
const kindsOf = (entries: Iterable<Entry>) => [...entries].map(({ body }) => body.data.kind);
const dataOf = <K extends EntryData['kind']>(entries: Iterable<Entry>, kind: K) =>
  [...entries].flatMap(({ body }) => (body.data.kind === kind ? [body.data as Extract<EntryData, { kind: K }>] : []));

function two(entries = 5) {
  const here = memoryLedger(2);
  const there = memoryLedger(entries);
  const rows: readonly LedgerRow[] = there.store.rowsNow.slice();
  return { here, there, rows, device: there.ledger.device };
}

describe('receiving the chain of another device', () => {
  it('D8: takes it over, tells it in order, and again finds nothing new', () => {
    const { here, there, rows, device } = two();
    const heard: [string, number][] = [];
    here.ledger.onAppend(({ body }) => heard.push([body.device, body.sequence]));
    expect(here.ledger.receive(rows, TRUST_ALL)).toEqual({ taken: 5, refused: [] });
    expect(heard.filter(([from]) => from === device).map(([, sequence]) => sequence)).toEqual([1, 2, 3, 4, 5]);
    expect(here.ledger.heads().get(device)).toEqual({ sequence: 5, hash: there.ledger.head().hash });
    expect(here.ledger.rowsAfter(device, 2, 2)).toEqual(rows.slice(2, 4));
    expect(here.ledger.receive(rows, TRUST_ALL)).toEqual({ taken: 0, refused: [] });
    expect(here.ledger.verify()).toMatchObject({ verified: 'verified', device: here.ledger.device });
    expect(here.ledger.quarantined()).toEqual([]);
  });

  it('D8: takes rows in any order, twice, and leaves those whose predecessor has not come', () => {
    const { here, rows, device } = two(6);
    const [first, second, third, fourth, fifth, sixth] = rows as [
      LedgerRow,
      LedgerRow,
      LedgerRow,
      LedgerRow,
      LedgerRow,
      LedgerRow,
    ];
    expect(here.ledger.receive([fourth, second, first, second, sixth], TRUST_ALL)).toEqual({ taken: 2, refused: [] });
    expect(here.ledger.receive([sixth, fifth], TRUST_ALL)).toEqual({ taken: 0, refused: [] });
    expect(here.ledger.receive([fifth, fourth, third, third], TRUST_ALL)).toEqual({ taken: 3, refused: [] });
    expect(here.ledger.receive([sixth], TRUST_ALL).taken).toBe(1);
    expect(here.ledger.heads().get(device)?.sequence).toBe(6);
  });

  it('goes on with it after a restart', () => {
    const { here, rows, there, device } = two();
    here.ledger.receive(rows.slice(0, 3), TRUST_ALL);
    const again = createLedger({ store: here.store, signer: here.signer, clock: here.clock, product });
    expect(again.heads().get(device)?.sequence).toBe(3);
    expect(again.receive(rows, TRUST_ALL).taken).toBe(2);
    expect(again.chains().map((chain) => [chain.device, chain.here, chain.entries])).toEqual([
      [again.device, true, again.head().entries],
      [device, false, there.ledger.head().entries],
    ]);
  });

  it('D8: yields all entries by time, but never one before its predecessor', () => {
    const store = memoryStore();
    let nowMs = 1000;
    const clock = { now: () => nowMs };
    const here = createLedger({ store, signer: newSigner(), clock, product });
    nowMs = 3000;
    here.append(breach(3));
    const other = memoryStore();
    nowMs = 2000;
    const there = createLedger({ store: other, signer: newSigner(), clock, product });
    nowMs = 9000;
    there.append(breach(9));
    nowMs = 2500;
    there.append(breach(2.5));
    nowMs = 4000;
    here.receive(other.rowsNow, TRUST_ALL);
    expect([...here.all()].map(({ body }) => [body.device === here.device, body.atMs])).toEqual([
      [true, 1000],
      [false, 2000],
      [true, 3000],
      [true, 4000],
      [false, 9000],
      [false, 2500],
    ]);
    expect(here.timeline({ offset: 0, limit: 9 }).entries.map(({ body }) => body.atMs)).toEqual([
      9000, 4000, 3000, 2500, 2000, 1000,
    ]);
    expect(here.page({ limit: 9 }).every(({ body }) => body.device === here.device)).toBe(true);
  });

  it('D5: leaves an unknown device aside, says so once, and takes it once the roster names it', () => {
    const { here, rows, device } = two();
    const unknown: Trust = { ...TRUST_ALL, knowsDevice: () => false };
    expect(here.ledger.receive(rows, unknown)).toMatchObject({
      taken: 0,
      refused: [{ row: rows[0], what: 'is of a device that the roster does not name' }],
    });
    here.ledger.receive(rows, unknown);
    expect(here.ledger.quarantined()).toMatchObject([{ device, sequence: 1 }]);
    expect(dataOf(here.ledger.all(), 'chain.quarantined')).toMatchObject([{ device, sequence: 1 }]);
    expect(here.ledger.receive(rows, TRUST_ALL).taken).toBe(5);
    expect(here.ledger.quarantined()).toEqual([]);
  });

  it('D5: leaves an entry aside whose person did not sign it', () => {
    const here = memoryLedger(1);
    const store = memoryStore();
    const there = createLedger({ store, signer: newSigner(), clock: steppingClock(), product });
    const person = newSigner();
    const sam = { person: { operator: 'sam', key: 'k1' }, sign: (text: string) => person.sign(text) };
    there.append({ kind: 'note.added', text: 'hello', incident: null }, sam);
    const asked: unknown[] = [];
    const trust = (holds: boolean): Trust => ({
      knowsDevice: () => true,
      signedBy: (who, text, signature) => {
        asked.push(who);
        return holds && person.sign(text) === signature;
      },
    });
    const refused = here.ledger.receive(store.rowsNow, trust(false));
    expect(refused).toMatchObject({ taken: 1, refused: [{ row: { sequence: 2 } }] });
    expect(here.ledger.quarantined()[0]?.what).toContain('sam did not make');
    expect(here.ledger.receive(store.rowsNow, trust(true))).toEqual({ taken: 1, refused: [] });
    expect(asked).toEqual([sam.person, sam.person]);
    expect([...here.ledger.all()].find(({ body }) => body.data.kind === 'note.added')?.body.by).toMatchObject(
      sam.person,
    );
  });

  it('D8: keeps nothing, and tells nobody, when the disk refuses; and goes on after it', () => {
    const { here, rows, device } = two();
    const heard: Entry[] = [];
    here.ledger.onAppend((entry) => heard.push(entry));
    const write = here.store.append;
    here.store.append = (row) => {
      if (row.device === device && row.sequence === 3) throw new Error('database or disk is full');
      write(row);
    };
    expect(() => here.ledger.receive(rows, TRUST_ALL)).toThrow('could not be written: database or disk is full');
    expect(here.store.rowsNow).toHaveLength(2);
    expect(here.ledger.heads().has(device)).toBe(false);
    here.store.append = write;
    expect(here.ledger.receive(rows, TRUST_ALL).taken).toBe(5);
    expect(heard.filter(({ body }) => body.device === device)).toHaveLength(5);
    expect(here.ledger.verify().verified).toBe('verified');
  });

  it('D6: tells of words that are missing until a redaction of them has come', () => {
    const here = memoryLedger(1);
    const there = memoryLedger(1);
    const admin = memoryLedger(1);
    const { body } = there.ledger.append({ kind: 'note.added', text: 'hello', incident: null });
    const [founder, note] = there.store.rowsNow.slice() as [LedgerRow, LedgerRow];
    admin.ledger.receive([founder, note], TRUST_ALL);
    admin.ledger.redact(there.ledger.device, body.sequence, 'x', {
      person: { operator: 'kim', key: 'k' },
      sign: () => 'AAAA',
    });
    const problem = () => here.ledger.chains().find(({ device }) => device === there.ledger.device)?.problem;
    here.ledger.receive([founder, { ...note, data: null }], TRUST_ALL);
    expect(problem()).toBe('entry 2 came without its words, and no redaction of it is known here');
    expect(here.ledger.verify().verified).toBe('broken');
    here.ledger.receive(admin.ledger.rowsAfter(admin.ledger.device, 0, 99), TRUST_ALL);
    expect(here.ledger.verify()).toMatchObject({ verified: 'verified', problem: null });
    expect(problem()).toBeNull();
  });

  it('leaves aside what only a newer version can read, and what is no row at all; and takes what came before it', () => {
    const here = memoryLedger(1);
    const signer = newSigner();
    const there = memoryLedger(2, signer);
    const [founder, second] = there.store.rowsNow.slice() as [LedgerRow, LedgerRow];
    const data = canonicalText({ data: { kind: 'future.kind' }, salt: 'x' });
    const body = canonicalText({ ...JSON.parse(second.body), dataHash: sha256Hex(data) });
    const hash = sha256Hex(body);
    const future = { ...second, body, data, hash, signature: signer.sign(signedText(hash)) };
    expect(here.ledger.receive([founder, future], TRUST_ALL)).toMatchObject({
      taken: 1,
      refused: [{ what: expect.stringContaining('a newer version of Scram wrote it') }],
    });
    for (const malformed of [
      { ...second, atMs: 1.5 },
      { ...second, device: '../x' },
      { ...second, body: null },
    ]) {
      expect(here.ledger.receive([malformed as LedgerRow], TRUST_ALL)).toMatchObject({
        taken: 0,
        refused: [{ what: 'is no row of a ledger' }],
      });
    }
    expect(here.ledger.quarantined()).toHaveLength(1);
    expect([...here.ledger.all()].length).toBeGreaterThan(1);
  });
});

describe('this device’s own rows that come back', () => {
  it('D8: are recognised; a second entry in place of one of ours is told loudly', () => {
    const { here } = two();
    const errors: string[] = [];
    const log = { info() {}, warn() {}, error: (event: string) => void errors.push(event) };
    const copied = memoryStore(here.store.rowsNow.slice());
    copied.setOwn(here.ledger.device);
    const twin = createLedger({ store: copied, signer: here.signer, clock: steppingClock(5), product });
    twin.append(breach(1));
    twin.append(breach(2));
    const ours = createLedger({ store: here.store, signer: here.signer, clock: here.clock, product, log });
    expect(ours.receive(here.store.rowsNow.slice(), TRUST_ALL)).toEqual({ taken: 0, refused: [] });
    expect(ours.receive(copied.rowsNow, TRUST_ALL).refused.map(({ what }) => what)).toEqual([
      expect.stringContaining('its data folder was copied'),
      expect.stringContaining('its data folder was copied'),
    ]);
    ours.append(breach(3));
    expect(ours.receive(copied.rowsNow.slice(2, 3), TRUST_ALL).refused[0]?.what).toContain('the chain was forked');
    expect(errors).toContain('ledger-own-chain-forked');
    expect(ours.chains()[0]?.problem).toContain('entry');
    expect(ours.verify().verified).toBe('verified');
  });
});

describe('countersigning', () => {
  it('D10: a chain is countersigned when it is met, then at most once in 30 s, and not for countersignatures', () => {
    const store = memoryStore();
    let nowMs = 1_000_000;
    const clock = { now: () => nowMs };
    const here = createLedger({ store, signer: newSigner(), clock, product });
    const other = memoryStore();
    const there = createLedger({ store: other, signer: newSigner(), clock, product });
    const ofHere = () => here.page({ limit: 99 }).reverse();
    const give = () =>
      here.receive(there.rowsAfter(there.device, here.heads().get(there.device)?.sequence ?? 0, 99), TRUST_ALL);
    const said = () => dataOf(ofHere(), 'head.countersigned').map(({ heads }) => heads.map(({ sequence }) => sequence));
    give();
    expect(said()).toEqual([[1]]);
    there.append(breach(1));
    give();
    nowMs += 29_000;
    there.append(breach(2));
    give();
    expect(said()).toEqual([[1]]);
    nowMs += 1_000;
    give();
    expect(said()).toEqual([[1], [3]]);
    there.receive(here.rowsAfter(here.device, 0, 99), TRUST_ALL);
    nowMs += 60_000;
    expect(give().taken).toBe(1);
    expect(kindsOf(here.all()).filter((kind) => kind === 'head.countersigned')).toHaveLength(3);
    expect(said()).toHaveLength(2);
    expect(there.chains().find(({ device }) => device === there.device)?.countersigned).toBe(3);
  });

  it('D10: what was held back is countersigned when its time has come, if nothing else comes', () => {
    let nowMs = 1_000_000;
    const waiting: { delayMs: number; run: () => unknown }[] = [];
    const clock = {
      now: () => nowMs,
      after(delayMs: number, run: () => unknown) {
        const item = { delayMs, run };
        waiting.push(item);
        return { dispose: () => void waiting.splice(waiting.indexOf(item), 1) };
      },
    };
    const here = createLedger({ store: memoryStore(), signer: newSigner(), clock, product });
    const there = memoryLedger(3);
    here.receive(there.store.rowsNow.slice(0, 2), TRUST_ALL);
    nowMs += 10_000;
    here.receive(there.store.rowsNow, TRUST_ALL);
    expect(waiting.map(({ delayMs }) => delayMs)).toEqual([20_000]);
    nowMs += 20_000;
    waiting.shift()?.run();
    expect(dataOf(here.all(), 'head.countersigned').at(-1)?.heads).toMatchObject([{ sequence: 3 }]);
    there.ledger.append(breach(1));
    here.receive(there.store.rowsNow, TRUST_ALL);
    expect(waiting).toHaveLength(1);
    here.dispose();
    expect(waiting).toEqual([]);
  });

  it('D10: finds a chain that was cut off below a head that this device countersigned', () => {
    const { here, rows, device } = two();
    here.ledger.receive(rows, TRUST_ALL);
    const cut = memoryStore(here.store.rowsNow.filter((row) => row.device !== device || row.sequence < 5));
    cut.setOwn(here.ledger.device);
    const again = createLedger({ store: cut, signer: here.signer, clock: here.clock, product });
    expect(again.verify()).toMatchObject({
      verified: 'broken',
      problem: `device ${device.slice(0, 8)}: entry 5 is missing: the end was cut off after device ${again.device} had countersigned it`,
    });
    expect(again.chains()[1]?.problem).toContain('was cut off');
    again.receive(rows, TRUST_ALL);
    expect(again.verify().verified).toBe('verified');
  });
});
