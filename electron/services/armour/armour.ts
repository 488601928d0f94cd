import { hash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import canonicalize from 'canonicalize';
import type { Armoured } from '../../../shared/model/approval.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { JsonValue } from '../../../shared/model/json.ts';
import { DICTIONARIES, NEWEST } from './dictionary.ts';
import { findBlock } from './find-block.ts';

export type ArmourKind = Armoured['kind'];

/** Longest text that is taken or given, characters; and what it may hold once inflated, bytes. */
export const TEXT_LIMIT = 100_000;
const INFLATED_LIMIT = 1_000_000;
/** What nests deeper than this was not written by a console, and would exhaust the stack of whoever walks it. */
const DEPTH_LIMIT = 64;
const COLUMNS = 64;
const CHECKSUM_DIGITS = 8;

const TITLES: Readonly<Record<ArmourKind, string>> = {
  request: 'REQUEST',
  decision: 'DECISION',
  'open-request': 'OPEN REQUEST',
  'open-share': 'OPEN SHARE',
};

/** A block's kind and its bytes: the number of a dictionary, then canonical JSON deflated with it. */
export interface Packed {
  readonly kind: ArmourKind;
  readonly bytes: Uint8Array;
}

/**
 * Signed statements as a text block that passes through any chat (D4): lines of 64 characters of base64, then `=` and
 * a checksum. Throws `too-large` when the block would be longer than `unarmour` takes.
 */
export function armour(kind: ArmourKind, value: JsonValue): string {
  const packed = pack(kind, value);
  const body = Buffer.from(packed.bytes).toString('base64').replaceAll('=', '');
  const lines = body.match(new RegExp(`.{1,${COLUMNS}}`, 'g')) ?? [];
  const title = `SCRAM ${TITLES[kind]}`;
  const text = [`-----BEGIN ${title}-----`, ...lines, `=${checksumOf(packed)}`, `-----END ${title}-----`].join('\n');
  if (text.length > TEXT_LIMIT) throw tooLarge();
  return text;
}

/**
 * Reads the first block of a text, forgiving what chats and mails do to it: quotes, indentation, other line breaks,
 * code fences, words around it, dashes that were made pretty. Throws `invalid-input` saying what is wrong with it. What
 * it holds is only known to be whole: who signed it is for the caller to check.
 */
export function unarmour(text: string): { kind: ArmourKind; value: JsonValue } {
  const packed = unpack(text);
  return { kind: packed.kind, value: inflate(packed) };
}

/** Throws `invalid-input` as `unarmour` does. */
export function unpack(text: string): Packed {
  if (text.length > TEXT_LIMIT) throw invalid(`the text is longer than ${TEXT_LIMIT} characters`);
  const found = findBlock(text);
  if (typeof found === 'string') throw invalid(found);
  const kind = kindOf(found.title);
  if (kind === null) throw invalid(`it holds a block of a kind that this console does not know: ${found.title}`);
  const bytes = found.bytes;
  if (bytes === null || checksumOf({ kind, bytes }) !== found.checksum.toLowerCase()) {
    throw invalid('the block was altered on its way: its checksum does not fit');
  }
  return { kind, bytes };
}

export function titleOf(kind: ArmourKind): string {
  return TITLES[kind];
}

/** The kind is part of it: a block whose first line was altered is found too. */
export function checksumOf({ kind, bytes }: Packed): string {
  return hash('sha256', Buffer.concat([Buffer.from(`${kind}\n`), bytes]), 'hex').slice(0, CHECKSUM_DIGITS);
}

function pack(kind: ArmourKind, value: JsonValue): Packed {
  const text = canonicalText(value);
  if (Buffer.byteLength(text) > INFLATED_LIMIT) throw tooLarge();
  const dictionary = DICTIONARIES.get(NEWEST);
  const deflated = deflateRawSync(text, { level: 9, memLevel: 9, ...(dictionary ? { dictionary } : {}) });
  return { kind, bytes: Buffer.concat([Buffer.from([NEWEST]), deflated]) };
}

function inflate({ bytes }: Packed): JsonValue {
  const dictionary = DICTIONARIES.get(bytes[0] ?? 0);
  if (dictionary === undefined) throw invalid('the block was made by a newer version of Scram');
  const deflated = bytes.subarray(1);
  let text: string;
  try {
    const options = { dictionary, maxOutputLength: INFLATED_LIMIT, info: true };
    // Node's types do not know what `info` gives: https://nodejs.org/api/zlib.html#class-options
    const read = inflateRawSync(deflated, options) as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
    if (read.engine.bytesWritten !== deflated.length) throw invalid('the block has more in it than it should');
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(read.buffer);
  } catch (cause) {
    if (cause instanceof ScramError) throw cause;
    const large = cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE';
    throw invalid(large ? `the block holds more than ${INFLATED_LIMIT} bytes` : 'the block cannot be unpacked', cause);
  }
  if (depthOf(text) > DEPTH_LIMIT) throw invalid('what the block holds is nested too deeply');
  try {
    const value = JSON.parse(text) as JsonValue;
    if (canonicalize(value) === text) return value;
  } catch (cause) {
    throw invalid('the block holds no JSON', cause);
  }
  throw invalid('what the block holds was not written by Scram: its JSON is not canonical');
}

/** Depth of brackets outside strings, told without parsing. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const c = text[index];
    if (c === '\\' && quoted) index += 1;
    else if (c === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (c === '[' || c === '{') deepest = Math.max(deepest, ++depth);
    else if (c === ']' || c === '}') depth -= 1;
  }
  return deepest;
}

function canonicalText(value: JsonValue): string {
  try {
    const text = canonicalize(value);
    if (text !== undefined && depthOf(text) <= DEPTH_LIMIT) return text;
  } catch (cause) {
    throw invalid('this cannot be put into a text block: it is not JSON', cause);
  }
  throw invalid('this cannot be put into a text block: it is nested too deeply');
}

function kindOf(title: string): ArmourKind | null {
  for (const [kind, known] of Object.entries(TITLES)) if (known === title) return kind as ArmourKind;
  return null;
}

function invalid(message: string, cause?: unknown): ScramError {
  return new ScramError('invalid-input', message, {
    action: 'copy the whole block again, from its BEGIN line to its END line',
    ...(cause === undefined ? {} : { cause }),
  });
}

function tooLarge(): ScramError {
  return new ScramError('too-large', 'this is too much for a text block', {
    action: 'use the team store, or ask for fewer flags at once',
  });
}
