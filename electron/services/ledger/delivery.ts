import type { Entry } from '../../../shared/model/entry.ts';
import type { Disposable, Log } from '../ports.ts';

type Listener = (entry: Entry) => void;

/** Tells every entry to every listener, in the order in which they came; a listener may itself append. */
export interface Delivery {
  add(entries: readonly Entry[]): void;
  deliver(): void;
  onEntry(listener: Listener): Disposable;
}

export function createDelivery(log: Log | undefined): Delivery {
  const listeners = new Set<Listener>();
  let undelivered: Entry[] = [];
  let delivering = false;

  function tell(listener: Listener, entry: Entry): void {
    try {
      listener(entry);
    } catch (error) {
      log?.error('ledger-listener-failed', { sequence: entry.body.sequence, error: String(error) });
    }
  }

  return {
    add(entries) {
      if (listeners.size > 0 || delivering) for (const entry of entries) undelivered.push(entry);
    },
    deliver() {
      if (delivering) return;
      delivering = true;
      try {
        while (undelivered.length > 0) {
          const now = undelivered;
          undelivered = [];
          for (const entry of now) for (const listener of [...listeners]) tell(listener, entry);
        }
      } finally {
        delivering = false;
      }
    },
    onEntry(listener) {
      // A wrapper, so that the same function may listen twice.
      const own: Listener = (entry) => listener(entry);
      listeners.add(own);
      return { dispose: () => void listeners.delete(own) };
    },
  };
}
