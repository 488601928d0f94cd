import { describe, expect, it } from 'vitest';
import { createLog } from '../../../electron/platform/log.ts';

function logInto() {
  const lines: string[] = [];
  const log = createLog({ write: (line) => void lines.push(line), now: () => 0 });
  return { lines, log };
}

describe('log', () => {
  it('writes one JSON object per line', () => {
    const { lines, log } = logInto();
    log.info('started', { port: 1234, note: 'two\nlines' });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.endsWith('\n')).toBe(true);
    expect(lines[0]?.trimEnd()).not.toContain('\n');
    const { at, level, event, port, note } = JSON.parse(lines[0] ?? '');
    expect({ at, level, event, port, note }).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      level: 'info',
      event: 'started',
      port: 1234,
      note: 'two\nlines',
    });
  });

  it('leaves out what is below its level', () => {
    const lines: string[] = [];
    const log = createLog({ write: (line) => void lines.push(line), level: 'error' });
    log.info('a');
    log.warn('b');
    log.error('c');
    expect(lines.map((line) => JSON.parse(line).event)).toEqual(['c']);
  });

  // Its base64 has a plus and a slash, which the URL form of base64 has not.
  const secret = 'pa"ss w/o?rd+ü~~~???>>>';
  it.each([
    ['as it is', secret],
    ['inside a sentence', `login with ${secret} failed`],
    ['in a URL path', `http://h/${encodeURIComponent(secret)}`],
    ['in a form', new URLSearchParams({ p: secret }).toString()],
    ['in JSON', JSON.stringify({ p: secret })],
    ['in base64', Buffer.from(secret).toString('base64')],
    ['in base64 for URLs', Buffer.from(secret).toString('base64url')],
    ['as the Basic header of its pair', `Basic ${Buffer.from(`admin:${secret}`).toString('base64')}`],
  ])('E2: a registered secret never stands in a line: %s', (_, text) => {
    const { lines, log } = logInto();
    log.registerSecret(`admin:${secret}`);
    log.error(text, { text });
    const line = lines[0] ?? '';
    expect(line).toContain('[redacted]');
    for (const form of [
      secret,
      encodeURIComponent(secret),
      JSON.stringify(secret).slice(1, -1),
      Buffer.from(secret).toString('base64'),
    ]) {
      expect(line).not.toContain(form);
    }
    expect(JSON.stringify(JSON.parse(line))).not.toContain(JSON.stringify(secret).slice(1, -1));
  });

  it('E2: redacts by field name, users in addresses, and short secrets as whole values', () => {
    const { lines, log } = logInto();
    log.registerSecret('abc');
    log.registerSecret('4711');
    log.info('x', { apiToken: 'zzz', url: 'https://me:hunter2@host/p', whole: 'abc', part: 'abcd', pin: 4711 });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      apiToken: '[redacted]',
      url: 'https://[redacted]@host/p',
      whole: '[redacted]',
      part: 'abcd',
      pin: '[redacted]',
    });
  });

  it('goes on when nothing can be written', () => {
    const log = createLog({
      write: () => {
        throw new Error('ENOSPC');
      },
    });
    expect(() => log.error('x')).not.toThrow();
  });
});
