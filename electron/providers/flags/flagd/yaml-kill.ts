import { isMap, isScalar, type Pair, parseDocument } from 'yaml';
import { ScramError } from '../../../../shared/model/error.ts';
import { applyTextEdits, type Edit } from './position.ts';
import { contentEnd, rangeOf } from './yaml-nodes.ts';
import { YAML_OPTIONS } from './yaml-file.ts';

/** Edits the source of one YAML definition (`key: …`) so that it serves `variant` to everyone; keeps all other text. */
export function killYaml(text: string, variant: string): string {
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
  // Always quoted: `off` and `no` are booleans to readers of YAML 1.1.
  const served = JSON.stringify(variant);
  const missing: string[] = [];
  const set = (name: string, value: string): void => {
    const pair = named(name);
    if (pair) edits.push(setValue(pair, text, value));
    else missing.push(`${name}: ${value}`);
  };
  const state = named('state');
  if (!(state && isScalar(state.value) && state.value.value === 'ENABLED')) set('state', 'ENABLED');
  set('defaultVariant', served);

  const targeting = named('targeting');
  const merged = pairs.some(
    (pair) => isScalar(pair.key) && (pair.key.value === '<<' || typeof pair.key.value === 'symbol'),
  );
  // Rules that a merge key brings along cannot be taken out here; an empty rule of its own hides them.
  if (merged && targeting) edits.push(setValue(targeting, text, '{}'));
  else if (merged) missing.push('targeting: {}');
  else if (targeting) edits.push(removal(pairs, targeting, end, flow));

  const anchor = state ?? pairs.find((pair) => pair !== targeting);
  if (missing.length > 0 && anchor) {
    const column = columnOf(text, rangeOf(anchor.key)?.[0] ?? 0);
    const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
    const separator = flow ? ', ' : `${lineEnd}${' '.repeat(column)}`;
    edits.push({ start: end(anchor), end: end(anchor), text: missing.map((line) => separator + line).join('') });
  }
  return applyTextEdits(text, edits);
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

/** Takes the pair out with its own lines and the separator that belongs to it. */
function removal(pairs: readonly Pair[], pair: Pair, end: (pair: Pair) => number, flow: boolean): Edit {
  const index = pairs.indexOf(pair);
  const previous = pairs[index - 1];
  const next = pairs[index + 1];
  const start = rangeOf(pair.key)?.[0] ?? 0;
  if (next && (flow || !previous)) return { start, end: rangeOf(next.key)?.[0] ?? start, text: '' };
  return { start: previous ? end(previous) : start, end: end(pair), text: '' };
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1);
}
