import { describe, expect, it } from 'vitest';
import { canonicalText, sha256Hex } from '../../electron/services/signing/canonical.ts';
import type { LedgerRow } from '../../electron/services/ledger/store.ts';
import { actText, signedText } from '../../electron/services/ledger/verify.ts';
import { createLedger } from '../../electron/services/ledger/ledger.ts';
import { breach, memoryLedger, memoryStore, newSigner, steppingClock, TRUST_ALL } from '../support/ledger.ts';

/** A console of the team, and the chain of another that an attacker with the team's store wants to add to. */
function team(entries = 4) {
  const here = memoryLedger(2);
  const there = memoryLedger(entries);
  const rows = there.store.rowsNow.slice();
  const attack = (...given: LedgerRow[]) => {
    const { taken, refused } = here.ledger.receive([...rows, ...given], TRUST_ALL);
    return { taken, refused: refused.map(({ row, what }) => [row.sequence, what]) };
  };
  return { here, there, rows, attack };
}

/** An entry that follows `last`, signed with a key of the attacker's choice. */
function forged(last: LedgerRow, signer = newSigner(), alter: Record<string, unknown> = {}): LedgerRow {
  const data = canonicalText({ data: { kind: 'note.added', text: 'all is well', incident: null }, salt: 'x' });
  const sequence = last.sequence + 1;
  const body = canonicalText({
    version: 2,
    device: last.device,
    sequence,
    atMs: last.atMs + 1,
    previous: last.hash,
    dataHash: sha256Hex(data),
    ...alter,
  });
  const hash = sha256Hex(body);
  const { device } = last;
  return { device, sequence, atMs: last.atMs + 1, hash, body, data, signature: signer.sign(signedText(hash)) };
}

describe('024: a forged entry', () => {
  it('D6: an entry that another key signed is left aside, told, and the chain goes on without it', () => {
    const { here, there, rows, attack } = team();
    const last = rows.at(-1) as LedgerRow;
    expect(attack(forged(last))).toEqual({
      taken: 4,
      refused: [[5, 'has a signature that its device did not make']],
    });
    expect(here.ledger.quarantined()).toMatchObject([{ device: there.ledger.device, sequence: 5 }]);
    expect([...here.ledger.all()].map(({ body }) => body.data.kind)).toContain('chain.quarantined');
    expect(here.ledger.chains()[1]?.problem).toContain('signature');
    there.ledger.append(breach(9));
    expect(here.ledger.receive(there.store.rowsNow, TRUST_ALL)).toEqual({ taken: 1, refused: [] });
    expect(here.ledger.verify().verified).toBe('verified');
  });

  it('D6: a forged entry beside the real one does not keep the real one out', () => {
    const { there, rows, attack } = team();
    const last = rows.at(-1) as LedgerRow;
    there.ledger.append(breach(9));
    const real = there.store.rowsNow.at(-1) as LedgerRow;
    expect(attack(forged(last), real, forged(last))).toMatchObject({ taken: 5 });
  });

  it.each([
    ['words', { data: '{"data":{"kind":"note.added","incident":null,"text":"x"},"salt":"x"}' }, 'altered'],
    ['a time', { atMs: 5 }, 'filed under another time'],
    ['a signature', { signature: 'AAAA' }, 'signature'],
    ['a hash', { hash: 'a'.repeat(64) }, 'altered'],
    ['a number', { sequence: 4 }, ''],
  ])('D6: an entry with %s changed on the way is left aside', (_, change, words) => {
    const here = memoryLedger(1);
    const { store } = memoryLedger(3);
    const rows = store.rowsNow.slice(0, 2);
    const altered = { ...(store.rowsNow[2] as LedgerRow), ...change };
    const { taken, refused } = here.ledger.receive([...rows, altered], TRUST_ALL);
    expect(taken).toBe(2);
    if (words === '') expect(refused).toEqual([]);
    else expect(refused[0]?.what).toContain(words);
  });

  it('D5: nobody’s signature is taken for a person’s, nor one from another entry', () => {
    const store = memoryStore();
    const device = newSigner();
    const there = createLedger({ store, signer: device, clock: steppingClock(), product: 'x' });
    const sam = newSigner();
    there.append(breach(1), { person: { operator: 'sam', key: 'k' }, sign: (text) => sam.sign(text) });
    const by = JSON.parse(store.rowsNow[1]?.body ?? '').by;
    const trust = {
      ...TRUST_ALL,
      signedBy: (_: unknown, text: string, signature: string) => sam.sign(text) === signature,
    };
    const here = memoryLedger(1);
    expect(here.ledger.receive(store.rowsNow, trust).refused).toEqual([]);
    // The device's own key signs whatever it likes: it cannot make it sam's act.
    const last = store.rowsNow[1] as LedgerRow;
    for (const claimed of [
      by,
      { ...by, signature: device.sign(actText({})) },
      { operator: 'sam', key: 'k' },
      { ...by, roles: ['admin'] },
      'sam',
    ]) {
      const row = forged(last, device, { by: claimed });
      expect(here.ledger.receive([row], trust), JSON.stringify(claimed)).toMatchObject({ taken: 0, refused: [{}] });
    }
    expect(here.ledger.receive([forged(last, device)], trust).taken).toBe(1);
  });

  it('D6: a flood of forgeries fills neither the disk nor the record', () => {
    const { here, rows } = team();
    const last = rows.at(-1) as LedgerRow;
    here.ledger.receive(rows, TRUST_ALL);
    const forgeries = Array.from({ length: 300 }, () => forged(last));
    for (let round = 0; round < 3; round += 1) here.ledger.receive(forgeries, TRUST_ALL);
    expect(here.ledger.quarantined()).toHaveLength(100);
    expect([...here.ledger.all()].filter(({ body }) => body.data.kind === 'chain.quarantined')).toHaveLength(100);
    const nobody = { ...TRUST_ALL, knowsDevice: () => false };
    const strangers = Array.from({ length: 2_000 }, (_, index) => ({
      ...last,
      device: index.toString(16).padStart(32, '0'),
    }));
    here.ledger.receive(strangers, nobody);
    expect(here.ledger.quarantined()).toHaveLength(1_000);
    const huge = { ...last, sequence: 5, data: 'x'.repeat(20_000_000) };
    expect(here.ledger.receive([huge], TRUST_ALL)).toMatchObject({ refused: [{ what: 'is no row of a ledger' }] });
  });
});
