import type { Clock } from '../ports.ts';

const FIRST_MS = 2_000;
const LIMIT_MS = 5 * 60_000;

interface Stall {
  readonly times: number;
  readonly askedMs: number;
  readonly untilMs: number;
  readonly problem: string | null;
}

/**
 * Chains that gave nothing that could be taken: asked again ever more seldom, while the others go on (D8). When one is told
 * to have grown, a short look is taken all the same: what is good may now stand beside what was made up.
 */
export function createStalls(clock: Pick<Clock, 'now'>) {
  const stalls = new Map<string, Stall>();
  return {
    ready: (device: string): boolean => (stalls.get(device)?.untilMs ?? 0) <= clock.now(),
    readyForShort: (device: string): boolean => (stalls.get(device)?.askedMs ?? 0) + FIRST_MS <= clock.now(),
    /** `problem`: in words, where the ledger does not tell it itself. */
    stalled(device: string, problem: string | null): void {
      const before = stalls.get(device);
      const nowMs = clock.now();
      if (before !== undefined && before.untilMs > nowMs) {
        stalls.set(device, { ...before, askedMs: nowMs, problem });
        return;
      }
      const times = (before?.times ?? 0) + 1;
      const waitMs = Math.min(LIMIT_MS, FIRST_MS * 2 ** Math.min(times - 1, 20));
      stalls.set(device, { times, askedMs: nowMs, untilMs: nowMs + waitMs, problem });
    },
    moved: (device: string): void => void stalls.delete(device),
    clear: (): void => stalls.clear(),
    problem(): string | null {
      for (const { problem } of stalls.values()) if (problem !== null) return problem;
      return null;
    },
  };
}
