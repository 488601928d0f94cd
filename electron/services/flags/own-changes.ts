import type { ChangePayload } from '../../../shared/model/change.ts';
import type { FlagState } from '../../../shared/model/flag.ts';
import type { Ledger } from '../ledger/api.ts';
import type { Clock, Disposable } from '../ports.ts';
import { sameState } from './cell.ts';

/** A change that was accepted is seen within this time, or is not recognised by its state any more, milliseconds. */
const SEEN_WITHIN_MS = 60_000;

interface Accepted {
  readonly after: FlagState;
  readonly atMs: number;
  readonly noticedAtMs: number;
}

/**
 * Changes that this console made and whose effect nobody has seen yet. A list that is read, or a preview, may see it
 * before the change pipeline says whose it is: then the state tells (D6).
 */
export class OwnChanges {
  readonly #clock: Clock;
  readonly #proposed = new Map<string, ChangePayload>();
  readonly #open = new Map<string, Accepted[]>();
  readonly #subscription: Disposable;

  constructor(ledger: Ledger, clock: Clock) {
    this.#clock = clock;
    this.#subscription = ledger.onAppend(({ body: { data, atMs, device } }) => {
      if (device !== ledger.device) return;
      if (data.kind === 'change.proposed') this.#proposed.set(data.change.hash, data.change.payload);
      if (data.kind !== 'change.result') return;
      const payload = this.#proposed.get(data.hash);
      this.#proposed.delete(data.hash);
      if (payload && data.outcome === 'accepted') this.#add(payload, atMs);
    });
  }

  /** When this console brought about the state, epoch ms; null: it did not. Each change answers once. */
  claim(connection: string, environment: string, key: string, state: FlagState): number | null {
    const id = idOf(connection, environment, key);
    const open = this.#open.get(id);
    if (open === undefined) return null;
    const fromMs = this.#clock.now() - SEEN_WITHIN_MS;
    const index = open.findLastIndex(({ after, noticedAtMs }) => noticedAtMs >= fromMs && sameState(after, state));
    const found = open[index];
    // Those before it were overtaken, and will not be seen any more.
    if (found) open.splice(0, index + 1);
    if (open.length === 0 || open.every(({ noticedAtMs }) => noticedAtMs < fromMs)) this.#open.delete(id);
    return found?.atMs ?? null;
  }

  dispose(): void {
    this.#subscription.dispose();
  }

  #add({ connection, environment, flag, after }: ChangePayload, atMs: number): void {
    const id = idOf(connection, environment, flag);
    const open = this.#open.get(id) ?? [];
    open.push({ after, atMs, noticedAtMs: this.#clock.now() });
    this.#open.set(id, open);
  }
}

function idOf(connection: string, environment: string, key: string): string {
  return JSON.stringify([connection, environment, key]);
}
