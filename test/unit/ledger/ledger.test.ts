import { describe, expect, it } from 'vitest';
import { followLedger, type Projection, project } from '../../../electron/services/ledger/api.ts';
import { createLedger } from '../../../electron/services/ledger/ledger.ts';
import { createLedgerReader, ownDevice } from '../../../electron/services/ledger/reader.ts';
import { deviceIdOf } from '../../../electron/services/signing/device-id.ts';
import { breach, memoryLedger, memoryStore, newSigner, steppingClock } from '../../support/ledger.ts';

const product = 'scram 0.0.0-test';

const breaches: Projection<number[]> = {
  initial: () => [],
  apply: (state, { body }) => (body.data.kind === 'breach.began' ? [...state, body.data.value] : state),
};

describe('ledger', () => {
  it('D6: begins with the key of its device, and links each entry to the one before it', () => {
    const { ledger, signer } = memoryLedger(3);
    const [first, second, third] = [...ledger.all()];
    expect(first?.body).toMatchObject({
      sequence: 1,
      previous: '0'.repeat(64),
      data: { kind: 'device.created', publicKey: signer.publicKey },
    });
    expect(ledger.device).toBe(deviceIdOf(signer.publicKey));
    expect(second?.body).toMatchObject({ sequence: 2, previous: first?.hash });
    expect(third?.body).toMatchObject({ sequence: 3, previous: second?.hash });
  });

  it('goes on with its chain after a restart, without a second first entry', () => {
    const { store, signer, clock } = memoryLedger(3);
    const again = createLedger({ store, signer, clock, product });
    expect(again.head()).toMatchObject({ entries: 3, verified: 'unverified', problem: null });
    again.append(breach(9));
    expect(again.verify()).toMatchObject({ entries: 4, verified: 'verified', problem: null });
  });

  it('tells the verdict of the last walk, and names what is wrong', () => {
    const { ledger, store } = memoryLedger(4);
    expect(ledger.head().verified).toBe('unverified');
    ledger.verify();
    ledger.append(breach(1));
    expect(ledger.head()).toMatchObject({ verified: 'verified', entries: 5 });
    store.rowsNow.splice(2, 1);
    expect(ledger.verify()).toMatchObject({ verified: 'broken', problem: 'entry 3 is missing' });
  });

  it('D6: finds that the end was cut off behind its back', () => {
    const { ledger, store } = memoryLedger(4);
    store.rowsNow.pop();
    expect(ledger.verify()).toMatchObject({ verified: 'broken', problem: 'entry 4 is missing: the end was cut off' });
  });

  it('verifies in steps as it does at once, with other work in between, and can be cancelled', async () => {
    const { ledger, store } = memoryLedger(400);
    let turns = 0;
    const other = setInterval(() => {
      turns += 1;
    }, 0);
    const walked = ledger.verifyInSteps();
    ledger.append(breach(0));
    expect(await walked).toMatchObject({ verified: 'verified', entries: 401 });
    clearInterval(other);
    expect(turns).toBeGreaterThan(0);
    await expect(ledger.verifyInSteps(AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
    expect(ledger.head().verified).toBe('verified');
    store.rowsNow.splice(300, 1);
    expect(await ledger.verifyInSteps()).toEqual(ledger.verify());
    expect(ledger.head()).toMatchObject({ verified: 'broken', problem: 'entry 301 is missing' });
  });

  it('pages from the newest on', () => {
    const { ledger } = memoryLedger(6);
    const sequences = (query: Parameters<typeof ledger.page>[0]) =>
      ledger.page(query).map((entry) => entry.body.sequence);
    expect(sequences({ limit: 2 })).toEqual([6, 5]);
    expect(sequences({ before: 3, limit: 9 })).toEqual([2, 1]);
    expect(sequences({ sinceMs: ledger.page({ limit: 1 })[0]?.body.atMs ?? 0, limit: 9 })).toEqual([6]);
  });

  it('refuses what is no entry before anything is written', () => {
    const { ledger, store } = memoryLedger(2);
    expect(() => ledger.append({ kind: 'breach.began', sli: 's', value: Number.NaN, objective: 1 })).toThrow(
      'not well formed',
    );
    expect(() => ledger.append({ ...breach(1), extra: true } as never)).toThrow('not well formed');
    expect(() => ledger.append({ kind: 'config.loaded', source: '\ud800', digest: '' })).toThrow(
      'cannot be written as JSON',
    );
    expect(store.rowsNow).toHaveLength(2);
    ledger.append(breach(1));
    expect(ledger.verify().verified).toBe('verified');
  });

  it('appends several as one: of one moment, linked, heard in order; all of them or none', () => {
    const { ledger, store } = memoryLedger(2);
    const heard: number[] = [];
    ledger.onAppend((entry) => heard.push(entry.body.sequence));
    const entries = ledger.appendAll([breach(1), breach(2), breach(3)]);
    expect(entries.map(({ body }) => body.sequence)).toEqual([3, 4, 5]);
    expect(new Set(entries.map(({ body }) => body.atMs)).size).toBe(1);
    expect(heard).toEqual([3, 4, 5]);
    expect(ledger.appendAll([])).toEqual([]);

    const write = store.append;
    store.append = (row) => {
      if (row.sequence === 7) throw new Error('database or disk is full');
      write(row);
    };
    expect(() => ledger.appendAll([breach(4), breach(5), breach(6)])).toThrow(
      'ledger entry 6 and the 2 after it could not be written: database or disk is full',
    );
    store.append = write;
    expect(() => ledger.appendAll([breach(7), { ...breach(8), extra: true } as never])).toThrow('not well formed');
    expect(store.rowsNow).toHaveLength(5);
    expect(heard).toEqual([3, 4, 5]);
    expect(ledger.append(breach(9)).body.sequence).toBe(6);
    expect(ledger.verify()).toMatchObject({ verified: 'verified', entries: 6 });
  });

  it('throws, keeps its place and tells no listener when the disk refuses', () => {
    const { ledger, store } = memoryLedger(2);
    const heard: number[] = [];
    ledger.onAppend((entry) => heard.push(entry.body.sequence));
    const write = store.append;
    store.append = () => {
      throw new Error('database or disk is full');
    };
    expect(() => ledger.append(breach(1))).toThrow('ledger entry 3 could not be written: database or disk is full');
    store.append = write;
    expect(ledger.append(breach(2)).body.sequence).toBe(3);
    expect(heard).toEqual([3]);
    expect(ledger.verify().verified).toBe('verified');
  });

  it('tells every listener in the order of the chain, also when one appends or throws', () => {
    const log: string[] = [];
    const store = memoryStore();
    const ledger = createLedger({
      store,
      signer: newSigner(),
      clock: steppingClock(),
      product,
      log: { info: () => undefined, warn: () => undefined, error: (event) => void log.push(event) },
    });
    const heard: number[] = [];
    const appends = ledger.onAppend((entry) => {
      if (entry.body.sequence < 4) ledger.append(breach(0));
    });
    ledger.onAppend(() => {
      throw new Error('listener');
    });
    ledger.onAppend((entry) => void heard.push(entry.body.sequence));
    ledger.append(breach(1));
    expect(heard).toEqual([2, 3, 4]);
    appends.dispose();
    ledger.append(breach(1));
    expect(heard).toEqual([2, 3, 4, 5]);
    expect(log).toEqual(Array(4).fill('ledger-listener-failed'));
  });

  it('refuses a data folder whose key was lost or exchanged', () => {
    const { store, ledger } = memoryLedger(2);
    expect(() => createLedger({ store, signer: newSigner(), clock: steppingClock(), product })).toThrow(
      `the ledger was written by device ${ledger.device}`,
    );
    expect(store.rowsNow).toHaveLength(2);
  });

  it('D6: projections rebuild from it to what they were while it grew', () => {
    const { ledger } = memoryLedger(3);
    const seen: number[][] = [];
    const live = followLedger(ledger, breaches, (state) => void seen.push(state));
    ledger.append(breach(7));
    ledger.append({ kind: 'breach.ended', sli: 's', value: 0 });
    expect(live.state()).toEqual([0.25, 0.5, 7]);
    expect(project(ledger.all(), breaches)).toEqual(live.state());
    expect(seen).toHaveLength(2);
    live.dispose();
    ledger.append(breach(8));
    expect(live.state()).toEqual([0.25, 0.5, 7]);
  });

  it('can be read without its key', () => {
    const { ledger, store } = memoryLedger(3);
    const reader = createLedgerReader(store, ownDevice(store));
    expect(reader.verify()).toEqual({ ...ledger.head(), verified: 'verified' });
    expect([...reader.all()]).toEqual([...ledger.all()]);
    expect(() => ownDevice(memoryStore())).toThrow('no entries');
  });

  it('names an entry of a kind that only a newer version knows', () => {
    const { ledger, store } = memoryLedger(2);
    const last = store.rowsNow[1]!;
    store.rowsNow[1] = { ...last, data: last.data?.replace('breach.began', 'future.kind') ?? null };
    expect(() => [...ledger.all()]).toThrow('ledger entry 2 cannot be read (at body.data.kind)');
  });
});
