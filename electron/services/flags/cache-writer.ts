import { z } from 'zod';
import type { Clock, Disposable, Log } from '../ports.ts';
import { type CachedEnvironment, readCache, readDelta, writeCache, writeDelta } from './cache.ts';
import type { Interner } from './cell.ts';
import type { Holding, Peeked } from './holding.ts';

/** Texts that outlive a run: last known state, shown at the next start before anything answers (E1). */
export interface FlagCache {
  get(key: string): { text: string; atMs: number } | null;
  put(key: string, text: string): void;
}

const SETTLE_MS = 500;
/** The time of the last look is kept on disk no oftener than this: each write there is forced out to the device. */
const CONFIRM_MS = 30_000;
/** A list is written anew once so many of its flags are other than on disk: 10,000 flags take some 50 ms and 1.2 MB. */
const DELTA_LIMIT = 200;

function flagsKey(holding: Holding): string {
  return `flags/${holding.id}`;
}

function deltaKey(holding: Holding): string {
  return `flags-delta/${holding.id}`;
}

function readAtKey(holding: Holding): string {
  return `flags-read-at/${holding.id}`;
}

const peekedSchema = z.strictObject({ atMs: z.number(), items: z.number().int(), providerEnvironment: z.string() });

/** What of an environment is on disk: the list's name (`readAtMs` of its writing), and the keys that changed since. */
interface OnDisk {
  readonly base: number;
  readonly changed: Set<string>;
}

/** Writes what changed, a moment later and once, and what is left when the console closes. */
export class CacheWriter {
  readonly #cache: FlagCache;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #hints: string;
  readonly #waiting = new Map<Holding, Disposable>();
  readonly #confirmed = new Map<Holding, number>();
  readonly #marked = new Set<Holding>();
  readonly #onDisk = new Map<Holding, OnDisk>();
  #confirming: Disposable | null = null;

  constructor(cache: FlagCache, clock: Clock, log: Log, hints: string) {
    this.#cache = cache;
    this.#clock = clock;
    this.#log = log;
    this.#hints = hints;
  }

  /** What is known of what an earlier run left, without reading all of it. */
  peek(holding: Holding): Peeked | null {
    try {
      return peekedSchema.parse(JSON.parse(this.#cache.get(readAtKey(holding))?.text ?? ''));
    } catch {
      return null;
    }
  }

  /** Gives the holding what an earlier run left; nothing when that was read under other hints or is damaged. */
  restore(holding: Holding, interner: Interner): void {
    const stored = this.#cache.get(flagsKey(holding));
    const list = stored && readCache(stored.text, this.#hints, interner);
    if (!list) return;
    const text = this.#cache.get(deltaKey(holding))?.text;
    const later = text === undefined ? null : readDelta(text, this.#hints, list, interner);
    this.#onDisk.set(holding, { base: list.readAtMs, changed: later?.keys ?? new Set() });
    holding.load(later?.environment ?? list, this.peek(holding)?.atMs ?? 0);
  }

  /** These flags are other than before; where there are none, the mark alone is, and the one on disk is as good. */
  changed(holding: Holding, keys: readonly string[]): void {
    const onDisk = this.#onDisk.get(holding);
    if (onDisk && keys.length === 0) {
      this.#marked.add(holding);
      this.#confirming ??= this.#clock.after(CONFIRM_MS, () => this.#confirm());
      return;
    }
    if (onDisk) for (const key of keys) onDisk.changed.add(key);
    if (this.#waiting.has(holding)) return;
    this.#waiting.set(
      holding,
      this.#clock.after(SETTLE_MS, () => this.#write(holding)),
    );
  }

  /** Only the time of the last look moved: a small text of its own instead of the whole list. */
  confirmed(holding: Holding, atMs: number): void {
    this.#confirmed.set(holding, atMs);
    this.#confirming ??= this.#clock.after(CONFIRM_MS, () => this.#confirm());
  }

  dispose(): void {
    this.#confirm();
    for (const holding of [...this.#waiting.keys()]) this.#write(holding);
  }

  #confirm(): void {
    this.#confirming?.dispose();
    this.#confirming = null;
    for (const [holding, atMs] of this.#confirmed) this.#putReadAt(holding, atMs);
    this.#confirmed.clear();
    for (const holding of this.#marked) this.#write(holding);
  }

  #write(holding: Holding): void {
    this.#waiting.get(holding)?.dispose();
    this.#waiting.delete(holding);
    this.#marked.delete(holding);
    const { cells, mark, providerEnvironment, readAtMs } = holding;
    if (readAtMs === null) return;
    this.#confirmed.delete(holding);
    this.#putReadAt(holding, readAtMs);
    // A flag that was read by itself is newer than the mark: at the next start the list is read whole.
    const settled = holding.touched.size === 0 ? mark : null;
    const environment: CachedEnvironment = { cells, mark: settled, providerEnvironment, readAtMs };
    const onDisk = this.#onDisk.get(holding);
    if (onDisk && onDisk.changed.size <= DELTA_LIMIT) {
      this.#put(deltaKey(holding), writeDelta(environment, this.#hints, onDisk.base, onDisk.changed));
      return;
    }
    // Before the list: what an older delta says must never count over it.
    if (onDisk) this.#put(deltaKey(holding), '');
    if (this.#put(flagsKey(holding), writeCache(environment, this.#hints))) {
      this.#onDisk.set(holding, { base: readAtMs, changed: new Set() });
    }
  }

  #putReadAt(holding: Holding, atMs: number): void {
    const { items, providerEnvironment } = holding;
    this.#put(readAtKey(holding), JSON.stringify({ atMs, items, providerEnvironment } satisfies Peeked));
  }

  #put(key: string, text: string): boolean {
    try {
      this.#cache.put(key, text);
      return true;
    } catch (error) {
      // Without a cache the next start shows nothing until the source answers; nothing else is lost.
      this.#log.warn('flag-cache-not-written', { key, error: error instanceof Error ? error.message : String(error) });
      return false;
    }
  }
}
