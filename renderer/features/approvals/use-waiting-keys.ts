import type { RefObject } from 'react';
import { useViewKeys } from '../../kit/index.ts';

/** J and K go through the requests that wait; Enter folds and unfolds the one with the focus, as its button does. */
export function useWaitingKeys(list: RefObject<HTMLUListElement | null>): void {
  useViewKeys({
    move: (step) => {
      const items = [...(list.current?.querySelectorAll<HTMLElement>('[data-request]') ?? [])];
      const at = items.findIndex((item) => item.contains(document.activeElement));
      const next = at < 0 ? (step > 0 ? 0 : items.length - 1) : Math.min(Math.max(at + step, 0), items.length - 1);
      const button = items[next]?.querySelector<HTMLElement>('h3 > button');
      button?.focus();
      button?.scrollIntoView({ block: 'nearest' });
    },
  });
}
