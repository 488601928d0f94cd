import { ScramError } from '../../../shared/model/error.ts';
import type { Chains, Refusal, Trust } from '../ledger/api.ts';
import type { Clock } from '../ports.ts';
import { within } from '../time-limit.ts';
import { readRows } from './rows.ts';
import { createStalls } from './stalls.ts';
import type { LedgerRow, RowMark, TeamStore } from './store.ts';

const PAGE = 500;
/** Of a chain that was refused before, and has grown. */
const SHORT_PAGE = 20;
const DOUBLES = 100;
/** Of the rows of forks that were judged already: past it they are judged again. */
const MOST_KNOWN = 10_000;
/** Over each operation; past it the connection counts as lost. */
const OPERATION_LIMIT_MS = 15_000;

export interface ExchangeOptions {
  readonly store: TeamStore;
  readonly chains: Chains;
  readonly trust: Trust;
  readonly device: string;
  readonly clock: Clock;
  /** Ends all that is under way. */
  readonly ended: AbortSignal;
  readonly onRefused: (refusal: Refusal) => void;
}

/**
 * Makes the union of the chains here and there (D8): what one side lacks the other gives, page by page, so that neither a
 * long chain nor a bad one holds up the others. Nothing is remembered that could not be asked again.
 */
export function createExchange(options: ExchangeOptions) {
  const { store, chains, trust, device: own, clock, ended } = options;
  /** Up to where each chain that is held here is known to be in the store. */
  const stored = new Map<string, number>();
  /** Chains to be read on, and how much of them at once. */
  const due = new Map<string, number>();
  /** Something was added to them since they were last looked through for forks. */
  const touched = new Set<string>();
  const dueForForks = new Set<string>();
  const stalls = createStalls(clock);
  const known = new Set<string>();
  let looked = false;
  let storeHeads: ReadonlyMap<string, number> = new Map();
  let ownStored = 0;

  const limited = <T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    within(clock, OPERATION_LIMIT_MS, [ended], run);
  const headOf = (device: string): number => chains.heads().get(device)?.sequence ?? 0;

  function note(device: string, sequence: number): void {
    stored.set(device, sequence);
    if (device === own) ownStored = sequence;
  }

  /** Asks how far the store is, and finds what either side lacks. */
  async function look(): Promise<void> {
    storeHeads = await limited((signal) => store.heads(signal));
    const unsure: RowMark[] = [];
    for (const [device, { sequence }] of chains.heads()) {
      const there = Math.min(storeHeads.get(device) ?? 0, sequence);
      const before = stored.get(device);
      // Less than before: the store was put back from a backup, or emptied.
      if (before !== undefined && before <= there) continue;
      const mark = chains.rowsAfter(device, there - 1, 1)[0];
      note(device, there > 0 && mark?.sequence === there ? 0 : there);
      if (there > 0 && mark?.sequence === there) unsure.push({ device, sequence: there, hash: mark.hash });
    }
    if (unsure.length > 0) {
      const held = await limited((signal) => store.held(unsure, signal));
      for (const { device, sequence } of unsure) if (held.has(device)) note(device, sequence);
    }
    for (const [device, sequence] of storeHeads) {
      // Of this console's own chain too: the ledger tells a folder that was put back or copied from a forgery.
      if (sequence > headOf(device)) ask(device, touched.has(device));
      if (!looked || touched.has(device)) dueForForks.add(device);
    }
    looked = true;
    touched.clear();
  }

  function ask(device: string, grown: boolean): void {
    if (stalls.ready(device)) due.set(device, PAGE);
    else if (grown && stalls.readyForShort(device)) due.set(device, SHORT_PAGE);
  }

  /** Gives one page of each chain that the store lacks something of. Rows that are there already are left alone. */
  async function pushPages(): Promise<boolean> {
    const lacking = [...chains.heads()].filter(([device, head]) => head.sequence > (stored.get(device) ?? 0));
    lacking.sort(([a], [b]) => Number(b === own) - Number(a === own));
    for (const [device, { sequence }] of lacking) {
      const rows = chains.rowsAfter(device, stored.get(device) ?? 0, PAGE);
      if (rows.length > 0) await limited((signal) => store.push(rows, signal));
      note(device, rows.at(-1)?.sequence ?? sequence);
    }
    return lacking.length > 0;
  }

  /** Takes one page of the next chain that is due, and puts it at the end of the row. */
  async function pullPage(): Promise<boolean> {
    const [next] = due;
    if (next === undefined) return false;
    const [device, limit] = next;
    due.delete(device);
    const before = headOf(device);
    const rows = await ofDevice(device, (signal) => store.pull(device, before, limit, signal));
    if (rows === null || rows.length === 0) return true;
    const refused = take(rows);
    const after = headOf(device);
    if (after > before) {
      if ((stored.get(device) ?? 0) >= before) note(device, after);
      stalls.moved(device);
      due.set(device, PAGE);
    } else if (refused > 0) {
      stalls.stalled(device, null);
    } else if (rows.every((row) => row.sequence > before + 1)) {
      stalls.stalled(device, `the team store lacks entry ${before + 1} of ${device}, and has later ones`);
    }
    return true;
  }

  /** The ends of a fork: one of them is held here, the other is for the quarantine. */
  async function checkForks(): Promise<boolean> {
    const [device] = dueForForks;
    if (device === undefined) return false;
    dueForForks.delete(device);
    const rows = await ofDevice(device, (signal) => store.doubles(device, DOUBLES, signal));
    const end = headOf(device);
    const fresh = (rows ?? []).filter((row) => row.sequence <= end && !known.has(keyOf(row)));
    if (known.size > MOST_KNOWN) known.clear();
    for (const row of fresh) known.add(keyOf(row));
    if (fresh.length > 0) take(fresh);
    return true;
  }

  /** Null when what came are no entries of the device: told, and the other chains go on. */
  async function ofDevice(device: string, ask: (signal: AbortSignal) => Promise<unknown>) {
    try {
      return readRows(device, await limited(ask));
    } catch (error) {
      if (!(error instanceof ScramError) || error.code !== 'provider') throw error;
      stalls.stalled(device, error.message);
      return null;
    }
  }

  function take(rows: readonly LedgerRow[]): number {
    const { refused } = chains.receive(rows, trust);
    for (const refusal of refused) options.onRefused(refusal);
    return refused.length;
  }

  return {
    look,
    /** Does a part of what is to be done; false when there is nothing left. */
    async step(): Promise<boolean> {
      const pushed = await pushPages();
      const pulled = await pullPage();
      const checked = !pulled && (await checkForks());
      return pushed || pulled || checked;
    },
    /** A notification: the chain may have grown, or there is something beside it, which the next look goes after. */
    more(device: string): void {
      // What this console itself has added is told to it too.
      if (device !== own) ask(device, true);
      touched.add(device);
    },
    /** Forgets what was true of the connection before. */
    reset(): void {
      stored.clear();
      due.clear();
      dueForForks.clear();
      looked = false;
    },
    /** Chains that were refused are asked for again: another roster may believe them. */
    forgive: () => stalls.clear(),
    /** Entries of this console that are not known to be in the store. */
    waiting: () => Math.max(0, headOf(own) - ownStored),
    problem: () => stalls.problem(),
  };
}

function keyOf({ device, sequence, hash }: RowMark): string {
  return `${device} ${sequence} ${hash}`;
}
