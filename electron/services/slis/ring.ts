import type { Series } from '../../../shared/model/sli.ts';

/** Samples of one line on a fixed grid, no more than `capacity` of them. A missing sample is null, never zero. */
export class Ring {
  readonly stepMs: number;
  readonly #capacity: number;
  #startMs: number;
  #values: (number | null)[] = [];

  /** `startMs` is the first place on the grid; places stand at whole multiples of `stepMs` from it. */
  constructor(startMs: number, stepMs: number, capacity: number) {
    this.#startMs = startMs;
    this.stepMs = stepMs;
    this.#capacity = capacity;
  }

  /** The samples held now; valid until the next `replace`. */
  get series(): Series {
    return { startMs: this.#startMs, stepMs: this.stepMs, values: this.#values };
  }

  /** A copy that later changes do not touch. */
  snapshot(): Series {
    return { ...this.series, values: [...this.#values] };
  }

  /**
   * Puts what the source says of `fromMs … toMs` in place of what was held there. Samples are put on the nearest place
   * of the grid; where the source has none, the place becomes null. Returns the first place whose value changed or is
   * new, epoch ms; null when all was known.
   */
  replace(fromMs: number, toMs: number, samples: readonly { atMs: number; value: number }[]): number | null {
    const window = new Map<number, number>();
    for (const { atMs, value } of samples) window.set(this.#index(atMs), value);
    const first = Math.max(0, this.#index(fromMs));
    const last = this.#index(toMs);
    let changed: number | null = null;
    while (this.#values.length < first) {
      changed ??= this.#values.length;
      this.#values.push(null);
    }
    for (let index = first; index <= last; index += 1) {
      const value = window.get(index) ?? null;
      if (index < this.#values.length && this.#values[index] === value) continue;
      changed ??= index;
      this.#values[index] = value;
    }
    const changedMs = changed === null ? null : this.#startMs + changed * this.stepMs;
    this.#trim();
    return changedMs === null ? null : Math.max(changedMs, this.#startMs);
  }

  /** The values from `fromMs` to the newest. */
  tail(fromMs: number): { fromMs: number; values: (number | null)[] } {
    const first = Math.max(0, this.#index(fromMs));
    return { fromMs: this.#startMs + first * this.stepMs, values: this.#values.slice(first) };
  }

  #index(atMs: number): number {
    return Math.round((atMs - this.#startMs) / this.stepMs);
  }

  #trim(): void {
    const surplus = this.#values.length - this.#capacity;
    if (surplus <= 0) return;
    this.#values.splice(0, surplus);
    this.#startMs += surplus * this.stepMs;
  }
}
