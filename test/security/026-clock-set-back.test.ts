import { describe, expect, it } from 'vitest';
import { project } from '../../electron/services/ledger/api.ts';
import { createLedger } from '../../electron/services/ledger/ledger.ts';
import { exportLines, verifyExport } from '../../electron/services/ledger/export.ts';
import { breach, memoryLedger, memoryStore, newSigner, TRUST_ALL } from '../support/ledger.ts';

const YEAR_MS = 365 * 24 * 60 * 60 * 1000;

function world() {
  let nowMs = 1_700_000_000_000;
  const store = memoryStore();
  const signer = newSigner();
  const ledger = createLedger({ store, signer, clock: { now: () => nowMs }, product: 'x' });
  const at = (ms: number, value: number) => {
    nowMs = ms;
    return ledger.append(breach(value));
  };
  return { ledger, store, signer, at };
}

const values = (ledger: ReturnType<typeof world>['ledger']) =>
  project(ledger.all(), {
    initial: () => [] as number[],
    apply: (state, { body }) => (body.data.kind === 'breach.began' ? [...state, body.data.value] : state),
  });

describe('026: a clock that was set back', () => {
  it('D6: an entry that is dated before the one before it is kept, verifies, and shows as it is dated', () => {
    const { ledger, store, signer, at } = world();
    at(1_700_000_001_000, 1);
    at(1_600_000_000_000, 2);
    at(1_700_000_002_000, 3);
    expect(ledger.verify()).toMatchObject({ verified: 'verified', problem: null });
    expect(values(ledger)).toEqual([1, 2, 3]);
    expect(ledger.page({ limit: 4 }).map(({ body }) => body.sequence)).toEqual([4, 3, 2, 1]);
    const shown = ledger.timeline({ offset: 0, limit: 9 }).entries.map(({ body }) => [body.sequence, body.atMs]);
    expect(shown).toEqual([
      [4, 1_700_000_002_000],
      [2, 1_700_000_001_000],
      [1, 1_700_000_000_000],
      [3, 1_600_000_000_000],
    ]);
    expect(verifyExport(exportLines(store, signer, 0)).problem).toBeNull();
  });

  it('D6: nothing that was written is dated anew: a changed time is found', () => {
    const { ledger, store, at } = world();
    at(1_600_000_000_000, 1);
    const row = store.rowsNow[1];
    if (row !== undefined) store.rowsNow[1] = { ...row, atMs: row.atMs + YEAR_MS };
    expect(ledger.verify()).toMatchObject({
      verified: 'broken',
      problem: 'entry 2 is filed under another time than it was written',
    });
  });

  it('D8: a console whose clock is wrong is taken over all the same, each chain in its own order', () => {
    const here = memoryLedger(3);
    const { ledger, store, at } = world();
    at(1_900_000_000_000, 10);
    at(1_000_000_000_000, 20);
    at(-5, 30);
    expect(here.ledger.receive(store.rowsNow, TRUST_ALL)).toEqual({ taken: 4, refused: [] });
    expect(here.ledger.verify().verified).toBe('verified');
    const theirs = [...here.ledger.all()].filter(({ body }) => body.device === ledger.device);
    expect(theirs.map(({ body }) => body.sequence)).toEqual([1, 2, 3, 4]);
    expect(here.ledger.timeline({ offset: 0, limit: 1 }).entries[0]?.body.atMs).toBe(1_900_000_000_000);
  });

  it('D10: countersigning goes on after the clock was set back by a year', () => {
    let nowMs = 1_700_000_000_000;
    const here = createLedger({ store: memoryStore(), signer: newSigner(), clock: { now: () => nowMs }, product: 'x' });
    const there = memoryLedger(1);
    const countersigned = () =>
      here.timeline({ offset: 0, limit: 99, kinds: ['head.countersigned'], device: here.device }).total;
    here.receive(there.store.rowsNow, TRUST_ALL);
    nowMs -= YEAR_MS;
    there.ledger.append(breach(1));
    here.receive(there.store.rowsNow, TRUST_ALL);
    expect(countersigned()).toBe(2);
  });
});
