import { isCollection, isNode, isPair, type Pair } from 'yaml';

export function rangeOf(node: unknown): readonly [number, number, number] | undefined {
  return isNode(node) ? (node.range ?? undefined) : undefined;
}

/** Where the last thing that is written in a node ends, without the comments and blank lines behind it. */
function valueEnd(node: unknown): number {
  if (isCollection(node) && !node.flow) {
    const last = node.items.at(-1);
    if (last !== undefined) return isPair(last) ? pairEnd(last) : valueEnd(last);
  }
  return rangeOf(node)?.[1] ?? 0;
}

function pairEnd(pair: Pair): number {
  return Math.max(valueEnd(pair.value), valueEnd(pair.key));
}

/**
 * End of a pair's source: the end of its last line's content, a comment on that line included (unless the pair stands
 * in a flow map, where a comma follows instead).
 */
export function contentEnd(pair: Pair, text: string, inFlow: boolean): number {
  const start = rangeOf(pair.key)?.[0] ?? 0;
  let end = pairEnd(pair);
  // `key:` without a value ends behind its colon.
  const colon = /^[ \t]*:/.exec(text.slice(end));
  if (colon && rangeOf(pair.key)?.[1] === end) end += colon[0].length;
  while (end > start && /\s/.test(text[end - 1] ?? '')) end -= 1;
  if (inFlow) return end;
  return end + (/^[ \t]+#[^\r\n]*/.exec(text.slice(end, end + 2000))?.[0].length ?? 0);
}
