import type { Entry } from '../../../shared/model/entry.ts';

/**
 * Entries that have been fetched, by their place counted from the oldest: new ones come in at the other end, and what
 * was fetched stays where it is.
 */
export interface Loaded {
  /** All that fit the filters, fetched or not. */
  readonly total: number;
  readonly byPlace: ReadonlyMap<number, Entry>;
}

export interface Page {
  readonly offset: number;
  readonly total: number;
  readonly entries: readonly Entry[];
}

/** What is asked for at once; the contract allows 500, and fewer are on the screen sooner. */
export const PAGE = 150;
/** Lines beyond the ones in sight that are fetched with them. */
const AHEAD = 40;
/** Entries kept at most; those farthest from the last fetched page are let go. */
const KEPT = 6_000;

export const NOTHING_LOADED: Loaded = { total: 0, byPlace: new Map() };

/** Index 0 is the newest. */
export function entryAt({ total, byPlace }: Loaded, index: number): Entry | undefined {
  return byPlace.get(total - 1 - index);
}

/**
 * Takes a page in. Entries of other consoles may come late and stand among older ones: where the page and what was held
 * no longer agree, what is older than the page is fetched again.
 */
export function receivePage(loaded: Loaded, page: Page): Loaded {
  const newest = page.total - 1 - page.offset;
  const oldest = newest - page.entries.length + 1;
  const shrunk = page.total < loaded.total;
  const byPlace = shrunk ? new Map<number, Entry>() : new Map(loaded.byPlace);
  if (!agrees(byPlace, page, newest)) {
    for (const place of [...byPlace.keys()]) if (place < oldest) byPlace.delete(place);
  }
  for (const [index, entry] of page.entries.entries()) byPlace.set(newest - index, entry);
  // The newest are looked at from anywhere: only a page that was scrolled to says where somebody reads.
  if (page.offset > 0 && byPlace.size > KEPT) {
    for (const place of [...byPlace.keys()]) {
      if (place < oldest - KEPT / 3 || place > newest + KEPT / 3) byPlace.delete(place);
    }
  }
  return { total: page.total, byPlace };
}

/** The oldest entry of the page that was held before is the same one now: then so are all that are older. */
function agrees(held: ReadonlyMap<number, Entry>, page: Page, newest: number): boolean {
  for (let index = page.entries.length - 1; index >= 0; index -= 1) {
    const before = held.get(newest - index);
    if (before !== undefined) return before.hash === page.entries[index]?.hash;
  }
  return true;
}

/** The next thing to ask for so that lines `first` to `last` can be read; null when nothing is missing. */
export function missingPage(loaded: Loaded, first: number, last: number): { offset: number; limit: number } | null {
  const end = Math.min(loaded.total - 1, last);
  const missing = (index: number) => entryAt(loaded, index) === undefined;
  for (let index = Math.max(0, first); index <= end; index += 1) {
    if (missing(index)) return { offset: missing(index - AHEAD) ? Math.max(0, index - AHEAD) : index, limit: PAGE };
  }
  // In sight all is there: what comes next is fetched before it is scrolled to.
  const below = Math.min(loaded.total - 1, end + AHEAD);
  if (missing(below) && below > end) return { offset: end + 1, limit: PAGE };
  const above = Math.max(0, first - AHEAD);
  if (missing(above) && above < first) return { offset: Math.max(0, first - PAGE), limit: Math.min(PAGE, first) };
  return null;
}

/**
 * Hashes of entries that bear an earlier time than an entry before them in their chain: a clock was set back (D6).
 * Told from what has been fetched.
 */
export function backdated({ total, byPlace }: Loaded): ReadonlySet<string> {
  const places = [...byPlace.keys()].filter((place) => place < total).sort((a, b) => b - a);
  const lowest = new Map<string, number>();
  const found = new Set<string>();
  for (const place of places) {
    const entry = byPlace.get(place);
    if (entry === undefined) continue;
    const { device, sequence } = entry.body;
    const later = lowest.get(device);
    if (later !== undefined && sequence > later) found.add(entry.hash);
    lowest.set(device, Math.min(later ?? sequence, sequence));
  }
  return found;
}
