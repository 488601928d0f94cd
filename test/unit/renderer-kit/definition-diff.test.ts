import { describe, expect, it } from 'vitest';
import { definitionLines } from '../../../renderer/kit/change/definition-lines.ts';
import { type DiffLine, diffLines, foldSame } from '../../../renderer/kit/change/line-diff.ts';

const shown = (lines: readonly DiffLine[]) =>
  lines.map(({ kind, text }) => `${kind === 'same' ? ' ' : kind === 'added' ? '+' : '-'}${text}`);

describe('what goes and what comes', () => {
  it('D1: every line of both sides is there, in order, the common ones once', () => {
    expect(shown(diffLines(['a', 'b', 'c', 'd'], ['a', 'x', 'c', 'd', 'e']))).toEqual([
      ' a',
      '-b',
      '+x',
      ' c',
      ' d',
      '+e',
    ]);
    expect(shown(diffLines([], ['a']))).toEqual(['+a']);
    expect(shown(diffLines(['a'], []))).toEqual(['-a']);
    expect(shown(diffLines(['a'], ['a']))).toEqual([' a']);
  });

  it('D1: both sides can be read back from it, whatever they are', () => {
    let seed = 7;
    const next = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % below;
    };
    for (let round = 0; round < 300; round += 1) {
      const lines = () => Array.from({ length: next(9) }, () => 'abcd'[next(4)] ?? '');
      const [before, after] = [lines(), lines()];
      const diff = diffLines(before, after);
      expect(diff.filter(({ kind }) => kind !== 'added').map(({ text }) => text)).toEqual(before);
      expect(diff.filter(({ kind }) => kind !== 'removed').map(({ text }) => text)).toEqual(after);
    }
  });

  it('shows a side that is too long to compare as replaced, whole', () => {
    const [before, after] = [1, 2].map((side) => Array.from({ length: 1_200 }, (_, line) => `${side} ${line}`));
    const diff = diffLines(before ?? [], after ?? []);
    expect(diff.filter(({ kind }) => kind === 'removed')).toHaveLength(1_200);
    expect(diff.filter(({ kind }) => kind === 'added')).toHaveLength(1_200);
  });

  it('folds what is alike and far away, and says how much', () => {
    const same = Array.from({ length: 10 }, (_, line) => String(line));
    const folded = foldSame(diffLines([...same, 'old', ...same], [...same, 'new', ...same]), 2);
    expect(folded.map((line) => (line.kind === 'skipped' ? line.count : line.text))).toEqual([
      8,
      '8',
      '9',
      'old',
      'new',
      '0',
      '1',
      8,
    ]);
  });
});

describe('a definition as lines', () => {
  it('is the JSON that it is', () => {
    const value = { on: true, rules: [{ share: 20 }, []], none: null, nothing: {} };
    expect(definitionLines(value).join('\n')).toBe(JSON.stringify(value, null, 2));
  });

  it('D1: a document kept as text stands line by line, so that a change in it is seen', () => {
    expect(definitionLines({ text: '{\n  "state": "ENABLED"\n}\n', last: 1 })).toEqual([
      '{',
      '  "text": """',
      '    {',
      '      "state": "ENABLED"',
      '    }',
      '  """,',
      '  "last": 1',
      '}',
    ]);
  });
});
