import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageText, oneLine, plainLines } from '../../../shared/rules/notify-text.ts';
import { aMessage } from '../../support/notify.ts';

describe('a message as plain text (A8)', () => {
  it('reads well: title, facts, words, time in UTC', () => {
    expect(messageText(aMessage({ severity: 'critical', text: 'We switch it off.\nThen we look.' }))).toBe(
      [
        '[CRITICAL] Kill enable_new_pricing in production: accepted',
        '',
        'Flag: enable_new_pricing',
        'Why: errors at checkout',
        '',
        'We switch it off.',
        'Then we look.',
        '',
        'Scram, 2023-11-14 22:13:20 UTC',
      ].join('\n'),
    );
    expect(messageText(aMessage({ resolved: true }))).toMatch(/^\[OVER\] /);
  });

  it('is at most 4000 characters, says when it was shortened, and keeps the time', () => {
    const text = messageText(aMessage({ text: '😀'.repeat(2000), facts: [{ label: 'a', text: 'b'.repeat(3001) }] }));
    expect(text.length).toBeLessThanOrEqual(4000);
    expect(text).toMatch(/… \(shortened\)\n\nScram, 2023-11-14 22:13:20 UTC$/);
    expect(text.isWellFormed()).toBe(true);
  });

  it('whatever a fact says, it adds no line, and nothing unseen', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.string({ unit: 'binary', maxLength: 300 }),
        (label, words) => {
          const message = aMessage({ title: words, facts: [{ label, text: words }] });
          const lines = messageText(message).split('\n');
          expect(lines).toHaveLength(5);
          expect(messageText(message)).not.toMatch(/(?!\n)[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
        },
      ),
    );
  });

  it('words keep their lines, one line keeps none', () => {
    expect(plainLines('a\r\nb\u0000\tc\u202e')).toBe('a\nb c');
    expect(oneLine('  a\r\n\r\n b\u2028c\u0085d ')).toBe('a b c d');
  });
});
