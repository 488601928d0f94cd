import { useEffect } from 'react';
import { useClient, useRights } from '../../client/index.ts';

/** Often enough for any idle lock, rare enough to cost nothing. */
export const TOUCH_EVERY_MS = 30_000;

/** Whether the back end is to be told again that somebody is there. Pure. */
export function isDue(lastMs: number | null, nowMs: number): boolean {
  return lastMs === null || nowMs - lastMs >= TOUCH_EVERY_MS;
}

/** A press of a key or a pointer by a person puts the idle lock off; what the page does by itself never does. */
export function useTouch(): void {
  const client = useClient();
  const { people } = useRights();
  const unlocked = people?.me != null;
  useEffect(() => {
    if (!unlocked) return;
    let lastMs: number | null = null;
    const touched = (event: Event) => {
      // Scripts press keys too; they are not a person.
      if (!event.isTrusted || !isDue(lastMs, Date.now())) return;
      lastMs = Date.now();
      // Not reached: the strip across the top says so already, and the lock falls in time.
      client.call('people.touch', {}).catch(() => undefined);
    };
    const kinds = ['keydown', 'pointerdown', 'wheel'] as const;
    for (const kind of kinds) window.addEventListener(kind, touched, { passive: true, capture: true });
    return () => {
      for (const kind of kinds) window.removeEventListener(kind, touched, { capture: true });
    };
  }, [client, unlocked]);
}
