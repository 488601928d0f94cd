import { type RefObject, useLayoutEffect, useRef } from 'react';
import type { ApprovalItem } from '../../../shared/model/approval.ts';

/**
 * The focus stays where it was when the list changes. When the item that had it is gone, its neighbour gets it, else
 * the heading, so that the keyboard is never thrown back to the top of the page (H1).
 */
export function useKeptFocus(
  list: RefObject<HTMLUListElement | null>,
  heading: RefObject<HTMLElement | null>,
  items: readonly ApprovalItem[],
): void {
  const last = useRef<{ readonly request: string; readonly place: number } | null>(null);
  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return;
    const held = last.current;
    const stays = held === null || items.some(({ request }) => request.hash === held.request);
    if (!stays && (document.activeElement === document.body || document.activeElement === null)) {
      const buttons = element.querySelectorAll<HTMLElement>('[data-request] > h3 > button');
      (buttons[Math.min(held.place, buttons.length - 1)] ?? heading.current)?.focus();
    }
    const note = () => {
      const item = document.activeElement?.closest<HTMLElement>('[data-request]');
      const request = item?.dataset.request;
      last.current =
        item && request !== undefined && element.contains(item)
          ? { request, place: [...element.children].indexOf(item) }
          : null;
    };
    note();
    document.addEventListener('focusin', note);
    return () => document.removeEventListener('focusin', note);
  }, [list, heading, items]);
}
