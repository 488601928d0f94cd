import { describe, expect, it } from 'vitest';
import { canonicalText } from '../../../electron/services/signing/canonical.ts';
import { exportLines, requireWhole, verifyExport } from '../../../electron/services/ledger/export.ts';
import { memoryLedger } from '../../support/ledger.ts';

const { ledger, store, signer } = memoryLedger(5);
const lines = [...exportLines(store, signer, 1000)];
const other = memoryLedger(5);
const otherLines = [...exportLines(other.store, other.signer, 1000)];

const edited = (index: number, from: string, to: string) =>
  lines.map((line, position) => {
    if (position !== index) return line;
    expect(line).toContain(from);
    return line.replace(from, to);
  });

describe('export', () => {
  it('D6: is lines of JSON that hold every entry, then a signed head', () => {
    expect(lines).toHaveLength(6);
    const said = lines.slice(0, 5).map((line) => JSON.parse(line));
    expect(said.map(({ hash }) => hash)).toEqual([...ledger.all()].map(({ hash }) => hash));
    expect(said.map(({ data }) => data.data)).toEqual([...ledger.all()].map(({ body }) => body.data));
    expect(JSON.parse(lines[5] ?? '').head).toMatchObject({
      device: ledger.device,
      entries: 5,
      hash: ledger.head().hash,
      atMs: 1000,
    });
    for (const line of lines) expect(line.indexOf('\n')).toBe(line.length - 1);
  });

  it('D6: verifies given nothing else, and against the device that is expected', () => {
    expect(verifyExport(lines)).toEqual({ device: ledger.device, entries: 5, hash: ledger.head().hash, problem: null });
    expect(verifyExport(lines.join('').trimEnd().split('\n'), ledger.device).problem).toBeNull();
    expect(verifyExport(lines, other.ledger.device).problem).toMatchObject({ sequence: 1 });
    expect(() => requireWhole(verifyExport(lines), 'x')).not.toThrow();
  });

  it.each([
    ['an altered entry', edited(2, '"value":0.5', '"value":0.6'), 3],
    ['a deleted entry', lines.filter((_, index) => index !== 2), 3],
    ['reordered entries', [0, 2, 1, 3, 4, 5].map((index) => lines[index] ?? ''), 2],
    ['a cut-off end', lines.slice(0, 4), 5],
    ['a cut-off end with the head kept', [...lines.slice(0, 4), lines[5] ?? ''], 5],
    [
      'a head that was edited to fit a cut-off end',
      [...lines.slice(0, 4), (lines[5] ?? '').replace('"entries":5', '"entries":4')],
      5,
    ],
    ['the head of another device', [...lines.slice(0, 5), otherLines[5] ?? ''], 1],
    ['something after the head', [...lines, lines[4] ?? ''], 7],
    ['a line that is cut', [...lines.slice(0, 4), (lines[4] ?? '').slice(0, 50)], 5],
    ['white space', edited(1, '"hash":', '"hash": '), 2],
    ['another field', edited(1, '"hash":', '"extra":1,"hash":'), 2],
    ['nothing', [], 1],
  ])('D6: finds %s', (_, tampered, sequence) => {
    const verdict = verifyExport(tampered);
    expect(verdict.problem).toMatchObject({ sequence });
    expect(() => requireWhole(verdict, 'ledger.jsonl')).toThrow('ledger.jsonl does not verify: entry');
  });

  it('D6: finds a head that its own device signed for another chain of the same length', () => {
    const { head } = JSON.parse(lines[5] ?? '');
    const another = { ...head, hash: 'a'.repeat(64) };
    const signature = signer.sign(`scram-head-v1\n${canonicalText(another)}`);
    const tampered = [...lines.slice(0, 5), canonicalText({ head: another, signature })];
    expect(verifyExport(tampered).problem).toEqual({ sequence: 5, what: 'is not the entry that the head names' });
  });
});
