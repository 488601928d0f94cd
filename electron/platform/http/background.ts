import { setTimeout as sleep } from 'node:timers/promises';
import { ScramError } from '../../../shared/model/error.ts';

export interface BackgroundLane {
  /** Waits for a free place and for the end of a pause. The result gives the place back. Throws `cancelled`, `rate-limited`. */
  enter(where: string, signal: AbortSignal): Promise<() => void>;
  /** The service asked for patience: nothing enters for so long. */
  pause(forMs: number): void;
}

/** What nobody waits for shares few places, so that the other connections stay free for people. */
export function createBackgroundLane(places: number, now: () => number): BackgroundLane {
  let free = places;
  let pausedUntilMs = 0;
  const waiting: (() => void)[] = [];

  function leave(): void {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  }

  function place(signal: AbortSignal): Promise<void> {
    if (free > 0) {
      free -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const take = () => {
        signal.removeEventListener('abort', abort);
        resolve();
      };
      const abort = () => {
        waiting.splice(waiting.indexOf(take), 1);
        reject(signal.reason);
      };
      waiting.push(take);
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  async function enter(where: string, signal: AbortSignal): Promise<() => void> {
    let placed = false;
    try {
      signal.throwIfAborted();
      await place(signal);
      placed = true;
      for (let waitMs = pausedUntilMs - now(); waitMs > 0; waitMs = pausedUntilMs - now()) {
        await sleep(waitMs, undefined, { signal });
      }
      let left = false;
      return () => {
        if (!left) leave();
        left = true;
      };
    } catch (cause) {
      if (placed) leave();
      throw gaveUpWaiting(where, Math.max(0, pausedUntilMs - now()), cause);
    }
  }

  return {
    enter,
    pause(forMs) {
      pausedUntilMs = Math.max(pausedUntilMs, now() + forMs);
    },
  };
}

function gaveUpWaiting(where: string, leftMs: number, cause: unknown): ScramError {
  if (leftMs === 0) return new ScramError('cancelled', `${where} was cancelled`, { cause });
  const seconds = Math.ceil(leftMs / 1000);
  return new ScramError('rate-limited', `${where} was not sent: the service asks for patience for ${seconds} s more`, {
    retryAfterMs: leftMs,
    cause,
  });
}
