import { type Document, isAlias, isMap, isPair, isScalar, isSeq, type Node } from 'yaml';

export type Path = readonly PropertyKey[];

export interface Position {
  readonly line: number | null;
  readonly column: number | null;
}

/** `services[0].slis[1].id`; keys that hold a dot or a bracket are quoted. */
export function pathText(path: Path): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      const name = String(part);
      if (/[.[\]\s"]/.test(name) || name === '') return `[${JSON.stringify(name)}]`;
      return index === 0 ? name : `.${name}`;
    })
    .join('');
}

/**
 * Where `path` stands in the file; for `key`, where its last key is written. What is missing is located at the nearest
 * thing around it. Lines and columns count from 1.
 */
export function locate(document: Document, lines: Lines, path: Path, at: 'key' | 'value'): Position {
  let node = resolveAlias(document, document.contents);
  let offset = node?.range?.[0];
  for (const [index, part] of path.entries()) {
    const last = index === path.length - 1;
    let next: Node | null = null;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part));
      if (!pair || !isPair(pair)) break;
      if (isScalar(pair.key) && pair.key.range) offset = pair.key.range[0];
      if (last && at === 'key') break;
      next = isNode(pair.value) ? pair.value : null;
    } else if (isSeq(node) && typeof part === 'number') {
      const item = node.items[part];
      next = isNode(item) ? item : null;
    }
    if (!next) break;
    if (next.range) offset = next.range[0];
    node = resolveAlias(document, next);
  }
  if (offset === undefined) return { line: 1, column: 1 };
  return position(lines, offset);
}

/** Where each line of the text begins. The parser's own counter loses lines in broken flow collections. */
export interface Lines {
  readonly starts: readonly number[];
  readonly length: number;
}

export function linesOf(text: string): Lines {
  return { starts: [0, ...[...text.matchAll(/\n/g)].map((found) => found.index + 1)], length: text.length };
}

export function position(lines: Lines, offset: number): Position {
  const at = Math.min(offset, lines.length);
  const line = lines.starts.findLastIndex((start) => start <= at);
  return { line: line + 1, column: at - (lines.starts[line] ?? 0) + 1 };
}

function isNode(value: unknown): value is Node {
  return isMap(value) || isSeq(value) || isScalar(value) || isAlias(value);
}

function resolveAlias(document: Document, node: unknown): Node | null {
  if (isAlias(node)) return node.resolve(document) ?? null;
  return isNode(node) ? node : null;
}

/** The value at `path` of the parsed file; undefined when there is none. */
export function valueAt(raw: unknown, path: Path): unknown {
  let value = raw;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = Object.getOwnPropertyDescriptor(value, part)?.value;
  }
  return value;
}
