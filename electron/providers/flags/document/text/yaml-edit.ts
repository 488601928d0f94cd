import { isMap, isScalar, type Pair, parse, parseDocument } from 'yaml';
import { ScramError } from '../../../../../shared/model/error.ts';
import type { MemberEdits } from './json-edit.ts';
import { applyTextEdits, type Edit } from './position.ts';
import { YAML_OPTIONS } from './yaml-file.ts';
import { contentEnd, rangeOf } from './yaml-nodes.ts';

/** Plain, these are no texts to readers of YAML 1.1: they are always written anew, in quotes. */
const AMBIGUOUS = /^(y|n|yes|no|on|off|true|false|null|~|)$/i;

/** Edits the source of one YAML definition (`key: …`); keeps all other text. Throws `refused` for an alias. */
export function editYaml(text: string, { set, remove, addAfter }: MemberEdits): string {
  const contents = parseDocument(text, YAML_OPTIONS).contents;
  const flag = isMap(contents) ? contents.items[0]?.value : null;
  if (!isMap(flag)) {
    throw new ScramError('refused', 'the definition is an alias of another one', {
      action: 'Give the flag a definition of its own in the flag file, or edit it by hand.',
    });
  }
  const flow = flag.flow === true;
  const pairs: Pair[] = flag.items;
  const named = (name: string) => pairs.find((pair) => isScalar(pair.key) && pair.key.value === name);
  const end = (pair: Pair) => contentEnd(pair, text, flow);
  const edits: Edit[] = [];
  const missing: string[] = [];
  for (const [name, value] of Object.entries(set)) {
    const pair = named(name);
    if (pair === undefined) missing.push(`${name}: ${value}`);
    else if (!isAlready(pair, value)) edits.push(setValue(pair, text, value));
  }

  const merged = pairs.some(
    (pair) => isScalar(pair.key) && (pair.key.value === '<<' || typeof pair.key.value === 'symbol'),
  );
  const unwanted = Object.keys(remove).flatMap((name) => named(name) ?? []);
  // What a merge key brings along cannot be taken out here; a value of its own hides it.
  if (merged) {
    for (const [name, none] of Object.entries(remove)) {
      const pair = named(name);
      if (pair) edits.push(setValue(pair, text, none));
      else missing.push(`${name}: ${none}`);
    }
  } else edits.push(...removals(pairs, unwanted, end, flow));

  const kept = merged ? pairs : pairs.filter((pair) => !unwanted.includes(pair));
  const anchor = named(addAfter) ?? kept[0];
  if (missing.length > 0 && anchor) {
    const column = columnOf(text, rangeOf(anchor.key)?.[0] ?? 0);
    const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
    const separator = flow ? ', ' : `${lineEnd}${' '.repeat(column)}`;
    edits.push({ start: end(anchor), end: end(anchor), text: missing.map((line) => separator + line).join('') });
  }
  return applyTextEdits(text, edits);
}

function isAlready(pair: Pair, value: string): boolean {
  return isScalar(pair.value) && pair.value.value === parse(value) && !AMBIGUOUS.test(String(pair.value.value));
}

function setValue(pair: Pair, text: string, value: string): Edit {
  const range = rangeOf(pair.value);
  if (range && range[1] > range[0]) {
    const last = text.slice(range[0], range[1]).trimEnd().length;
    return { start: range[0], end: range[0] + last, text: value };
  }
  const colon = text.indexOf(':', rangeOf(pair.key)?.[1] ?? 0) + 1;
  return { start: colon, end: colon, text: ` ${value}` };
}

/** Takes pairs out with their own lines and the separators that belong to them, neighbours together. */
function removals(
  pairs: readonly Pair[],
  unwanted: readonly Pair[],
  end: (pair: Pair) => number,
  flow: boolean,
): Edit[] {
  const edits: Edit[] = [];
  for (let index = 0; index < pairs.length; index += 1) {
    if (!unwanted.includes(pairs[index] as Pair)) continue;
    const first = index;
    while (index + 1 < pairs.length && unwanted.includes(pairs[index + 1] as Pair)) index += 1;
    const from = pairs[first];
    const to = pairs[index];
    if (from === undefined || to === undefined) continue;
    const previous = pairs[first - 1];
    const next = pairs[index + 1];
    const start = rangeOf(from.key)?.[0] ?? 0;
    if (next && (flow || !previous)) edits.push({ start, end: rangeOf(next.key)?.[0] ?? start, text: '' });
    else edits.push({ start: previous ? end(previous) : start, end: end(to), text: '' });
  }
  return edits;
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1);
}
