import type { Clock, Disposable, Log } from '../ports.ts';
import { writeCache } from './cache.ts';
import type { Holding } from './holding.ts';

/** Texts that outlive a run: last known state, shown at the next start before anything answers (E1). */
export interface FlagCache {
  get(key: string): { text: string; atMs: number } | null;
  put(key: string, text: string): void;
}

const SETTLE_MS = 500;

export function flagsKey(holding: Holding): string {
  return `flags/${holding.id}`;
}

export function readAtKey(holding: Holding): string {
  return `flags-read-at/${holding.id}`;
}

/** Writes what changed, a moment later and once, and what is left when the console closes. */
export class CacheWriter {
  readonly #cache: FlagCache;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #hints: string;
  readonly #waiting = new Map<Holding, Disposable>();

  constructor(cache: FlagCache, clock: Clock, log: Log, hints: string) {
    this.#cache = cache;
    this.#clock = clock;
    this.#log = log;
    this.#hints = hints;
  }

  changed(holding: Holding): void {
    if (this.#waiting.has(holding)) return;
    this.#waiting.set(
      holding,
      this.#clock.after(SETTLE_MS, () => this.#write(holding)),
    );
  }

  /** Only the time of the last look moved: a small text of its own instead of the whole list. */
  confirmed(holding: Holding, atMs: number): void {
    this.#put(readAtKey(holding), String(atMs));
  }

  dispose(): void {
    for (const holding of [...this.#waiting.keys()]) this.#write(holding);
  }

  #write(holding: Holding): void {
    this.#waiting.get(holding)?.dispose();
    this.#waiting.delete(holding);
    const { cells, mark, providerEnvironment, readAtMs } = holding;
    if (readAtMs === null) return;
    this.#put(flagsKey(holding), writeCache({ cells, mark, providerEnvironment, readAtMs }, this.#hints));
  }

  #put(key: string, text: string): void {
    try {
      this.#cache.put(key, text);
    } catch (error) {
      // Without a cache the next start shows nothing until the source answers; nothing else is lost.
      this.#log.warn('flag-cache-not-written', { key, error: error instanceof Error ? error.message : String(error) });
    }
  }
}
