import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { definitionDiff } from '../../../electron/hosts/terminal/definition-diff.ts';
import { qrText } from '../../../electron/hosts/terminal/qr-text.ts';
import type { JsonValue } from '../../../shared/model/json.ts';

const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<JsonValue>;

describe('what a change does to the whole flag', () => {
  it('D1: shows removed and added lines with what is around them', () => {
    const before = { enabled: true, name: 'x', a: 1, b: 2, c: 3, d: 4, e: 5, rollout: 20 };
    expect(definitionDiff(before, { ...before, rollout: 0 })).toEqual([
      '    "enabled": true,',
      '    "name": "x",',
      '-   "rollout": 20',
      '+   "rollout": 0',
      '  }',
    ]);
    expect(definitionDiff(before, { ...before, a: 9, rollout: 0 })).toContain('  …');
  });

  it('D1: nothing is left out: the lines that stay and the removed ones are the flag before, with the added ones after', () => {
    const lines = (value: JsonValue) =>
      JSON.stringify(value, null, 1)
        .split('\n')
        .map((line) => line.trim());
    const sorted = (value: JsonValue): JsonValue => {
      if (typeof value !== 'object' || value === null) return value;
      if (Array.isArray(value)) return value.map(sorted);
      return Object.fromEntries(
        Object.keys(value)
          .sort()
          .map((key) => [key, sorted(value[key] ?? null)]),
      );
    };
    fc.assert(
      fc.property(json, json, (before, after) => {
        const diff = definitionDiff(before, after).filter((line) => line !== '  …');
        const side = (mark: string) =>
          diff.filter((line) => !line.startsWith(mark)).map((line) => line.slice(2).trim());
        const whole = (shown: string[], of: JsonValue) => {
          const all = lines(sorted(of));
          let at = -1;
          for (const line of shown) {
            at = all.indexOf(line, at + 1);
            expect(at).toBeGreaterThanOrEqual(0);
          }
        };
        if (JSON.stringify(before).includes('\\') || JSON.stringify(after).includes('\\')) return;
        whole(side('+'), before);
        whole(side('-'), after);
        expect(diff.length === 0).toBe(JSON.stringify(sorted(before)) === JSON.stringify(sorted(after)));
      }),
    );
  });

  it('D1: a definition that is kept as text is told by what it says; where only its layout differs, by that', () => {
    const text = (value: object, space = 0) => ({ text: JSON.stringify(value, null, space) });
    const diff = definitionDiff(text({ on: true, targeting: { a: 1 } }), text({ on: false, targeting: { a: 1 } }));
    expect(diff).toContain('-     "on": true,');
    expect(definitionDiff(text({ on: true }), text({ on: true }, 1))).toHaveLength(2);
    expect(definitionDiff({ text: 'state: on\nvariants: x\n' }, { text: 'state: off\nvariants: x\n' })).toContain(
      '-     "state: on",',
    );
  });

  it('the order of keys is no change; control characters are shown, not obeyed', () => {
    expect(definitionDiff({ a: 1, b: { c: 1, d: 2 } }, { b: { d: 2, c: 1 }, a: 1 })).toEqual([]);
    expect(definitionDiff('a', '\u009b2J').join()).not.toContain('\u009b');
  });

  it('large definitions are told too, in time', () => {
    const many = (n: number) => Array.from({ length: n }, (_, i) => ({ id: i % 7 }));
    const started = performance.now();
    expect(definitionDiff(many(20_000), many(19_000)).length).toBeGreaterThan(0);
    expect(performance.now() - started).toBeLessThan(3_000);
  });
});

describe('a QR code in the terminal', () => {
  it('D4: each module can be told from the characters, light ones drawn', () => {
    const rows = fc
      .integer({ min: 1, max: 9 })
      .chain((size) =>
        fc.array(fc.array(fc.boolean(), { minLength: size, maxLength: size }), { minLength: size, maxLength: size }),
      );
    fc.assert(
      fc.property(rows, (given) => {
        const back = qrText(given)
          .split('\n')
          .flatMap((line) => [
            [...line].map((c) => c === '▄' || c === ' '),
            [...line].map((c) => c === '▀' || c === ' '),
          ]);
        expect(back.slice(0, given.length)).toEqual(given);
      }),
    );
  });
});
