export interface Backoff {
  /** Time to wait before the next attempt, milliseconds. */
  next(): number;
  reset(): void;
}

/** Doubles up to a limit, with half of each wait by chance: consoles that lost a server together come back apart. */
export function createBackoff(
  { firstMs, limitMs }: { firstMs: number; limitMs: number },
  random: () => number = Math.random,
): Backoff {
  let attempts = 0;
  return {
    next() {
      const fullMs = Math.min(limitMs, firstMs * 2 ** Math.min(attempts, 30));
      attempts += 1;
      return fullMs / 2 + (random() * fullMs) / 2;
    },
    reset() {
      attempts = 0;
    },
  };
}
