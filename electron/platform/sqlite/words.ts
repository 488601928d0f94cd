import type { LedgerRow } from '../../services/ledger/store.ts';

/** Characters of one entry that are searched: what stands beyond is found by its kind and time. */
const MOST = 20_000;

/** What an entry says, as it is searched: every text and number of its data, and who did it; one line each. */
export function wordsOf(row: Pick<LedgerRow, 'body' | 'data'>): string {
  const body = parsed(row.body);
  const found: string[] = [];
  if (isObject(body) && body.version === 1) collect(body.data, found);
  if (row.data !== null) {
    const kept = parsed(row.data);
    if (isObject(kept)) collect(kept.data, found);
    if (isObject(body) && isObject(body.by)) collect(body.by.operator, found);
  }
  return folded(found.join('\n')).slice(0, MOST);
}

/** What somebody looks for, word by word, in the form in which it is kept. */
export function searched(text: string): string[] {
  return folded(text)
    .split(/\s+/)
    .filter((word) => word !== '');
}

function folded(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

function collect(value: unknown, into: string[]): void {
  if (typeof value === 'string') into.push(value);
  else if (typeof value === 'number') into.push(String(value));
  else if (Array.isArray(value)) for (const item of value) collect(item, into);
  else if (isObject(value)) for (const name of Object.keys(value)) collect(value[name], into);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Rows come here verified; a file that somebody altered is for `verify` to tell, not for the search. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
