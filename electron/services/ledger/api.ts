import type { Entry, EntryData, LedgerHead } from '../../../shared/model/entry.ts';
import type { Disposable } from '../ports.ts';

/** The spine (D6): what other services see of the ledger. */
export interface Ledger {
  readonly device: string;
  /** Returns when the entry is on disk. Entries are appended in the order of the calls. */
  append(data: EntryData): Entry;
  head(): LedgerHead;
  /** Oldest first. */
  all(): Iterable<Entry>;
  page(query: { before?: number; sinceMs?: number; limit: number }): Entry[];
  /** Walks hashes, signatures and order of the whole chain; the head then tells the verdict. */
  verify(): LedgerHead;
  onAppend(listener: (entry: Entry) => void): Disposable;
}
