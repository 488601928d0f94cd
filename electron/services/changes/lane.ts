import type { Clock, Disposable } from '../ports.ts';

/** Looks of nearly the same time are one look, milliseconds. */
const TOGETHER_MS = 50;

export interface LaneOptions<T> {
  readonly clock: Clock;
  /** Shortest time between the beginnings of two looks, milliseconds. */
  readonly paceMs: number;
  /** How many one look may be about. */
  readonly most: number;
  /** Those for which looks are still wanted. */
  readonly open: () => Iterable<T>;
  /** Looks at several at once; never rejects. Gives the time before which no look is worth it, epoch ms, or null. */
  readonly look: (items: readonly T[]) => Promise<number | null>;
  /** Time until the next look at the item, milliseconds, after `looks` of them. */
  readonly delayMs: (item: T, looks: number) => number;
}

/**
 * Looks at one source again and again for many items at once: each at its own pace, as few looks as that allows, never
 * two at a time, those that waited longest first.
 */
export class Lane<T extends object> implements Disposable {
  readonly #options: LaneOptions<T>;
  /** When the next look at an item is due, and how many there were. */
  readonly #next = new WeakMap<T, { atMs: number; looks: number }>();
  #lastMs = Number.NEGATIVE_INFINITY;
  #notBeforeMs = 0;
  #busy = false;
  #poked = false;
  #disposed = false;
  #timer: Disposable | null = null;

  constructor(options: LaneOptions<T>) {
    this.#options = options;
  }

  /** Something new may be wanted: looks as soon as the pace allows. */
  poke(): void {
    if (this.#poked || this.#busy || this.#disposed) return;
    this.#poked = true;
    queueMicrotask(() => {
      this.#poked = false;
      this.#plan();
    });
  }

  dispose(): void {
    this.#disposed = true;
    this.#timer?.dispose();
  }

  #plan(): void {
    if (this.#busy || this.#disposed) return;
    this.#timer?.dispose();
    this.#timer = null;
    let dueMs = Number.POSITIVE_INFINITY;
    for (const item of this.#options.open()) dueMs = Math.min(dueMs, this.#dueMs(item));
    if (dueMs === Number.POSITIVE_INFINITY) return;
    const atMs = Math.max(dueMs, this.#lastMs + this.#options.paceMs, this.#notBeforeMs);
    const waitMs = atMs - this.#options.clock.now();
    if (waitMs <= 0) void this.#run();
    else this.#timer = this.#options.clock.after(waitMs, () => this.#run());
  }

  async #run(): Promise<void> {
    const { clock, open, look, most, delayMs } = this.#options;
    const startMs = clock.now();
    const due = [...open()]
      .filter((item) => this.#dueMs(item) <= startMs + TOGETHER_MS)
      .sort((a, b) => this.#dueMs(a) - this.#dueMs(b))
      .slice(0, most);
    if (due.length > 0) {
      this.#busy = true;
      this.#lastMs = startMs;
      const notBeforeMs = await look(due);
      this.#busy = false;
      this.#notBeforeMs = notBeforeMs ?? 0;
      for (const item of due) {
        const looks = (this.#next.get(item)?.looks ?? 0) + 1;
        this.#next.set(item, { atMs: startMs + delayMs(item, looks), looks });
      }
    }
    this.#plan();
  }

  #dueMs(item: T): number {
    return this.#next.get(item)?.atMs ?? 0;
  }
}
