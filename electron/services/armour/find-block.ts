import { fromBase32 } from './base32.ts';

/** One block as it was found: its title (REQUEST …), its bytes, and the checksum that it bears. */
export interface FoundBlock {
  readonly title: string;
  /** Null when the characters are no encoding of bytes. */
  readonly bytes: Uint8Array | null;
  readonly checksum: string;
}

/** Hyphen, the dashes that editors put in its place, and the minus sign. */
const DASHES = '[-\\u2010-\\u2015\\u2212\\ufe58\\ufe63\\uff0d]{1,40}';
/** Spaces of every kind, and the quote marks of a line that was wrapped here. Bounded: no text takes long to search. */
const GAP = '[\\s>|]';
const TITLE = `SCRAM${GAP}{1,20}([A-Z]{1,20}(?:${GAP}{1,20}[A-Z]{1,20})?)`;
const lineOf = (word: string) =>
  new RegExp(`${DASHES}${GAP}{0,20}${word}${GAP}{1,20}${TITLE}${GAP}{0,20}${DASHES}`, 'iu');
const BEGIN = lineOf('BEGIN');
const END = lineOf('END');
/** The form that a QR code holds: see `qr.ts`. */
const COMPACT_BEGIN = /\bSCRAM:[A-Z-]{1,40}:/i;
const COMPACT = /^SCRAM:([A-Z-]+):([0-9A-Z]+):([0-9A-F]{8})/i;
/** Characters without width, which some programs put in where a line may be broken. */
const INVISIBLE = /\u00ad|[\u200b-\u200f]|\u2060|\ufeff/gu;
/** What quoting, fencing and emphasis leave around or in front of lines; none of it is base64. */
const DECORATION = /&gt;|&nbsp;|[\s>|`*~"']/giu;

/** The first block of a text, or in words why there is none. */
export function findBlock(given: string): FoundBlock | string {
  const text = given.replace(INVISIBLE, '');
  const begin = BEGIN.exec(text);
  const compact = COMPACT_BEGIN.exec(text);
  if (compact !== null && (begin === null || compact.index < begin.index))
    return readCompact(text.slice(compact.index));
  if (begin === null) return 'it holds no block: no line -----BEGIN SCRAM …----- was found';
  return readLines(titleOf(begin), text.slice(begin.index + begin[0].length));
}

function readLines(title: string, rest: string): FoundBlock | string {
  const end = END.exec(rest);
  const next = BEGIN.exec(rest);
  if (end === null || (next !== null && next.index < end.index)) return 'the block is cut off: its END line is missing';
  if (titleOf(end) !== title) return `the block begins as ${title} and ends as ${titleOf(end)}`;
  const body = rest.slice(0, end.index).replace(DECORATION, '');
  const stray = /[^A-Za-z0-9+/=]/u.exec(body);
  if (stray !== null) return `the block has a character in it that does not belong there: «${stray[0]}»`;
  const parts = /^([^=]*)=([0-9a-f]{8})$/i.exec(body);
  if (parts === null) return 'the block is cut off: its last line, = and a checksum, is missing or incomplete';
  return { title, bytes: fromBase64(parts[1] ?? ''), checksum: parts[2] ?? '' };
}

function readCompact(rest: string): FoundBlock | string {
  const found = COMPACT.exec(rest.replace(DECORATION, ''));
  if (found === null) return 'the text of the QR code is cut off';
  const [, title = '', body = '', checksum = ''] = found;
  return { title: title.toUpperCase().replaceAll('-', ' '), bytes: fromBase32(body), checksum };
}

/** Null for any other spelling of the bytes than the one that was written: an altered last character is found (D4). */
function fromBase64(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64').replaceAll('=', '') === text ? bytes : null;
}

function titleOf(found: RegExpExecArray): string {
  return (found[1] ?? '').toUpperCase().replace(new RegExp(`${GAP}+`, 'gu'), ' ');
}
