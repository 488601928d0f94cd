import { IntlMessageFormat } from 'intl-messageformat';
import { describe, expect, it } from 'vitest';
import { durationText } from '../../../renderer/messages/duration.ts';
import { de } from '../../../renderer/messages/de/index.ts';
import { en } from '../../../renderer/messages/en/index.ts';
import { formatMessage, formatText } from '../../../renderer/messages/format.ts';

/** Names of the parameters of an ICU text. */
function params(text: string, language: string): string[] {
  const names = new Set<string>();
  const walk = (elements: readonly unknown[]) => {
    for (const element of elements) {
      const { type, value, options } = element as {
        type: number;
        value: string;
        options?: Record<string, { value: unknown[] }>;
      };
      if (type !== 0 && type !== 7) names.add(value);
      for (const option of Object.values(options ?? {})) if (Array.isArray(option.value)) walk(option.value);
    }
  };
  walk(new IntlMessageFormat(text, language, undefined, { ignoreTag: true }).getAst());
  return [...names].sort();
}

describe('catalogues', () => {
  it('H2: German has every text of English and nothing else, with the same parameters, and all of them compile', () => {
    expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort());
    for (const id of Object.keys(en) as (keyof typeof en)[]) {
      expect(params(de[id], 'de'), id).toEqual(params(en[id], 'en'));
      expect(de[id].trim(), id).not.toBe('');
      expect(en[id], id).not.toContain('!');
    }
  });

  it('writes plurals and numbers as the language does', () => {
    expect(formatText('en', 'shell.strip.problems', { count: 1 })).toContain('1 problem in');
    expect(formatText('de', 'shell.strip.problems', { count: 2 })).toContain('2 Probleme in');
    expect(formatText('de', 'shell.status.ledger', { entries: 4182 })).toBe('Protokoll 4.182');
  });
});

describe('sentences of the back end', () => {
  it('A7: reasons of suspects are words, with durations instead of milliseconds', () => {
    const reason = { id: 'suspect.raised-before', params: { from: 0, to: 20, beforeMs: 108_000 } };
    expect(formatMessage('en', reason)).toBe('raised from 0 to 20 %, 1 min 48 s before the breach');
  });

  it('shows what it does not know with its parameters: never hidden, never a crash', () => {
    expect(formatMessage('en', { id: 'suspect.new-kind', params: { x: 1, y: null } })).toBe(
      'suspect.new-kind · x 1 · y null',
    );
    expect(formatMessage('en', { id: 'toString', params: {} })).toBe('toString');
  });

  it('durations name the two largest units', () => {
    expect([0, 999, 59_400, 60_000, 61_000, 3_600_000, 3_720_000].map(durationText)).toEqual([
      '0 s',
      '1 s',
      '59 s',
      '1 min',
      '1 min 1 s',
      '1 h',
      '1 h 2 min',
    ]);
  });
});
