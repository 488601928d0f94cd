import type { ResponseFrame } from '../../shared/contract/frames.ts';
import { ScramError } from '../../shared/model/error.ts';
import type { Disposable } from '../services/ports.ts';
import type { Started } from './handlers/index.ts';
import type { Outbox } from './outbox.ts';

export interface SubscriptionOptions {
  readonly id: string;
  /** True when each delta is the whole state, so that only the latest matters. */
  readonly whole: boolean;
  readonly heldDeltas: number;
  readonly outbox: Outbox;
  start(push: (delta: unknown) => void): Started<unknown>;
  /** Throws when the value does not fit the contract. */
  checkSnapshot(value: unknown): unknown;
  checkDelta(value: unknown): unknown;
  send(frame: ResponseFrame): void;
  /** Called once, when the stream ends by an error. */
  onFailure(error: unknown): void;
}

export interface Subscription extends Disposable {
  /** Subscribes anew and sends a fresh snapshot under the same id; its deltas count from 1 again. */
  restart(): void;
}

/**
 * One stream of one client. While the client is behind, nothing more is written to it: whole states are replaced by
 * the latest, other deltas are held, and past `heldDeltas` the stream ends with `gap` so that it is asked for anew.
 */
export function subscribe(options: SubscriptionOptions): Subscription {
  const { id, outbox } = options;
  let source: Disposable | null = null;
  let waiting: Disposable | null = null;
  let held: unknown[] = [];
  let sequence = 0;
  let generation = 0;
  let ended = false;

  const release = () => {
    generation += 1;
    waiting?.dispose();
    waiting = null;
    held = [];
    const old = source;
    source = null;
    old?.dispose();
  };

  const fail = (error: unknown) => {
    if (ended) return;
    ended = true;
    release();
    options.onFailure(error);
  };

  const guard = (run: () => void) => {
    try {
      run();
    } catch (error) {
      fail(error);
    }
  };

  const sendDelta = (delta: unknown) => {
    const data = options.checkDelta(delta);
    sequence += 1;
    options.send({ type: 'delta', id, sequence, data });
  };

  const flush = () => {
    waiting = null;
    guard(() => {
      while (held.length > 0 && !outbox.congested()) sendDelta(held.shift());
    });
    if (!ended && held.length > 0) waiting = outbox.whenClear(flush);
  };

  const push = (delta: unknown) => {
    if (waiting === null && !outbox.congested()) return guard(() => sendDelta(delta));
    if (options.whole) held = [delta];
    else held.push(delta);
    if (held.length > options.heldDeltas) {
      return fail(new ScramError('gap', 'the reader of this stream is too slow', { action: 'Subscribe again' }));
    }
    waiting ??= outbox.whenClear(flush);
  };

  const begin = () => {
    waiting = null;
    guard(() => {
      const mine = generation;
      let live = false;
      const started = options.start((delta) => {
        if (live && mine === generation && !ended) push(delta);
      });
      source = started;
      const data = options.checkSnapshot(started.snapshot);
      sequence = 0;
      options.send({ type: 'snapshot', id, data });
      live = true;
    });
  };

  const restart = () => {
    if (ended) return;
    release();
    if (outbox.congested()) waiting = outbox.whenClear(begin);
    else begin();
  };

  restart();
  return {
    restart,
    dispose() {
      ended = true;
      release();
    },
  };
}
