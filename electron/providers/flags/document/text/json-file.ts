import { isDeepStrictEqual } from 'node:util';
import { findNodeAtLocation, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { ScramError } from '../../../../../shared/model/error.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../../../shared/model/json.ts';
import {
  decode,
  emptyFile,
  type Fault,
  type FlagFile,
  type Grammar,
  invalidFile,
  type SourceDefinition,
} from './flag-file.ts';
import { type Member, NotJson, scanObject, skipSpace } from './json-scan.ts';
import { applyEdits, lineColumn } from './position.ts';

const BOM_LENGTH = 3;

/**
 * Reads a JSON flag file. Each definition is parsed by itself and dropped again: 10,000 flags never stand in memory as
 * one tree, and their places in the file are known for the splice.
 */
export function openJsonFile(path: string, bytes: Buffer, grammar: Grammar): FlagFile {
  const from = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? BOM_LENGTH : 0;
  if (skipSpace(bytes, from) === bytes.length) throw emptyFile(path, grammar);
  try {
    return scan(path, bytes, from, grammar);
  } catch (error) {
    if (!(error instanceof NotJson) && !(error instanceof SyntaxError)) throw error;
    throw syntaxError(path, bytes, from, error, grammar);
  }
}

function scan(path: string, bytes: Buffer, from: number, grammar: Grammar): FlagFile {
  const { flagsIn } = grammar;
  const slice = (start: number, end: number) => bytes.toString('utf8', start, end);
  const parse = (start: number, end: number): JsonValue => JSON.parse(slice(start, end));
  const start = skipSpace(bytes, from);
  const firstByte = bytes[start];
  if (firstByte !== 0x7b) {
    JSON.parse(slice(start, bytes.length));
    const message = flagsIn === null ? 'expected an object of flags by key' : `expected an object with "${flagsIn}"`;
    throw fault(path, bytes, { path: [], message }, grammar);
  }
  const root = scanObject(bytes, start);
  const rest = skipSpace(bytes, root.end);
  if (rest !== bytes.length) throw new NotJson(rest);

  const others: JsonObject = {};
  let members = flagsIn === null ? root.members : [];
  let found = false;
  for (const member of flagsIn === null ? [] : root.members) {
    const name = String(parse(member.keyStart, member.keyEnd));
    // A map is read below, flag by flag; anything else under this name is refused by `checkRoot`.
    if (name === flagsIn && bytes[member.start] === 0x7b) {
      members = scanObject(bytes, member.start).members;
      found = true;
    } else others[name] = parse(member.start, member.end);
  }
  const rootFault = grammar.checkRoot(flagsIn !== null && found ? { ...others, [flagsIn]: {} } : others);
  decode(path, bytes);
  if (rootFault) throw fault(path, bytes, rootFault, grammar);

  const spans = new Map<string, Member>();
  for (const member of members) {
    // Where a key stands twice the last one counts, as it does for readers of JSON.
    spans.set(String(parse(member.keyStart, member.keyEnd)), member);
  }

  const span = (key: string): Member => {
    const found = spans.get(key);
    if (found) return found;
    throw new ScramError('not-found', `${path} has no flag ${key}`);
  };
  const read = (key: string): SourceDefinition => {
    const { start: begin, end } = span(key);
    const text = slice(begin, end);
    const definition = parseOr(text, (error) => syntaxError(path, bytes, from, error, grammar));
    const problem = grammar.checkDefinition(definition);
    if (!problem && isJsonObject(definition)) return { text, definition };
    const at = [...(flagsIn === null ? [] : [flagsIn]), key, ...(problem?.path ?? [])];
    throw fault(path, bytes, { path: at, message: problem?.message ?? 'expected a map' }, grammar);
  };
  return {
    bytes,
    syntax: 'json',
    keys: [...spans.keys()],
    others,
    has: (key) => spans.has(key),
    read,
    replaced(texts) {
      const definitions = new Map<string, JsonObject>();
      const edits = [...texts].map(([key, text]) => {
        // One complete JSON value in the place of another leaves everything around it as it was, so that the proof
        // needs no second reading of the whole file.
        const definition = parseOrUndefined(text);
        if (!isJsonObject(definition) || grammar.checkDefinition(definition) || text.trim() !== text) {
          throw new ScramError('refused', `${path}: the new definition of ${key} is not one that is accepted`);
        }
        definitions.set(key, definition);
        return { ...span(key), text, key };
      });
      const result = applyEdits(bytes, edits);
      let shift = 0;
      for (const { start: begin, end, text, key } of edits.sort((one, other) => one.start - other.start)) {
        const length = Buffer.byteLength(text, 'utf8');
        const reread = JSON.parse(result.toString('utf8', begin + shift, begin + shift + length));
        if (!isDeepStrictEqual(reread, definitions.get(key))) {
          throw new ScramError('internal', `${path}: the splice of ${key} failed`);
        }
        shift += length - (end - begin);
      }
      return { bytes: result, definitions };
    },
  };
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parseOr(text: string, failure: (error: SyntaxError) => ScramError): JsonValue {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw error instanceof SyntaxError ? failure(error) : error;
  }
}

function syntaxError(
  path: string,
  bytes: Buffer,
  from: number,
  cause: NotJson | SyntaxError,
  grammar: Grammar,
): ScramError {
  const text = decode(path, bytes).slice(from > 0 ? 1 : 0);
  const errors: ParseError[] = [];
  parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  const first = errors[0];
  const offset = first?.offset ?? (cause instanceof NotJson ? cause.offset : 0);
  const ended = offset >= text.trimEnd().length;
  const words = first
    ? printParseErrorCode(first.error)
        .replace(/([a-z])([A-Z])/g, '$1 $2')
        .toLowerCase()
    : cause.message;
  const what = `invalid JSON: ${words}${ended ? ' (the file ends here)' : ''}`;
  return invalidFile(path, lineColumn(text, offset), what, grammar);
}

/** Line and column of a field. A missing field is named at the object that should have it. */
function fault(path: string, bytes: Buffer, { path: at, message }: Fault, grammar: Grammar): ScramError {
  const text = decode(path, bytes).replace(/^\uFEFF/, '');
  const root = parseTree(text);
  let offset = 0;
  for (let length = at.length; root && length >= 0; length -= 1) {
    const node = findNodeAtLocation(root, at.slice(0, length));
    if (!node) continue;
    offset = node.parent?.type === 'property' ? node.parent.offset : node.offset;
    break;
  }
  return invalidFile(path, lineColumn(text, offset), `${at.join('.') || 'the file'}: ${message}`, grammar);
}
