import { isDeepStrictEqual } from 'node:util';
import { findNodeAtLocation, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { ScramError } from '../../../../shared/model/error.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../../shared/model/json.ts';
import { checkDefinition, checkRoot, type Fault } from './definition.ts';
import { decode, emptyFile, type FlagFile, invalidFile, type SourceDefinition } from './flag-file.ts';
import { type Member, NotJson, scanObject, skipSpace } from './json-scan.ts';
import { lineColumn } from './position.ts';

const BOM_LENGTH = 3;

/**
 * Reads a JSON flag file. Each definition is parsed by itself and dropped again: 10,000 flags never stand in memory as
 * one tree, and their places in the file are known for the splice.
 */
export function openJsonFile(path: string, bytes: Buffer): FlagFile {
  const from = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? BOM_LENGTH : 0;
  if (skipSpace(bytes, from) === bytes.length) throw emptyFile(path);
  try {
    return scan(path, bytes, from);
  } catch (error) {
    if (!(error instanceof NotJson) && !(error instanceof SyntaxError)) throw error;
    throw syntaxError(path, bytes, from, error);
  }
}

function scan(path: string, bytes: Buffer, from: number): FlagFile {
  const slice = (start: number, end: number) => bytes.toString('utf8', start, end);
  const parse = (start: number, end: number): JsonValue => JSON.parse(slice(start, end));
  const start = skipSpace(bytes, from);
  const firstByte = bytes[start];
  if (firstByte !== 0x7b) {
    JSON.parse(slice(start, bytes.length));
    throw fault(path, bytes, { path: [], message: 'expected an object with "flags"' });
  }
  const root = scanObject(bytes, start);
  const rest = skipSpace(bytes, root.end);
  if (rest !== bytes.length) throw new NotJson(rest);

  const others: JsonObject = {};
  let flagsAt: Member | null = null;
  for (const member of root.members) {
    const name = String(parse(member.keyStart, member.keyEnd));
    // A map is read below, flag by flag; anything else under this name is refused by `checkRoot`.
    if (name === 'flags' && bytes[member.start] === 0x7b) flagsAt = member;
    else others[name] = parse(member.start, member.end);
  }
  const rootFault = checkRoot(flagsAt ? { ...others, flags: {} } : others);
  decode(path, bytes);
  if (rootFault) throw fault(path, bytes, rootFault);

  const spans = new Map<string, Member>();
  for (const member of flagsAt ? scanObject(bytes, flagsAt.start).members : []) {
    // Where a key stands twice the last one counts, as it does for flagd.
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
    const definition = parseOr(text, (error) => syntaxError(path, bytes, from, error));
    const problem = checkDefinition(definition);
    if (!problem && isJsonObject(definition)) return { text, definition };
    throw fault(path, bytes, {
      path: ['flags', key, ...(problem?.path ?? [])],
      message: problem?.message ?? 'expected a map',
    });
  };
  return {
    bytes,
    keys: [...spans.keys()],
    evaluators: isJsonObject(others.$evaluators) ? others.$evaluators : {},
    metadata: isJsonObject(others.metadata) ? others.metadata : {},
    has: (key) => spans.has(key),
    read,
    replaced(key, text) {
      const { start: begin, end } = span(key);
      // One complete JSON value in the place of another leaves everything around it as it was, so that the proof
      // needs no second reading of the whole file.
      const definition: unknown = JSON.parse(text);
      if (!isJsonObject(definition) || checkDefinition(definition) || text.trim() !== text) {
        throw new ScramError('refused', `${path}: the new definition of ${key} is not one that flagd accepts`);
      }
      const replacement = Buffer.from(text, 'utf8');
      const result = Buffer.concat([bytes.subarray(0, begin), replacement, bytes.subarray(end)]);
      const reread = JSON.parse(result.toString('utf8', begin, begin + replacement.length));
      if (!isDeepStrictEqual(reread, definition))
        throw new ScramError('internal', `${path}: the splice of ${key} failed`);
      return { bytes: result, definition };
    },
  };
}

function parseOr(text: string, failure: (error: SyntaxError) => ScramError): JsonValue {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw error instanceof SyntaxError ? failure(error) : error;
  }
}

function syntaxError(path: string, bytes: Buffer, from: number, cause: NotJson | SyntaxError): ScramError {
  const text = decode(path, bytes).slice(from > 0 ? 1 : 0);
  const errors: ParseError[] = [];
  parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  const first = errors[0];
  const offset = first?.offset ?? (cause instanceof NotJson ? cause.offset : 0);
  const { line, column } = lineColumn(text, offset);
  const ended = offset >= text.trimEnd().length;
  const words = first
    ? printParseErrorCode(first.error)
        .replace(/([a-z])([A-Z])/g, '$1 $2')
        .toLowerCase()
    : cause.message;
  return invalidFile(path, line, column, `invalid JSON: ${words}${ended ? ' (the file ends here)' : ''}`);
}

/** Line and column of a field. A missing field is named at the object that should have it. */
function fault(path: string, bytes: Buffer, { path: at, message }: Fault): ScramError {
  const text = decode(path, bytes).replace(/^\uFEFF/, '');
  const root = parseTree(text);
  let offset = 0;
  for (let length = at.length; root && length >= 0; length -= 1) {
    const node = findNodeAtLocation(root, at.slice(0, length));
    if (!node) continue;
    offset = node.parent?.type === 'property' ? node.parent.offset : node.offset;
    break;
  }
  const { line, column } = lineColumn(text, offset);
  return invalidFile(path, line, column, `${at.join('.') || 'the file'}: ${message}`);
}
