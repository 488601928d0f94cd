import { isJsonObject, type JsonValue } from '../../../shared/model/json.ts';
import { canonicalText } from '../../services/signing/canonical.ts';
import { printable } from './table.ts';

/** Lines that stay the same around each that does not. */
const CONTEXT = 2;
/** Past this many lines on either side only the sides themselves are told apart: the table of a diff grows with both. */
const LIMIT = 1_500;

type Line = readonly [mark: ' ' | '-' | '+', text: string];

/** What a change does to the provider's own object, line by line, with the lines around it; empty when nothing. */
export function definitionDiff(before: JsonValue, after: JsonValue): string[] {
  const readably = shown(diffLines(linesOf(before), linesOf(after)));
  if (readably.length > 0) return readably;
  // Nothing but the layout of a text differs: then that is what is shown.
  const exactly = (value: JsonValue) => [canonicalText(value)];
  return shown(diffLines(exactly(before), exactly(after)));
}

function shown(lines: readonly Line[]): string[] {
  const near = lines.map((_, at) =>
    lines.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some(([mark]) => mark !== ' '),
  );
  return lines.flatMap(([mark, text], at) => {
    if (near[at]) return [`${mark} ${printable(text)}`];
    return near[at - 1] === true && near.indexOf(true, at) > 0 ? ['  …'] : [];
  });
}

/** A definition that is kept as text, such as a flag file's own lines, is told by what it says, or by its lines. */
function linesOf(value: JsonValue): string[] {
  return JSON.stringify(value, (_, inner: JsonValue) => readable(inner), 2).split('\n');
}

function readable(value: JsonValue): JsonValue {
  if (typeof value === 'string') return value.includes('{') ? (parsed(value) ?? lines(value)) : lines(value);
  // The order of keys says nothing: without this it would look like a change.
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function parsed(text: string): JsonValue {
  try {
    const value = JSON.parse(text) as JsonValue;
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

function lines(text: string): JsonValue {
  return text.includes('\n') ? text.split('\n') : text;
}

function diffLines(before: readonly string[], after: readonly string[]): Line[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  const rest = () => Math.min(before.length, after.length) - start - end;
  while (rest() > 0 && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  const same = (lines: readonly string[]): Line[] => lines.map((text) => [' ', text]);
  const middle = longestCommon(before.slice(start, before.length - end), after.slice(start, after.length - end));
  return [...same(before.slice(0, start)), ...middle, ...same(before.slice(before.length - end))];
}

/** The usual table of longest common runs: kept[i][j] is what `a` from i and `b` from j have in common. */
function longestCommon(a: readonly string[], b: readonly string[]): Line[] {
  const removed = a.map((text): Line => ['-', text]);
  const added = b.map((text): Line => ['+', text]);
  if (a.length > LIMIT || b.length > LIMIT) return [...removed, ...added];
  const width = b.length + 1;
  const kept = new Uint16Array((a.length + 1) * width);
  const at = (i: number, j: number) => kept[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      kept[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push([' ', a[i] ?? '']);
      i += 1;
      j += 1;
    } else if (j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) lines.push(removed[i++] ?? ['-', '']);
    else lines.push(added[j++] ?? ['+', '']);
  }
  return lines;
}
