import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLedger } from '../../electron/services/ledger/ledger.ts';
import type { LedgerRow } from '../../electron/services/ledger/store.ts';
import { breach, memoryLedger, memoryStore, steppingClock, TRUST_ALL } from '../support/ledger.ts';

const LENGTH = 8;
const there = memoryLedger(LENGTH);
const rows: readonly LedgerRow[] = there.store.rowsNow.slice();
const device = there.ledger.device;

/** Two chains of one device that part after entry 4: its data folder was copied. */
function forked() {
  const one = memoryLedger(4);
  const copied = memoryStore(one.store.rowsNow.slice());
  copied.setOwn(one.ledger.device);
  const twin = createLedger({ store: copied, signer: one.signer, clock: steppingClock(9), product: 'x' });
  one.ledger.append(breach(1));
  one.ledger.append(breach(2));
  twin.append(breach(3));
  twin.append(breach(4));
  return { device: one.ledger.device, ours: one.store.rowsNow, theirs: copied.rowsNow };
}

describe('025: a reordered, truncated or forked chain', () => {
  it('D8: given in any order, any part, again and again, the chain is always a beginning of the real one', () => {
    fc.assert(
      fc.property(fc.array(fc.shuffledSubarray([...rows]), { minLength: 1, maxLength: 6 }), (calls) => {
        const here = memoryLedger(1);
        let taken = 0;
        for (const given of calls) {
          const result = here.ledger.receive([...given, ...given], TRUST_ALL);
          expect(result.refused).toEqual([]);
          taken += result.taken;
        }
        expect([...here.store.rows(device)]).toEqual(rows.slice(0, taken));
        here.ledger.receive(rows, TRUST_ALL);
        expect([...here.store.rows(device)]).toEqual(rows);
        expect(here.ledger.verify().verified).toBe('verified');
      }),
      { numRuns: 100 },
    );
  });

  it('D6: entries that were renumbered to stand in another order are left aside', () => {
    const here = memoryLedger(1);
    const [, , third, fourth] = rows as [LedgerRow, LedgerRow, LedgerRow, LedgerRow];
    const swapped = [...rows.slice(0, 2), { ...fourth, sequence: 3 }, { ...third, sequence: 4 }];
    expect(here.ledger.receive(swapped, TRUST_ALL)).toMatchObject({
      taken: 2,
      refused: [{ what: expect.stringContaining('out of order') }],
    });
    expect(here.ledger.receive(rows, TRUST_ALL).taken).toBe(6);
  });

  it('D6: a chain with entries left out, and the rest moved up, is left aside from there on', () => {
    const here = memoryLedger(1);
    const without = [...rows.slice(0, 3), ...rows.slice(4).map((row) => ({ ...row, sequence: row.sequence - 1 }))];
    expect(here.ledger.receive(without, TRUST_ALL).taken).toBe(3);
    expect(here.ledger.heads().get(device)?.sequence).toBe(3);
  });

  it('D10: a chain that is given shorter than it was takes nothing away', () => {
    const here = memoryLedger(1);
    here.ledger.receive(rows, TRUST_ALL);
    expect(here.ledger.receive(rows.slice(0, 5), TRUST_ALL)).toEqual({ taken: 0, refused: [] });
    expect(here.ledger.heads().get(device)?.sequence).toBe(LENGTH);
  });

  it('D8: of a forked chain the first branch stays, the other is kept aside, and both is told', () => {
    const { device: twin, ours, theirs } = forked();
    const here = memoryLedger(1);
    here.ledger.receive(ours, TRUST_ALL);
    const { taken, refused } = here.ledger.receive(theirs, TRUST_ALL);
    expect(taken).toBe(0);
    expect(refused.map(({ row, what }) => [row.sequence, what])).toEqual([
      [5, 'is another entry than the one that is held in its place: the chain was forked'],
      [6, 'is another entry than the one that is held in its place: the chain was forked'],
    ]);
    expect([...here.store.rows(twin)]).toEqual(ours);
    expect(here.ledger.quarantined().map(({ sequence }) => sequence)).toEqual([5, 6]);
    expect(here.ledger.chains().find((chain) => chain.device === twin)?.problem).toContain('forked');
    here.ledger.receive(theirs, TRUST_ALL);
    expect(here.store.quarantined()).toHaveLength(2);
  });

  it('D10: a fork that two consoles hold different branches of shows as soon as they meet', () => {
    const { device: twin, ours, theirs } = forked();
    const [one, two] = [memoryLedger(1), memoryLedger(1)];
    one.ledger.receive(ours, TRUST_ALL);
    two.ledger.receive(theirs, TRUST_ALL);
    one.ledger.receive(two.ledger.rowsAfter(two.ledger.device, 0, 99), TRUST_ALL);
    expect(one.ledger.verify()).toMatchObject({
      verified: 'broken',
      problem: `device ${twin.slice(0, 8)}: entry 6 is another than the one that device ${two.ledger.device} countersigned`,
    });
  });
});
