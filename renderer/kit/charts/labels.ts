export interface Placed<T> {
  readonly item: T;
  /** Where it is drawn, pixels. */
  readonly at: number;
}

/**
 * Moves labels apart along one axis so that none covers another, each as near to its own place as the others let it,
 * all within `from` and `to`. `size` is what each label needs, pixels.
 */
export function spread<T>(
  items: readonly { readonly item: T; readonly at: number }[],
  size: number,
  from: number,
  to: number,
): Placed<T>[] {
  const placed = items
    .map(({ item, at }) => ({ item, at: Math.min(Math.max(at, from), to) }))
    .sort((a, b) => a.at - b.at);
  for (let index = 1; index < placed.length; index += 1) {
    const before = placed[index - 1];
    const own = placed[index];
    if (before && own && own.at < before.at + size) own.at = before.at + size;
  }
  let limit = to;
  for (let index = placed.length - 1; index >= 0; index -= 1) {
    const own = placed[index];
    if (own && own.at > limit) own.at = limit;
    limit = (own?.at ?? limit) - size;
  }
  return placed;
}

/**
 * Chooses which labels of vertical lines are drawn: the newest first, the others where room is left of them. A line
 * without its label still stands on the axis, and its words are in its title. Positions and widths in pixels.
 */
export function labelsThatFit(
  lines: readonly { readonly id: string; readonly at: number; readonly width: number }[],
  limit: number,
): Map<string, 'left' | 'right'> {
  const chosen = new Map<string, 'left' | 'right'>();
  const taken: [number, number][] = [];
  const free = (from: number, to: number) => from >= 0 && to <= limit && taken.every(([a, b]) => to <= a || from >= b);
  for (const line of [...lines].sort((a, b) => b.at - a.at)) {
    if (free(line.at, line.at + line.width)) {
      chosen.set(line.id, 'right');
      taken.push([line.at, line.at + line.width]);
    } else if (free(line.at - line.width, line.at)) {
      chosen.set(line.id, 'left');
      taken.push([line.at - line.width, line.at]);
    }
  }
  return chosen;
}
