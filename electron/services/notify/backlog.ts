import type { NotifyMessage } from '../../../shared/model/notify.ts';
import type { Ledger } from '../ledger/api.ts';
import type { Disposable, Log } from '../ports.ts';
import { NOT_KNOWN_TO_BE_SENT, recorder } from './record.ts';

export interface Held {
  readonly message: NotifyMessage;
  /** Since when it is to be sent, epoch ms. */
  readonly sinceMs: number;
}

/**
 * Messages that wait to be sent while the services of one configuration make room for those of the next: unlocking a
 * console, or saving scram.yaml, must not lose a break-glass (D3). It outlives them, and ends with the console.
 */
export interface NotifyBacklog extends Disposable {
  put(target: string, held: readonly Held[]): void;
  take(target: string): readonly Held[];
}

/** `onLost` is told of what nobody has taken in the end: the console stops, or the target is gone. */
export function createNotifyBacklog(onLost: (target: string, message: NotifyMessage) => void): NotifyBacklog {
  const waiting = new Map<string, Held[]>();
  let disposed = false;
  return {
    put(target, held) {
      if (disposed) {
        for (const { message } of held) onLost(target, message);
      } else if (held.length > 0) waiting.set(target, [...(waiting.get(target) ?? []), ...held]);
    },
    take(target) {
      const held = waiting.get(target) ?? [];
      waiting.delete(target);
      return held;
    },
    dispose() {
      disposed = true;
      for (const [target, held] of waiting) for (const { message } of held) onLost(target, message);
      waiting.clear();
    },
  };
}

/** Writes what nobody has taken into the record (D6). */
export function tellUnsent(ledger: Pick<Ledger, 'append'>, log: Log): (target: string, message: NotifyMessage) => void {
  const record = recorder(ledger, log);
  return (target, message) => record(message, { target, ok: false, detail: NOT_KNOWN_TO_BE_SENT });
}
