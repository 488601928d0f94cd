import type { FlagRow } from '../../../shared/model/flag.ts';

export interface FlagFilter {
  readonly query: string;
  readonly type: FlagRow['type'] | '';
  readonly exposure: FlagRow['exposure'] | '';
  readonly service: string;
  readonly stale: boolean;
  readonly killed: boolean;
}

export const NO_FILTER: FlagFilter = { query: '', type: '', exposure: '', service: '', stale: false, killed: false };

const haystacks = new WeakMap<FlagRow, string>();

/** What a search looks through, in lower case; made once per row, since rows stay the same until they change. */
function haystack(row: FlagRow): string {
  let text = haystacks.get(row);
  if (text === undefined) {
    text = `${row.key}\n${row.connection}\n${row.owner ?? ''}\n${row.services.join('\n')}`.toLowerCase();
    haystacks.set(row, text);
  }
  return text;
}

/** Rows that match every word and every filter; those whose key begins with the first word stand first. */
export function filterRows(rows: readonly FlagRow[], filter: FlagFilter): readonly FlagRow[] {
  const words = filter.query.toLowerCase().split(/\s+/).filter(Boolean);
  const first = words[0];
  const { type, exposure, service, stale, killed } = filter;
  if (first === undefined && !type && !exposure && !service && !stale && !killed) return rows;
  const begins: FlagRow[] = [];
  const others: FlagRow[] = [];
  for (const row of rows) {
    if (type && row.type !== type) continue;
    if (exposure && row.exposure !== exposure) continue;
    if (service && !row.services.includes(service)) continue;
    if ((stale && !row.stale) || (killed && !row.killed)) continue;
    const text = haystack(row);
    if (!words.every((word) => text.includes(word))) continue;
    if (first !== undefined && text.startsWith(first)) begins.push(row);
    else others.push(row);
  }
  return begins.concat(others);
}

export function servicesOf(rows: readonly FlagRow[]): string[] {
  const names = new Set<string>();
  for (const row of rows) for (const service of row.services) names.add(service);
  return [...names].sort();
}
