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

export interface LabelPlace {
  readonly row: number;
  readonly side: 'left' | 'right';
}

/**
 * Where the labels of vertical lines stand: the newest first, each in the first row that has room, to the right of its
 * line or else to the left. What finds no room is left out: its line still stands, with its words as a title.
 * Positions and widths in pixels, between 0 and `limit`.
 */
export function placeLabels(
  lines: readonly { readonly id: string; readonly at: number; readonly width: number }[],
  limit: number,
  rows: number,
): Map<string, LabelPlace> {
  const placed = new Map<string, LabelPlace>();
  const taken: [number, number][][] = Array.from({ length: rows }, () => []);
  for (const { id, at, width } of [...lines].sort((a, b) => b.at - a.at)) {
    const choices = taken.flatMap((row, index) => [
      { row, index, side: 'right' as const, from: at, to: at + width },
      { row, index, side: 'left' as const, from: at - width, to: at },
    ]);
    const fit = choices.find(
      ({ row, from, to }) => from >= 0 && to <= limit && row.every(([start, end]) => to <= start || from >= end),
    );
    if (!fit) continue;
    fit.row.push([fit.from, fit.to]);
    placed.set(id, { row: fit.index, side: fit.side });
  }
  return placed;
}
