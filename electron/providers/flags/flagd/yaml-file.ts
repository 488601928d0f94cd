import { isDeepStrictEqual } from 'node:util';
import {
  type Document,
  isMap,
  isScalar,
  type LineCounter,
  LineCounter as Lines,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import { ScramError } from '../../../../shared/model/error.ts';
import { isJsonObject, type JsonObject, jsonValueSchema } from '../../../../shared/model/json.ts';
import { checkDefinition, checkRoot, type Fault } from './definition.ts';
import { decode, emptyFile, type FlagFile, invalidFile } from './flag-file.ts';
import { contentEnd, rangeOf } from './yaml-nodes.ts';

/** Merge keys are read, as flagd's own YAML reader does. */
export const YAML_OPTIONS = { merge: true, keepSourceTokens: true, prettyErrors: false } as const;

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Reads a YAML flag file. The source of a definition starts at its key and ends with its last line's content. */
export function openYamlFile(path: string, bytes: Buffer): FlagFile {
  const text = decode(path, bytes);
  if (text.replace(/^\uFEFF/, '').trim() === '') throw emptyFile(path);
  const lines = new Lines();
  const document = parseDocument(text, { ...YAML_OPTIONS, lineCounter: lines });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw invalidFile(path, line, col, `invalid YAML: ${error.message}`);
  }
  const root = plainOf(path, document);
  const fault = faultOf(root);
  if (fault) throw faultError(path, document, lines, fault);

  const flags = isJsonObject(root) && isJsonObject(root.flags) ? root.flags : {};
  const evaluators = isJsonObject(root) && isJsonObject(root.$evaluators) ? root.$evaluators : {};
  const metadata = isJsonObject(root) && isJsonObject(root.metadata) ? root.metadata : {};
  const spans = spansOf(document, text);
  const definition = (key: string): JsonObject => {
    const found = Object.hasOwn(flags, key) ? flags[key] : undefined;
    if (isJsonObject(found)) return found;
    throw new ScramError('not-found', `${path} has no flag ${key}`);
  };
  const span = (key: string): Span => {
    definition(key);
    const found = spans.get(key);
    if (found) return found;
    throw new ScramError('refused', `${path}: ${key} has no lines of its own (it comes from a merge or an alias)`);
  };
  const file: FlagFile = {
    bytes,
    keys: Object.keys(flags),
    evaluators,
    metadata,
    has: (key) => Object.hasOwn(flags, key),
    read: (key) => {
      const found = spans.get(key);
      // Merged in from elsewhere: there is no own source, so its meaning stands in for it and a kill is refused.
      const source = found ? text.slice(found.start, found.end) : JSON.stringify(definition(key));
      return { text: source, definition: definition(key) };
    },
    replaced(key, replacement) {
      const { start, end } = span(key);
      const result = Buffer.from(text.slice(0, start) + replacement + text.slice(end), 'utf8');
      const read = openYamlFile(path, result);
      prove(path, key, file, read, replacement);
      return { bytes: result, definition: read.read(key).definition };
    },
  };
  return file;
}

/** Anchors and indentation let an edit reach beyond its lines, so the whole file is read again and compared. */
function prove(path: string, key: string, before: FlagFile, after: FlagFile, replacement: string): void {
  const same =
    isDeepStrictEqual(after.keys, before.keys) &&
    isDeepStrictEqual(after.evaluators, before.evaluators) &&
    isDeepStrictEqual(after.metadata, before.metadata) &&
    before.keys.every(
      (other) => other === key || isDeepStrictEqual(after.read(other).definition, before.read(other).definition),
    );
  if (same && after.read(key).text === replacement) return;
  throw new ScramError('refused', `${path}: the edit of ${key} would change more than this flag`, {
    action: 'Its definition shares parts with others (anchors, merge keys); change the file by hand.',
  });
}

function plainOf(path: string, document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 10_000 });
  } catch (error) {
    throw invalidFile(path, 1, 1, `invalid YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function faultOf(root: unknown): Fault | null {
  const rootFault = checkRoot(root);
  if (rootFault) return rootFault;
  const flags = isJsonObject(root) && isJsonObject(root.flags) ? root.flags : {};
  for (const [key, value] of Object.entries(flags)) {
    const fault = checkDefinition(value);
    if (fault) return { path: ['flags', key, ...fault.path], message: fault.message };
  }
  // Dates and other values that JSON cannot carry would reach services as something else.
  return jsonValueSchema.safeParse(root).success ? null : { path: [], message: 'holds values that JSON cannot carry' };
}

function spansOf(document: Document, text: string): Map<string, Span> {
  const spans = new Map<string, Span>();
  const flags = document.get('flags');
  if (!isMap(flags)) return spans;
  for (const pair of (flags as YAMLMap).items) {
    const start = rangeOf(pair.key)?.[0];
    if (start === undefined || !isScalar(pair.key)) continue;
    spans.set(String(pair.key.value), { start, end: contentEnd(pair, text, flags.flow === true) });
  }
  return spans;
}

/** Names the line of the field, or of the nearest thing around it that is there. */
function faultError(path: string, document: Document, lines: LineCounter, { path: at, message }: Fault): ScramError {
  let offset = 0;
  for (let length = at.length; length > 0; length -= 1) {
    const parent = length === 1 ? document.contents : document.getIn(at.slice(0, length - 1), true);
    const pair = isMap(parent)
      ? (parent as YAMLMap).items.find(
          (item) => isScalar(item.key) && String(item.key.value) === String(at[length - 1]),
        )
      : undefined;
    const start = rangeOf(pair?.key)?.[0];
    if (start === undefined) continue;
    offset = start;
    break;
  }
  const { line, col } = lines.linePos(offset);
  return invalidFile(path, line, col, `${at.join('.') || 'the file'}: ${message}`);
}
