import type { FlagType, Polarity } from '../model/flag.ts';

/** The convention of operational kill switches: `ops_disable_recs` set to true turns recommendations off (B1, B11). */
const OPS_DISABLE = 'ops_disable_';

export function polarityByName(key: string): Polarity {
  return key.startsWith(OPS_DISABLE) ? 'disables' : 'enables';
}

/** Type that the name tells of; null when it tells of none. */
export function typeByName(key: string): FlagType | null {
  return key.startsWith(OPS_DISABLE) ? 'ops' : null;
}

const MOST_NAMES = 3;

/** Names that were probably meant, nearest first, at most three. A part of a name counts as near, as does a typing slip. */
export function nearNames(written: string, names: Iterable<string>): string[] {
  const wanted = written.toLowerCase();
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  const found: { name: string; distance: number }[] = [];
  for (const name of names) {
    const other = name.toLowerCase();
    const part = wanted.length >= 3 && (other.includes(wanted) || wanted.includes(other));
    if (!part && Math.abs(other.length - wanted.length) > limit) continue;
    const distance = part ? 1 : editDistance(wanted, other);
    if (distance <= limit) found.push({ name, distance });
  }
  return found
    .sort((a, b) => a.distance - b.distance || a.name.localeCompare(b.name))
    .slice(0, MOST_NAMES)
    .map(({ name }) => name);
}

/** The nearest of them; null when none is near. */
export function nearName(written: string, names: Iterable<string>): string | null {
  return nearNames(written, names)[0] ?? null;
}

/** Optimal string alignment: letters put in, taken out, exchanged, or two neighbours swapped. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, replaced);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
