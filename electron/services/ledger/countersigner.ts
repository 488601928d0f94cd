import type { Entry, EntryData } from '../../../shared/model/entry.ts';
import type { Clock, Disposable } from '../ports.ts';

/** Between two countersignatures, milliseconds: each is an entry that every console of the team takes over. */
const PACE_MS = 30_000;

export type Heads = ReadonlyMap<string, { readonly sequence: number; readonly hash: string }>;

export interface Countersigner extends Disposable {
  /** Notes that a chain has grown; `first`: it was not held before. */
  grown(device: string, entries: readonly Entry[], first: boolean): void;
  /** What is to be written now; null when nothing is, or not yet. */
  due(): EntryData | null;
  /** What was due is on disk. */
  done(): void;
}

/**
 * When this device countersigns the heads that it took over (D10): a chain that is met for the first time at once, others
 * together, at most one entry in 30 s. A chain that grew by nothing but countersignatures is left alone, or two idle
 * consoles would go on confirming each other's confirmations for ever.
 */
export function createCountersigner(
  clock: Pick<Clock, 'now'> & Partial<Pick<Clock, 'after'>>,
  heads: () => Heads,
  write: () => void,
): Countersigner {
  const news = new Set<string>();
  let atOnce = false;
  let lastMs: number | null = null;
  let timer: Disposable | null = null;

  function waitMs(): number {
    if (lastMs === null) return 0;
    const sinceMs = clock.now() - lastMs;
    // A clock that was set back must not hold it up for longer than its pace.
    return sinceMs < 0 || sinceMs >= PACE_MS ? 0 : PACE_MS - sinceMs;
  }

  return {
    grown(device, entries, first) {
      atOnce ||= first;
      if (first || entries.some(({ body }) => body.data.kind !== 'head.countersigned')) news.add(device);
    },
    due() {
      if (news.size === 0) return null;
      const delayMs = atOnce ? 0 : waitMs();
      if (delayMs > 0) {
        timer ??=
          clock.after?.(delayMs, () => {
            timer = null;
            write();
          }) ?? null;
        return null;
      }
      const all = heads();
      const named = [...news].sort().flatMap((device) => {
        const head = all.get(device);
        return head === undefined ? [] : [{ device, sequence: head.sequence, hash: head.hash }];
      });
      return { kind: 'head.countersigned', heads: named };
    },
    done() {
      news.clear();
      atOnce = false;
      lastMs = clock.now();
      timer?.dispose();
      timer = null;
    },
    dispose() {
      timer?.dispose();
      timer = null;
    },
  };
}

/** Highest entry of each chain that another device has countersigned. */
export class Countersigned {
  readonly #highest = new Map<string, number>();

  note(by: string, data: EntryData): void {
    if (data.kind !== 'head.countersigned') return;
    for (const { device, sequence } of data.heads) {
      if (device !== by && sequence > this.of(device)) this.#highest.set(device, sequence);
    }
  }

  of(device: string): number {
    return this.#highest.get(device) ?? 0;
  }
}
