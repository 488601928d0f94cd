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
import { ScramError } from '../../../../../shared/model/error.ts';
import { isJsonObject, type JsonObject, jsonValueSchema } from '../../../../../shared/model/json.ts';
import { decode, emptyFile, type Fault, type FlagFile, type Grammar, invalidFile } from './flag-file.ts';
import { applyTextEdits } from './position.ts';
import { contentEnd, rangeOf } from './yaml-nodes.ts';

/** Merge keys are read, as the flag systems' own YAML readers do. */
export const YAML_OPTIONS = { merge: true, keepSourceTokens: true, prettyErrors: false } as const;

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Reads a YAML flag file. The source of a definition starts at its key and ends with its last line's content. */
export function openYamlFile(path: string, bytes: Buffer, grammar: Grammar): FlagFile {
  const text = decode(path, bytes);
  if (text.replace(/^\uFEFF/, '').trim() === '') throw emptyFile(path, grammar);
  const lines = new Lines();
  const document = parseDocument(text, { ...YAML_OPTIONS, lineCounter: lines });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw invalidFile(path, { line, column: col }, `invalid YAML: ${error.message}`, grammar);
  }
  grammar.readYaml?.(document);
  const root = plainOf(path, document, grammar);
  const fault = faultOf(root, grammar);
  if (fault) throw faultError(path, document, lines, fault, grammar);

  const flags = flagsOf(root, grammar);
  const { flagsIn } = grammar;
  const others: JsonObject =
    flagsIn === null || !isJsonObject(root)
      ? {}
      : Object.fromEntries(Object.entries(root).filter(([name]) => name !== flagsIn));
  const spans = spansOf(document, text, grammar);
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
    syntax: 'yaml',
    keys: Object.keys(flags),
    others,
    has: (key) => Object.hasOwn(flags, key),
    read: (key) => {
      const found = spans.get(key);
      // Merged in from elsewhere: there is no own source, so its meaning stands in for it and a kill is refused.
      const source = found ? text.slice(found.start, found.end) : JSON.stringify(definition(key));
      return { text: source, definition: definition(key) };
    },
    replaced(texts) {
      const edits = [...texts].map(([key, replacement]) => ({ ...span(key), text: replacement }));
      const result = Buffer.from(applyTextEdits(text, edits), 'utf8');
      const read = openYamlFile(path, result, grammar);
      prove(path, file, read, texts);
      const definitions = [...texts.keys()].map((key) => [key, read.read(key).definition] as const);
      return { bytes: result, definitions: new Map(definitions) };
    },
  };
  return file;
}

/** Anchors and indentation let an edit reach beyond its lines, so the whole file is read again and compared. */
function prove(path: string, before: FlagFile, after: FlagFile, texts: ReadonlyMap<string, string>): void {
  const same =
    isDeepStrictEqual(after.keys, before.keys) &&
    isDeepStrictEqual(after.others, before.others) &&
    before.keys.every(
      (key) => texts.has(key) || isDeepStrictEqual(after.read(key).definition, before.read(key).definition),
    );
  if (same && [...texts].every(([key, text]) => after.read(key).text === text)) return;
  const keys = [...texts.keys()].join(', ');
  throw new ScramError('refused', `${path}: the edit of ${keys} would change more than that`, {
    action: 'The definition shares parts with others (anchors, merge keys); change the file by hand.',
  });
}

function plainOf(path: string, document: Document, grammar: Grammar): unknown {
  try {
    return document.toJS({ maxAliasCount: 10_000 });
  } catch (error) {
    const what = `invalid YAML: ${error instanceof Error ? error.message : String(error)}`;
    throw invalidFile(path, { line: 1, column: 1 }, what, grammar);
  }
}

function flagsOf(root: unknown, { flagsIn }: Grammar): JsonObject {
  const flags = flagsIn === null || !isJsonObject(root) ? root : root[flagsIn];
  return isJsonObject(flags) ? flags : {};
}

function faultOf(root: unknown, grammar: Grammar): Fault | null {
  const rootFault = grammar.checkRoot(root);
  if (rootFault) return rootFault;
  for (const [key, value] of Object.entries(flagsOf(root, grammar))) {
    const fault = grammar.checkDefinition(value);
    if (fault === null) continue;
    const at = grammar.flagsIn === null ? [key] : [grammar.flagsIn, key];
    return { path: [...at, ...fault.path], message: fault.message };
  }
  // Dates and other values that JSON cannot carry would reach services as something else.
  return jsonValueSchema.safeParse(root).success ? null : { path: [], message: 'holds values that JSON cannot carry' };
}

function spansOf(document: Document, text: string, { flagsIn }: Grammar): Map<string, Span> {
  const spans = new Map<string, Span>();
  const flags = flagsIn === null ? document.contents : document.get(flagsIn);
  if (!isMap(flags)) return spans;
  for (const pair of (flags as YAMLMap).items) {
    const start = rangeOf(pair.key)?.[0];
    if (start === undefined || !isScalar(pair.key)) continue;
    spans.set(String(pair.key.value), { start, end: contentEnd(pair, text, flags.flow === true) });
  }
  return spans;
}

/** Names the line of the field, or of the nearest thing around it that is there. */
function faultError(
  path: string,
  document: Document,
  lines: LineCounter,
  { path: at, message }: Fault,
  grammar: Grammar,
): ScramError {
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
  return invalidFile(path, { line, column: col }, `${at.join('.') || 'the file'}: ${message}`, grammar);
}
