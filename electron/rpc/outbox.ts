import type { Clock, Disposable } from '../services/ports.ts';
import type { Limits, Link } from './session.ts';

/** Tells streams of one connection whether the client keeps up, and calls them back once it has. */
export interface Outbox extends Disposable {
  congested(): boolean;
  /** Calls back once, when the backlog is under its limit again. */
  whenClear(run: () => void): Disposable;
}

export function createOutbox(link: Link, clock: Clock, limits: Limits): Outbox {
  const waiting = new Set<() => void>();
  let poll: Disposable | null = null;

  const look = () => {
    poll = null;
    // One at a time: the first snapshot that goes out may fill the backlog again.
    while (link.backlog() <= limits.backlogBytes) {
      const [next] = waiting;
      if (next === undefined) return;
      waiting.delete(next);
      next();
    }
    if (waiting.size > 0) poll ??= clock.after(limits.drainPollMs, look);
  };

  return {
    congested: () => link.backlog() > limits.backlogBytes,
    whenClear(run) {
      const entry = () => run();
      waiting.add(entry);
      poll ??= clock.after(limits.drainPollMs, look);
      return { dispose: () => void waiting.delete(entry) };
    },
    dispose() {
      waiting.clear();
      poll?.dispose();
      poll = null;
    },
  };
}
