import { type Entry, type EntryBody, type EntryData, entryDataSchema } from '../../../shared/model/entry.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { Clock, Log } from '../ports.ts';
import type { Ledger, StepVerifier } from './api.ts';
import { canonicalText, sha256Hex } from './canonical.ts';
import { createLedgerReader } from './reader.ts';
import type { LedgerRow, LedgerStore, Signer } from './store.ts';
import { deviceIdOf, FIRST_PREVIOUS, signedText } from './verify.ts';

export interface LedgerOptions {
  readonly store: LedgerStore;
  readonly signer: Signer;
  readonly clock: Pick<Clock, 'now'>;
  /** Name and version, written into the first entry. */
  readonly product: string;
  /** Told when a listener throws: the entry is on disk by then, and stays. */
  readonly log?: Log;
}

/**
 * The append-only, signed, hash-chained ledger of this device (D6). Starts the chain when the store is empty. Throws
 * `ledger` when the store holds a chain of another device only: its key was lost or exchanged.
 */
export function createLedger(options: LedgerOptions): Ledger & StepVerifier {
  const { store, signer, clock } = options;
  const device = deviceIdOf(signer.publicKey);
  const listeners = new Set<(entry: Entry) => void>();
  const undelivered: Entry[] = [];
  let delivering = false;
  let last: Pick<LedgerRow, 'sequence' | 'hash'> = store.last(device) ?? { sequence: 0, hash: FIRST_PREVIOUS };
  // What this process itself saw on disk: an end that is cut off while it runs is found by `verify`.
  const reader = createLedgerReader(store, device, () => ({ entries: last.sequence, hash: last.hash }));

  function append(data: EntryData): Entry {
    const { entry, row } = signed(data, Math.trunc(clock.now()), last);
    write([row], () => store.append(row));
    took([entry]);
    return entry;
  }

  function appendAll(all: readonly EntryData[]): Entry[] {
    const atMs = Math.trunc(clock.now());
    const made: { entry: Entry; row: LedgerRow }[] = [];
    for (const data of all) made.push(signed(data, atMs, made.at(-1)?.row ?? last));
    if (made.length === 0) return [];
    const rows = made.map(({ row }) => row);
    const [only, ...more] = rows;
    write(rows, () => (only !== undefined && more.length === 0 ? store.append(only) : store.appendAll(rows)));
    const entries = made.map(({ entry }) => entry);
    took(entries);
    return entries;
  }

  /** The entry that comes after `previous`, and the row that keeps it. */
  function signed(
    data: EntryData,
    atMs: number,
    previous: Pick<LedgerRow, 'sequence' | 'hash'>,
  ): { entry: Entry; row: LedgerRow } {
    const parsed = entryDataSchema.safeParse(data);
    if (!parsed.success) {
      throw new ScramError('internal', `a ledger entry of kind ${data.kind} is not well formed`, {
        cause: parsed.error,
      });
    }
    const sequence = previous.sequence + 1;
    const body: EntryBody = { version: 1, device, sequence, atMs, previous: previous.hash, data: parsed.data };
    const text = canonicalText(body);
    const hash = sha256Hex(text);
    const signature = signer.sign(signedText(hash));
    return { entry: { body, hash, signature }, row: { device, sequence, atMs, hash, signature, body: text } };
  }

  function write(rows: readonly LedgerRow[], run: () => void): void {
    try {
      run();
    } catch (cause) {
      const [first, more] = [rows[0]?.sequence, rows.length - 1];
      const which = more === 0 ? `ledger entry ${first}` : `ledger entry ${first} and the ${more} after it`;
      throw new ScramError('ledger', `${which} could not be written: ${(cause as Error).message}`, {
        action: 'Check the disk of the data folder (full, read-only, removed). Nothing was recorded.',
        cause,
      });
    }
  }

  function took(entries: readonly Entry[]): void {
    const newest = entries.at(-1);
    if (newest) last = { sequence: newest.body.sequence, hash: newest.hash };
    undelivered.push(...entries);
    deliver();
  }

  /** A listener may append: every listener still hears the entries in the order of the chain. */
  function deliver(): void {
    if (delivering) return;
    delivering = true;
    try {
      for (let entry = undelivered.shift(); entry !== undefined; entry = undelivered.shift()) {
        for (const listener of [...listeners]) tell(listener, entry);
      }
    } finally {
      delivering = false;
    }
  }

  function tell(listener: (entry: Entry) => void, entry: Entry): void {
    try {
      listener(entry);
    } catch (error) {
      options.log?.error('ledger-listener-failed', { sequence: entry.body.sequence, error: String(error) });
    }
  }

  if (last.sequence === 0) {
    const others = store.devices();
    if (others.length > 0) {
      throw new ScramError('ledger', `the ledger was written by device ${others.join(', ')}, the key is of ${device}`, {
        action: 'Put back the device.key that belongs to this data folder, or give another folder with --data-dir.',
      });
    }
    append({ kind: 'device.created', publicKey: signer.publicKey, product: options.product });
  }

  return {
    ...reader,
    append,
    appendAll,
    onAppend(listener) {
      // A wrapper, so that the same function may listen twice.
      const own = (entry: Entry) => listener(entry);
      listeners.add(own);
      return { dispose: () => void listeners.delete(own) };
    },
  };
}
