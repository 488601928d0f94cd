import type { Clock, Disposable, Log } from '../ports.ts';
import { createBackoff } from './backoff.ts';
import type { TeamStore } from './store.ts';
import { RETRY, wordsOf } from './retry.ts';

export interface HearingOptions {
  readonly store: TeamStore;
  readonly clock: Clock;
  readonly log: Log;
  /** How late entries are seen while nothing is heard, milliseconds. */
  readonly pollMs: number;
  readonly random: (() => number) | undefined;
  /** A device whose chain may have grown; null: any, and from now on they are told. */
  readonly onMore: (device: string | null) => void;
  readonly onLost: () => void;
}

/** Keeps the store's notifications coming: without them entries are seen late, but they are seen. */
export function createHearing({ store, clock, log, pollMs, random, onMore, onLost }: HearingOptions) {
  const retryIn = createBackoff(RETRY, random);
  let listening: Disposable | null = null;
  let retry: Disposable | null = null;
  let problem: string | null = null;
  /** What an ended connection still tells is of no interest. */
  let turn = 0;

  function start(): void {
    stop();
    const mine = turn;
    listening = store.listen(
      (device) => {
        if (mine === turn) heard(device);
      },
      (error) => {
        if (mine === turn) lost(error);
      },
    );
  }

  function stop(): void {
    turn += 1;
    listening?.dispose();
    retry?.dispose();
    listening = null;
    retry = null;
    problem = null;
  }

  function heard(device: string | null): void {
    if (device === null) {
      retryIn.reset();
      problem = null;
    }
    onMore(device);
  }

  function lost(error: unknown): void {
    listening = null;
    problem = `new entries are only seen every ${Math.round(pollMs / 1000)} s: ${wordsOf(error)}`;
    log.warn('team-store.not-listening', { error: wordsOf(error) });
    const told = problem;
    retry = clock.after(retryIn.next(), () => {
      start();
      problem = told;
    });
    onLost();
  }

  return { start, stop, problem: () => problem };
}
