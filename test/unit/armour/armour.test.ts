import { deflateRawSync } from 'node:zlib';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { armour, type ArmourKind, checksumOf, unarmour } from '../../../electron/services/armour/armour.ts';
import { DICTIONARIES, NEWEST } from '../../../electron/services/armour/dictionary.ts';
import { compactOf } from '../../../electron/services/armour/qr.ts';
import { sha256Hex } from '../../../electron/services/signing/canonical.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { JsonValue } from '../../../shared/model/json.ts';
import { DECISION, FLAGD_REQUEST, UNLEASH_REQUEST } from './samples.ts';

const kinds = fc.constantFrom<ArmourKind>('request', 'decision', 'open-request', 'open-share');
const json = fc.jsonValue({ maxDepth: 6, stringUnit: 'grapheme' }) as fc.Arbitrary<JsonValue>;
const refusal = (text: string): string => {
  try {
    unarmour(text);
  } catch (error) {
    if (error instanceof ScramError && error.code === 'invalid-input' && error.action !== null) return error.message;
    throw error;
  }
  return 'was read';
};
/** A block of the given bytes, as somebody would forge one: its checksum is right. */
const forged = (deflated: Uint8Array, dictionary = NEWEST) => {
  const bytes = Buffer.concat([Buffer.from([dictionary]), deflated]);
  const body = bytes.toString('base64').replaceAll('=', '');
  return `-----BEGIN SCRAM REQUEST-----\n${body}\n=${checksumOf({ kind: 'request', bytes })}\n-----END SCRAM REQUEST-----`;
};

describe('armoured text blocks', () => {
  it('D4: any JSON comes back as it was, in lines of 64, whole or in the compact form of a QR code', () => {
    fc.assert(
      fc.property(kinds, json, (kind, value) => {
        const text = armour(kind, value);
        expect(text.split('\n').every((line) => line.length <= 64)).toBe(true);
        for (const form of [text, compactOf(text)]) {
          const read = unarmour(form);
          expect(read.kind).toBe(kind);
          expect(canonicalize(read.value)).toBe(canonicalize(value));
        }
      }),
      { numRuns: 300 },
    );
  });

  const length = { decision: armour('decision', DECISION).length, flagd: armour('request', FLAGD_REQUEST).length };
  const unleash = armour('request', UNLEASH_REQUEST).length;
  it(`D4: short enough for chat: a decision ${length.decision} characters, a kill at flagd ${length.flagd}, at Unleash ${unleash}`, () => {
    expect(length.decision).toBeLessThan(1_000);
    expect(length.flagd).toBeLessThan(2_500);
    expect(unleash).toBeLessThan(2_500);
  });

  it('D4: blocks that were made with the first dictionary read for ever: it is what it was', () => {
    expect(sha256Hex(DICTIONARIES.get(1) ?? '')).toBe(
      'cff8d67c4f179d935b6b23934705355049f3ce018483dad061d4e1b8c8952797',
    );
    const kept = `-----BEGIN SCRAM DECISION-----
AcMenVjipLa2FgA
=7ddb3986
-----END SCRAM DECISION-----`;
    expect(unarmour(kept)).toEqual({ kind: 'decision', value: { decision: { body: { decision: 'approve' } } } });
  });
});

/** What chats, mails and editors do to a text on its way. */
const DAMAGE: Record<string, (text: string) => string> = {
  'quoted lines': (text) => text.replace(/^/gm, '> '),
  'lines quoted twice': (text) => text.replace(/^/gm, '>> '),
  'lines quoted as HTML': (text) => text.replace(/^/gm, '&gt; '),
  'a bar before each line': (text) => text.replace(/^/gm, '| '),
  CRLF: (text) => text.replaceAll('\n', '\r\n'),
  'lone CR': (text) => text.replaceAll('\n', '\r'),
  'no line breaks at all': (text) => text.replaceAll('\n', ' '),
  indentation: (text) => text.replace(/^/gm, '\t    '),
  'no-break spaces': (text) => text.replace(/^/gm, '\u00a0').replaceAll(' ', '\u00a0'),
  'trailing spaces': (text) => text.replace(/$/gm, '   '),
  'blank lines between': (text) => text.replaceAll('\n', '\n\n'),
  'a code fence': (text) => `\`\`\`text\n${text}\n\`\`\``,
  'a fence on the same line': (text) => `\`\`\`${text}\`\`\``,
  'stars for emphasis': (text) => `*${text}*`,
  'words around it': (text) => `Sam, can you approve this?\nINC-2041 -- urgent\n${text}\nthanks - Alex`,
  'words on its lines': (text) => `here: ${text} please`,
  'em dashes': (text) => text.replaceAll('-----', '—'),
  'en dashes': (text) => text.replaceAll('-----', '––'),
  'mixed dashes': (text) => text.replaceAll('-----', '—-–'),
  'minus signs': (text) => text.replaceAll('-', '−'),
  'small letters in the frame': (text) =>
    text.replace(/BEGIN SCRAM REQUEST|END SCRAM REQUEST/g, (c) => c.toLowerCase()),
  'zero-width spaces': (text) => text.replace(/(.{20})/g, '$1\u200b'),
  'a byte order mark': (text) => `\ufeff${text}`,
  'a frame line that was wrapped': (text) => text.replaceAll('SCRAM REQUEST', 'SCRAM\n> REQUEST'),
  'another block behind it': (text) => `${text}\n\n${armour('decision', DECISION)}`,
  'a cut-off block behind it': (text) => `${text}\n${text.slice(0, 200)}`,
};

describe('D4: what chats and mails do to a block does not matter', () => {
  const text = armour('request', UNLEASH_REQUEST);
  const expected = unarmour(text);

  it.each(Object.entries(DAMAGE))('%s', (_, damage) => {
    expect(unarmour(damage(text))).toEqual(expected);
  });

  it('several of them at once, and lines wrapped at any column', () => {
    const damages = fc.subarray(Object.values(DAMAGE), { maxLength: 3 });
    fc.assert(
      fc.property(damages, fc.integer({ min: 5, max: 200 }), (chosen, columns) => {
        const [begin = '', ...rest] = text.split('\n');
        const end = rest.pop() ?? '';
        const wrapped = rest.join('').replace(new RegExp(`.{1,${columns}}`, 'g'), '$&\n');
        const damaged = chosen.reduce((now, damage) => damage(now), `${begin}\n${wrapped}${end}`);
        expect(unarmour(damaged)).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it('the compact form, quoted and wrapped', () => {
    const compact = compactOf(text).replace(/.{40}/g, '$&\n> ');
    expect(unarmour(`from the QR code: ${compact} thanks`)).toEqual(expected);
  });

  it('of several blocks the first is read', () => {
    const both = `${compactOf(armour('decision', DECISION))}\n${text}`;
    expect(unarmour(both).kind).toBe('decision');
    expect(unarmour(`${text}\n${compactOf(armour('decision', DECISION))}`).kind).toBe('request');
  });
});

describe('D4: what matters is found', () => {
  const text = armour('decision', DECISION);
  const [begin = '', ...lines] = text.split('\n');
  const body = lines.slice(0, -2).join('');
  const tail = lines.slice(-2).join('\n');
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=->| .,ö';

  it('any single character altered, left out, doubled or put in', () => {
    const position = fc.nat(body.length - 1);
    const how = fc.constantFrom('alter', 'drop', 'insert', 'swap');
    fc.assert(
      fc.property(position, fc.constantFrom(...alphabet), how, (at, c, what) => {
        const rest = body.slice(at + 1);
        const altered = {
          alter: c + rest,
          drop: rest,
          insert: c + body.slice(at),
          swap: rest.slice(0, 1) + body[at] + rest.slice(1),
        };
        const made = body.slice(0, at) + altered[what];
        fc.pre(made.replace(/[ |>]/g, '') !== body);
        expect(refusal(`${begin}\n${made}\n${tail}`)).toMatch(/altered|does not belong|cut off/);
      }),
      { numRuns: 2_000 },
    );
  });

  it('every character of a block, altered to its neighbour in the alphabet', () => {
    for (let at = 0; at < body.length; at += 1) {
      const c = alphabet[(alphabet.indexOf(body[at] ?? '') + 1) % 64];
      expect(refusal(`${begin}\n${body.slice(0, at)}${c}${body.slice(at + 1)}\n${tail}`)).toMatch(/altered/);
    }
  });

  it.each([
    ['nothing in it', 'hello Sam, are you there?', /holds no block/],
    ['no END line', text.slice(0, -30), /cut off: its END line/],
    ['another block begun before the END', `${text.slice(0, 200)}\n${text}`, /cut off: its END line/],
    ['no checksum', text.replace(/=[0-9a-f]{8}\n/, ''), /cut off: its last line/],
    ['half a checksum', text.replace(/(=[0-9a-f]{4})[0-9a-f]{4}\n/, '$1\n'), /cut off: its last line/],
    ['another checksum', text.replace(/=[0-9a-f]{8}\n/, '=00000000\n'), /altered/],
    ['another kind on both lines', text.replaceAll('DECISION', 'REQUEST'), /altered/],
    ['another kind on one line', text.replace('DECISION', 'REQUEST'), /begins as REQUEST and ends as DECISION/],
    ['a kind that is not known', text.replaceAll('DECISION', 'WISH'), /kind that this console does not know: WISH/],
    ['a character from elsewhere', text.replace('\n', '\nö'), /«ö»/],
    ['an altered compact form', compactOf(text).replace(/(.{100})./, '$1Z'), /altered/],
    ['a compact form that was cut off', compactOf(text).slice(0, -3), /cut off/],
  ])('%s', (_, damaged, words) => {
    expect(refusal(damaged)).toMatch(words);
  });

  it.each([
    ['a bomb of 100 MB', forged(deflateRawSync(Buffer.alloc(100_000_000, 0x20))), /more than 1000000 bytes|longer/],
    ['a bomb of 2 MB', forged(deflateRawSync(Buffer.alloc(2_000_000, 0x20))), /more than 1000000 bytes/],
    ['more than 100 kB of text', 'x'.repeat(100_001), /longer than 100000/],
    [
      'JSON nested ten thousand deep',
      forged(deflateRawSync('['.repeat(10_000) + ']'.repeat(10_000))),
      /nested too deep/,
    ],
    ['JSON that is not canonical', forged(deflateRawSync('{"b":1,"a":1}')), /not canonical/],
    ['a key twice', forged(deflateRawSync('{"a":1,"a":2}')), /not canonical/],
    ['no JSON', forged(deflateRawSync('{"a":')), /no JSON/],
    ['no text', forged(deflateRawSync(Buffer.from([0x22, 0xff, 0x22]))), /cannot be unpacked/],
    ['bytes behind the end', forged(Buffer.concat([deflateRawSync('{}'), Buffer.from('more')])), /more in it/],
    ['a stream that stops short', forged(deflateRawSync('{"a":"bcdefgh"}').subarray(0, -3)), /cannot be unpacked/],
    ['no stream', forged(Buffer.from([0xff, 0xff])), /cannot be unpacked/],
    ['nothing', forged(Buffer.alloc(0)), /cannot be unpacked/],
    ['a dictionary of later', forged(deflateRawSync('{}'), 200), /newer version/],
  ])('hostile, with a right checksum: %s', (_, text_, words) => {
    expect(refusal(text_)).toMatch(words);
  });

  it('a text made to be slow to search is answered at once', () => {
    for (const part of ['-', '-----BEGIN ', '-----BEGIN SCRAM A', 'SCRAM:A:', ' ', '-----BEGIN SCRAM A-----\n']) {
      const started = performance.now();
      expect(refusal(part.repeat(99_000 / part.length))).not.toBe('was read');
      expect(performance.now() - started).toBeLessThan(1_000);
    }
  });

  it('random text is refused in words, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), fc.string({ maxLength: 300 }), (a, b) => {
        expect(refusal(a)).not.toBe('was read');
        expect(refusal(`${begin}\n${a}\n=${'0'.repeat(8)}\n${b}\n${lines.at(-1)}`)).not.toBe('was read');
      }),
    );
  });

  it('what is too large or no JSON is not made', () => {
    const noise = Array.from({ length: 4_000 }, (_, n) => sha256Hex(String(n)));
    expect(() => armour('request', noise)).toThrow(/too much for a text block/);
    expect(() => armour('request', 'x'.repeat(1_000_001))).toThrow(/too much for a text block/);
    expect(() => armour('request', '\ud800')).toThrow(/not JSON/);
    const deep = JSON.parse('['.repeat(100) + ']'.repeat(100)) as JsonValue;
    expect(() => armour('request', deep)).toThrow(/nested too deeply/);
  });
});
