import type { Entry, EntryData, EntryKind, LedgerHead } from '../../../shared/model/entry.ts';
import type { Chain } from '../../../shared/model/team.ts';
import type { Disposable } from '../ports.ts';
import type { Actor } from '../signing/actor.ts';
import type { LedgerRow, Segment } from './store.ts';

/** A chain that is only read, such as one beside a running console. */
export interface LedgerReader {
  readonly device: string;
  head(): LedgerHead;
  /** Oldest first. */
  all(): Iterable<Entry>;
  /** Those of some kinds alone, in the same order. */
  of(kinds: readonly EntryKind[]): Iterable<Entry>;
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
  /**
   * Returns when the entry is on disk. Entries are appended in the order of the calls. With an actor it is that person's
   * act, and bears their signature beside the device's.
   */
  append(data: EntryData, actor?: Actor | null): Entry;
  /** The same for several, of one moment: all are on disk, or none and it throws. */
  appendAll(data: readonly EntryData[], actor?: Actor | null): Entry[];
  /** Every entry that comes in: those of this device, and those that were received from others. */
  onAppend(listener: (entry: Entry) => void): Disposable;
}

/** Why a row of another device was not taken over; it is kept aside as it came. */
export interface Refusal {
  readonly row: LedgerRow;
  readonly what: string;
}

/** Which devices and people a ledger believes: from the roster. Without one, every chain stands for itself. */
export interface Trust {
  knowsDevice(device: string): boolean;
  /** Ed25519 check of a person's signature, by any key that was ever theirs; false when it does not hold. */
  signedBy(person: { operator: string; key: string }, text: string, signature: string): boolean;
  /** Whether a redaction of theirs is followed here: an admin's. Nobody's when left out. */
  mayRedact?(person: { operator: string; key: string }): boolean;
}

/** The chains of other devices in this ledger (D8): a union, each entry verified before it is taken. */
export interface Chains {
  /** This device's first. */
  chains(): readonly Chain[];
  /** Heads of every chain held here, by device. */
  heads(): ReadonlyMap<string, { sequence: number; hash: string }>;
  /** Rows of a chain after a sequence, oldest first, at most `limit`. */
  rowsAfter(device: string, after: number, limit: number): readonly LedgerRow[];
  /**
   * Takes rows of one other device, in any order, once or again. Each is verified against its chain; what does not fit
   * (forged, forked, of an unknown device) is kept in quarantine and told. Rows that come before the ones they follow
   * are not taken, and are to be given again. Returns how many were new.
   */
  receive(rows: readonly LedgerRow[], trust: Trust): { taken: number; refused: readonly Refusal[] };
  quarantined(): readonly { device: string; sequence: number; hash: string; what: string; atMs: number }[];
  /** Entries of every chain, in the order of their times; ties by device and sequence. Newest first. */
  timeline(query: TimelineQuery): { total: number; entries: readonly Entry[] };
}

/** An anchor as it is put outside (D10). */
export interface Anchor {
  /** One line of text, signed by this device. */
  readonly line: string;
  /** The digest's first 160 bits as eight groups to read aloud. */
  readonly spoken: string;
  /** SHA-256 over the heads, hex. */
  readonly digest: string;
}

/** What is taken out of the chains, and what is put outside to prove them (D6, D10). */
export interface Evidence {
  /**
   * Takes the words of an entry away, here and on every console that follows the person; its chain still verifies.
   * Throws `not-found`, and `refused` for what must stay: a kind that the console decides by, or what has not ended.
   */
  redact(device: string, sequence: number, reason: string, actor: Actor | null): Entry;
  /** Makes an anchor of every chain's head, and keeps it as an entry. */
  anchor(place: 'file' | 'notify' | 'spoken', where: string, actor: Actor | null): Anchor;
  /** Holds the chains, as they were last walked, against an anchor's line or what was read aloud. */
  checkAnchor(text: string): { ok: boolean; words: string };
  /**
   * Moves whole runs of entries from before a time into files of their own, with what nobody needs any more. Returns what
   * was moved. Throws `refused` for a time within the last 30 days.
   */
  seal(beforeMs: number): Promise<readonly Segment[]>;
}

export interface TimelineQuery {
  readonly offset: number;
  readonly limit: number;
  /** Words that the entry's data must hold, in any case. */
  readonly search?: string;
  readonly kinds?: readonly string[];
  readonly device?: string;
  readonly sinceMs?: number;
  readonly untilMs?: number;
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
