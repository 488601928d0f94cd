import { deviceIdOf } from '../../../electron/services/signing/device-id.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalText, sha256Hex } from '../../../electron/services/signing/canonical.ts';
import type { LedgerRow } from '../../../electron/services/ledger/store.ts';
import { signedText, verifyChain } from '../../../electron/services/ledger/verify.ts';
import { memoryLedger, newSigner } from '../../support/ledger.ts';

const LENGTH = 8;
const { store, signer, ledger } = memoryLedger(LENGTH);
const good: readonly LedgerRow[] = store.rowsNow;
const copy = () => good.map((row) => ({ ...row }));
const at = (rows: readonly LedgerRow[], sequence: number) => rows[sequence - 1] as LedgerRow;

/** A row as its author, or someone else with a key, would make it anew; `data` in place of what it says. */
function forge(
  row: LedgerRow,
  alter: (body: Record<string, unknown>) => void,
  by = signer,
  data?: Record<string, unknown>,
): LedgerRow {
  const body = JSON.parse(row.body);
  const kept = data === undefined ? row.data : canonicalText({ data, salt: 'x' });
  if (data !== undefined) body.dataHash = sha256Hex(kept ?? '');
  alter(body);
  const text = canonicalText(body);
  const hash = sha256Hex(text);
  return {
    ...row,
    sequence: body.sequence,
    atMs: body.atMs,
    body: text,
    data: kept,
    hash,
    signature: by.sign(signedText(hash)),
  };
}
const unaltered = () => undefined;

describe('verify', () => {
  it('D6: accepts what was written', () => {
    expect(verifyChain(good)).toEqual({
      device: ledger.device,
      entries: LENGTH,
      hash: ledger.head().hash,
      problem: null,
    });
    expect(verifyChain([])).toMatchObject({ device: null, entries: 0, problem: null });
  });

  it('D6: finds a body that was altered, and says which', () => {
    const rows = copy();
    const body = at(rows, 5).body.replace('"atMs":17', '"atMs":16');
    expect(body).not.toBe(at(rows, 5).body);
    rows[4] = { ...at(rows, 5), body };
    expect(verifyChain(rows)).toMatchObject({
      entries: 4,
      problem: { sequence: 5, what: expect.stringContaining('altered') },
    });
  });

  it('D6: finds data that was altered, exchanged or added to', () => {
    const altered = (data: string) => {
      const rows = copy();
      rows[4] = { ...at(rows, 5), data };
      return verifyChain(rows).problem;
    };
    const data = at(good, 5).data ?? '';
    expect(data).toContain('"value":1');
    const other = { sequence: 5, what: 'has other words than those that were signed: they were altered' };
    expect(altered(data.replace('"value":1', '"value":2'))).toEqual(other);
    expect(altered(at(good, 6).data ?? '')).toEqual(other);
    expect(altered(`${data} `)).toEqual(other);
  });

  it('D6: verifies without data that was redacted, and without nothing else', () => {
    const rows = copy();
    rows[4] = { ...at(rows, 5), data: null };
    expect(verifyChain(rows).problem).toBeNull();
    rows[0] = { ...at(rows, 1), data: null };
    expect(verifyChain(rows).problem).toEqual({ sequence: 1, what: 'does not carry the key of the device' });
  });

  it('D6: finds an altered body whose hash was made anew', () => {
    const rows = copy();
    const data = (at(rows, 5).data ?? '').replace('"value":1', '"value":2');
    const body = canonicalText({ ...JSON.parse(at(rows, 5).body), dataHash: sha256Hex(data) });
    rows[4] = { ...at(rows, 5), body, data, hash: sha256Hex(body) };
    expect(verifyChain(rows).problem).toEqual({ sequence: 5, what: 'has a signature that its device did not make' });
  });

  it('D6: finds an entry that was made anew with the right key, by the entry after it', () => {
    const rows = copy();
    rows[4] = forge(at(rows, 5), unaltered, signer, { kind: 'breach.ended', sli: 's', value: 0 });
    expect(verifyChain(rows).problem).toEqual({ sequence: 6, what: 'does not follow the entry before it' });
  });

  it('D6: finds deletion in the middle and at the start', () => {
    expect(verifyChain(copy().filter((row) => row.sequence !== 4)).problem).toEqual({
      sequence: 4,
      what: 'is missing',
    });
    expect(verifyChain(copy().slice(1)).problem).toEqual({ sequence: 1, what: 'is missing' });
  });

  it('D6: finds a deletion that was covered by numbering anew', () => {
    const rows = copy()
      .filter((row) => row.sequence !== 4)
      .map((row, index) => ({ ...row, sequence: index + 1 }));
    expect(verifyChain(rows).problem).toMatchObject({ sequence: 4, what: expect.stringContaining('out of order') });
  });

  it('D6: finds reordering, repetition and exchanged numbers', () => {
    const swapped = copy();
    [swapped[2], swapped[3]] = [at(good, 4), at(good, 3)];
    expect(verifyChain(swapped).problem).toMatchObject({ sequence: 3 });
    const renumbered = copy();
    renumbered[2] = { ...at(good, 4), sequence: 3 };
    renumbered[3] = { ...at(good, 3), sequence: 4 };
    expect(verifyChain(renumbered).problem).toMatchObject({
      sequence: 3,
      what: expect.stringContaining('out of order'),
    });
    expect(verifyChain([...copy(), at(good, LENGTH)]).problem).toMatchObject({ sequence: LENGTH + 1 });
  });

  it('D6: finds that the end was cut off where a head is known', () => {
    const head = { entries: LENGTH, hash: ledger.head().hash };
    expect(verifyChain(copy().slice(0, 5)).problem).toBeNull();
    expect(verifyChain(copy().slice(0, 5), { head }).problem).toEqual({
      sequence: 6,
      what: 'is missing: the end was cut off',
    });
    const rewritten = [
      ...copy().slice(0, LENGTH - 1),
      forge(at(good, LENGTH), (body) => Object.assign(body, { atMs: 5 })),
    ];
    expect(verifyChain(rewritten).problem).toBeNull();
    expect(verifyChain(rewritten, { head }).problem).toMatchObject({ sequence: LENGTH });
    // A head from before goes on holding as the chain grows.
    expect(verifyChain(good, { head: { entries: 3, hash: at(good, 3).hash } }).problem).toBeNull();
  });

  it('D6: finds a chain that another key wrote throughout', () => {
    const other = memoryLedger(3);
    expect(verifyChain(other.store.rowsNow, { device: ledger.device }).problem).toMatchObject({ sequence: 1 });
    const thief = newSigner();
    const founder = forge(at(good, 1), unaltered, thief, {
      kind: 'device.created',
      publicKey: thief.publicKey,
      product: 'x',
    });
    expect(verifyChain([founder]).problem).toEqual({
      sequence: 1,
      what: 'carries a key that is not the key of its device',
    });
    expect(deviceIdOf(signer.publicKey)).toBe(ledger.device);
  });

  it('finds a first entry without a key, with another kind of key, and a text that is not canonical', () => {
    const plain = forge(at(good, 1), unaltered, signer, { kind: 'console.started', host: 'web', version: '1' });
    expect(verifyChain([plain]).problem?.what).toBe('does not carry the key of the device');
    const body = ` ${at(good, 1).body}`;
    const hash = sha256Hex(body);
    expect(verifyChain([{ ...at(good, 1), body, hash, signature: signer.sign(signedText(hash)) }]).problem?.what).toBe(
      'is not canonical JSON',
    );
  });

  it('finds columns that do not say what the entry says', () => {
    for (const change of [
      { atMs: 1 },
      { device: 'x' },
      { signature: `${at(good, 3).signature}=` },
      { hash: 'A'.repeat(64) },
    ]) {
      const rows = copy();
      rows[2] = { ...at(rows, 3), ...change };
      expect(verifyChain(rows).problem, JSON.stringify(change)).toMatchObject({ sequence: 3 });
    }
  });

  it('D6: finds any single changed character of any entry', () => {
    const field = fc.constantFrom('body', 'data', 'hash', 'signature', 'device');
    fc.assert(
      fc.property(
        fc.nat(LENGTH - 1),
        field,
        fc.nat(),
        fc.string({ minLength: 0, maxLength: 2 }),
        (row, name, where, put) => {
          const rows = copy();
          const victim = rows[row] as LedgerRow;
          const text = victim[name as 'body'];
          const index = where % text.length;
          const changed = text.slice(0, index) + put + text.slice(index + 1);
          fc.pre(changed !== text);
          rows[row] = { ...victim, [name as 'body']: changed };
          expect(verifyChain(rows).problem?.sequence).toBe(row + 1);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('D6: accepts no selection or order of the entries but a beginning of the chain', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...good]), (rows) => {
        const beginning = rows.every((row, index) => row === good[index]);
        expect(verifyChain(rows).problem === null).toBe(beginning);
      }),
      { numRuns: 500 },
    );
  });
});
