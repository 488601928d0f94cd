export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added';
  readonly text: string;
}

/** Lines that are alike and far from any change, left out. */
export interface SkippedLines {
  readonly kind: 'skipped';
  readonly count: number;
}

/** Beyond so many comparisons the middle is shown as replaced whole: still exact, only longer to read. */
const MOST_COMPARISONS = 1_000_000;

/** What goes and what comes, line by line, with the longest common part kept. */
export function diffLines(before: readonly string[], after: readonly string[]): DiffLine[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let [beforeEnd, afterEnd] = [before.length, after.length];
  while (beforeEnd > start && afterEnd > start && before[beforeEnd - 1] === after[afterEnd - 1]) {
    beforeEnd -= 1;
    afterEnd -= 1;
  }
  const same = (lines: readonly string[]) => lines.map((text): DiffLine => ({ kind: 'same', text }));
  return [
    ...same(before.slice(0, start)),
    ...middle(before.slice(start, beforeEnd), after.slice(start, afterEnd)),
    ...same(before.slice(beforeEnd)),
  ];
}

function middle(before: readonly string[], after: readonly string[]): DiffLine[] {
  const removed = (text: string): DiffLine => ({ kind: 'removed', text });
  const added = (text: string): DiffLine => ({ kind: 'added', text });
  if (before.length * after.length > MOST_COMPARISONS) return [...before.map(removed), ...after.map(added)];
  const width = after.length + 1;
  /** Length of the longest common part of what follows line `i` of the one and line `j` of the other. */
  const common = new Uint32Array((before.length + 1) * width);
  const at = (i: number, j: number) => common[i * width + j] ?? 0;
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      common[i * width + j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const [old, next] = [before[i], after[j]];
    if (old !== undefined && old === next) {
      lines.push({ kind: 'same', text: old });
      i += 1;
      j += 1;
    } else if (next === undefined || (old !== undefined && at(i + 1, j) >= at(i, j + 1))) {
      lines.push(removed(old ?? ''));
      i += 1;
    } else {
      lines.push(added(next));
      j += 1;
    }
  }
  return lines;
}

/** Keeps `around` lines beside each change and counts the rest. */
export function foldSame(lines: readonly DiffLine[], around = 3): (DiffLine | SkippedLines)[] {
  const kept = new Set<number>();
  for (const [index, { kind }] of lines.entries()) {
    if (kind === 'same') continue;
    for (let near = index - around; near <= index + around; near += 1) kept.add(near);
  }
  const folded: (DiffLine | SkippedLines)[] = [];
  let count = 0;
  for (const [index, line] of lines.entries()) {
    if (!kept.has(index)) {
      count += 1;
      continue;
    }
    if (count > 0) folded.push({ kind: 'skipped', count });
    count = 0;
    folded.push(line);
  }
  if (count > 0) folded.push({ kind: 'skipped', count });
  return folded;
}
