/** A wait that the provider gave no time for, milliseconds: longer each time in a row. */
const FIRST_MS = 1_000;
const LONGEST_MS = 15_000;
/** A provider that says "at once" is not asked in a loop. */
const SHORTEST_MS = 100;

/** How long the rate limit of each connection is waited for; what is written gives new patience. */
export class Patience {
  readonly #limitMs: number;
  readonly #spent = new Map<string, { totalMs: number; waits: number }>();

  /** `limitMs`: longest time in a row, milliseconds. */
  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** Time until it is worth trying again, milliseconds; null when that is more than is left. */
  next(connection: string, retryAfterMs: number | null): number | null {
    const { totalMs, waits } = this.#spent.get(connection) ?? { totalMs: 0, waits: 0 };
    const waitMs = Math.max(SHORTEST_MS, retryAfterMs ?? Math.min(LONGEST_MS, FIRST_MS * 2 ** waits));
    if (totalMs + waitMs > this.#limitMs) return null;
    this.#spent.set(connection, { totalMs: totalMs + waitMs, waits: waits + 1 });
    return waitMs;
  }

  renew(connection: string): void {
    this.#spent.delete(connection);
  }
}
