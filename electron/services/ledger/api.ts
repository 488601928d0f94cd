import type { Entry, EntryData, LedgerHead } from '../../../shared/model/entry.ts';
import type { Disposable } from '../ports.ts';

/** A chain that is only read, such as one beside a running console. */
export interface LedgerReader {
  readonly device: string;
  head(): LedgerHead;
  /** Oldest first. */
  all(): Iterable<Entry>;
  /** Newest first; `before` is a sequence number, not included. */
  page(query: { before?: number; sinceMs?: number; limit: number }): Entry[];
  /** Walks hashes, signatures and order of the whole chain; the head then tells the verdict. */
  verify(): LedgerHead;
}

/** For a host that serves a page meanwhile: a long chain takes seconds to walk. */
export interface StepVerifier {
  /** The same as `verify`, without holding up the process. Throws `cancelled`. */
  verifyInSteps(signal?: AbortSignal): Promise<LedgerHead>;
}

/** The spine (D6): what other services see of the ledger. */
export interface Ledger extends LedgerReader {
  /** Returns when the entry is on disk. Entries are appended in the order of the calls. */
  append(data: EntryData): Entry;
  /** The same for several, of one moment: all are on disk, or none and it throws. */
  appendAll(data: readonly EntryData[]): Entry[];
  onAppend(listener: (entry: Entry) => void): Disposable;
}

/** State that is nothing but a reading of entries, and so can be rebuilt from them at any time. */
export interface Projection<State> {
  initial(): State;
  /** May change `state` in place; returns the state after the entry. */
  apply(state: State, entry: Entry): State;
}

export function project<State>(entries: Iterable<Entry>, projection: Projection<State>): State {
  let state = projection.initial();
  for (const entry of entries) state = projection.apply(state, entry);
  return state;
}

/** A projection that keeps up with the ledger; `listener` is called after each entry that it has read. */
export function followLedger<State>(
  ledger: Ledger,
  projection: Projection<State>,
  listener?: (state: State, entry: Entry) => void,
): Disposable & { state(): State } {
  let state = project(ledger.all(), projection);
  const subscription = ledger.onAppend((entry) => {
    state = projection.apply(state, entry);
    listener?.(state, entry);
  });
  return { state: () => state, dispose: () => subscription.dispose() };
}
