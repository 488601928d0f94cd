import { deviceIdOf } from '../signing/device-id.ts';
import type { Entry, EntryData } from '../../../shared/model/entry.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { Clock, Disposable, Log } from '../ports.ts';
import type { Actor } from '../signing/actor.ts';
import { anchorOf, checkAnchor, makeAnchor } from './anchor.ts';
import type { Chains, Evidence, Ledger, StepVerifier } from './api.ts';
import { createChains } from './chains.ts';
import { createDelivery } from './delivery.ts';
import { createEntryWriter, type Written } from './entry-row.ts';
import { createLedgerReader } from './reader.ts';
import { requireRedactable } from './redaction.ts';
import { LASTING, nextSegment, requireOld } from './seal.ts';
import { anchoredIn } from './anchored.ts';
import type { LedgerRow, LedgerStore, Segment, Signer } from './store.ts';
import { FIRST_PREVIOUS } from './verify.ts';

export interface LedgerOptions {
  readonly store: LedgerStore;
  readonly signer: Signer;
  /** Without `after`, countersignatures that are held back wait for the next rows that come. */
  readonly clock: Pick<Clock, 'now'> & Partial<Pick<Clock, 'after'>>;
  /** Name and version, written into the first entry. */
  readonly product: string;
  /** Told when a listener throws: the entry is on disk by then, and stays. */
  readonly log?: Log;
}

export type WholeLedger = Ledger & Chains & Evidence & StepVerifier & Disposable;

/**
 * The append-only, signed, hash-chained ledger of this device (D6), and the chains of others that it was given (D8).
 * Starts the device's chain when the store is empty. Throws `ledger` when the store is another device's, or the
 * beginning of the device's own chain is gone.
 */
export function createLedger(options: LedgerOptions): WholeLedger {
  const { store, signer, clock } = options;
  const device = deviceIdOf(signer.publicKey);
  const written = createEntryWriter(device, signer);
  const delivery = createDelivery(options.log);
  let last: Pick<LedgerRow, 'sequence' | 'hash'> = store.last(device) ?? { sequence: 0, hash: FIRST_PREVIOUS };

  /** The entries that follow the last one, of one moment. */
  function make(all: readonly EntryData[], actor: Actor | null): Written[] {
    const atMs = Math.trunc(clock.now());
    const made: Written[] = [];
    for (const data of all) made.push(written(data, actor, atMs, made.at(-1)?.row ?? last));
    return made;
  }

  function write(made: readonly Written[], run: () => void): void {
    try {
      run();
    } catch (cause) {
      const [first, more] = [made[0]?.row.sequence, made.length - 1];
      const which = more === 0 ? `ledger entry ${first}` : `ledger entry ${first} and the ${more} after it`;
      throw new ScramError('ledger', `${which} could not be written: ${(cause as Error).message}`, {
        action: 'Check the disk of the data folder (full, read-only, removed). Nothing was recorded.',
        cause,
      });
    }
  }

  function took(made: readonly Written[]): Entry[] {
    const newest = made.at(-1)?.row;
    if (newest !== undefined) last = newest;
    const entries = made.map(({ entry }) => entry);
    chains.tookOwn(entries);
    delivery.add(entries);
    return entries;
  }

  function appendAll(all: readonly EntryData[], actor: Actor | null = null): Entry[] {
    const made = make(all, actor);
    const [only, ...more] = made.map(({ row }) => row);
    if (only === undefined) return [];
    write(made, () => (more.length === 0 ? store.append(only) : store.appendAll([only, ...more])));
    const entries = took(made);
    delivery.deliver();
    return entries;
  }

  /** Writes entries of this device with what else `also` writes: both, or neither. The result goes on after it. */
  function writeWith(data: readonly EntryData[], also: () => void, actor: Actor | null = null): () => Entry[] {
    const made = make(data, actor);
    store.together(() => {
      also();
      if (made.length > 0) store.appendAll(made.map(({ row }) => row));
    });
    return () => took(made);
  }

  function append(data: EntryData, actor: Actor | null = null): Entry {
    const [entry] = appendAll([data], actor);
    if (entry === undefined) throw new ScramError('internal', 'an entry was not written');
    return entry;
  }

  const chains = createChains({
    store,
    signer,
    device,
    clock,
    log: options.log,
    scrub,
    delivery,
    append,
    own: () => last,
    writeWith,
  });
  // What this process itself saw on disk: an end that is cut off while it runs is found by `verify`.
  const reader = createLedgerReader(store, device, (of) =>
    of === device ? { entries: last.sequence, hash: last.hash } : chains.known(of),
  );

  function redact(of: string, sequence: number, reason: string, actor: Actor | null): Entry {
    const { hash } = requireRedactable(store, of, sequence, clock.now());
    const data: EntryData = { kind: 'entry.redacted', device: of, sequence, hash, reason };
    const goOn = writeWith([data], () => store.redact(of, sequence, hash), actor);
    const [entry] = goOn();
    scrub();
    delivery.deliver();
    if (entry === undefined) throw new ScramError('internal', 'an entry was not written');
    return entry;
  }

  /** What was redacted is gone from the ledger already; this is about copies of it in the bytes of the file. */
  function scrub(): void {
    try {
      if (!store.scrub()) options.log?.warn('ledger-scrub-waits', { problem: 'something else reads the ledger' });
    } catch (error) {
      options.log?.error('ledger-scrub-failed', { error: String(error) });
    }
  }

  async function seal(beforeMs: number): Promise<readonly Segment[]> {
    requireOld(beforeMs, clock.now());
    const sealed: Segment[] = [];
    // Again after each: what ends here may have begun in a chain that was held up until then.
    for (let more = true; more; ) {
      more = false;
      for (const of of store.devices()) {
        const next = nextSegment(store, of, beforeMs, clock.now());
        if (next === null) continue;
        const { segment, text } = next;
        await store.writeSegment(segment.file, text);
        more = true;
        // Words that were redacted while it was written must not lie in the file.
        if (nextSegment(store, of, beforeMs, clock.now())?.segment.digest !== segment.digest) continue;
        writeWith([{ kind: 'segment.sealed', ...segment }], () => store.seal(segment, LASTING))();
        delivery.deliver();
        sealed.push(segment);
      }
    }
    return sealed;
  }

  found();
  scrub();

  function found(): void {
    const own = store.own();
    if (own !== null && own !== device) {
      throw new ScramError('ledger', `the ledger was written by device ${own}, the key is of ${device}`, {
        action: 'Put back the device.key that belongs to this data folder, or give another folder with --data-dir.',
      });
    }
    if (store.at(device, 1) !== null) {
      if (own === null) store.setOwn(device);
      return;
    }
    if (own !== null || last.sequence > 0) {
      throw new ScramError('ledger', `the first entries of this device, ${device}, are gone from the ledger`, {
        action: 'Keep the folder for inspection, and restore a backup or start with another one with --data-dir.',
      });
    }
    const made = make([{ kind: 'device.created', publicKey: signer.publicKey, product: options.product }], null);
    write(made, () =>
      store.together(() => {
        for (const { row } of made) store.append(row);
        store.setOwn(device);
      }),
    );
    took(made);
    delivery.deliver();
  }

  const { known: _, tookOwn: __, ...faces } = chains;
  return {
    ...reader,
    ...faces,
    append,
    appendAll,
    chains: () => chains.listed((of) => reader.verdict(of)?.problem ?? null),
    onAppend: delivery.onEntry,
    redact,
    seal,
    anchor(place, where, actor) {
      const heads = [...chains.heads()].map(([of, head]) => ({ device: of, ...head }));
      const data = makeAnchor(heads, { place, where }, device, signer, clock.now());
      append(data, actor);
      return anchorOf(data);
    },
    checkAnchor(text) {
      const head = reader.head();
      if (head.verified === 'broken') return { ok: false, words: `The chains do not verify: ${head.problem ?? ''}.` };
      return checkAnchor(text, anchoredIn(store));
    },
  };
}
