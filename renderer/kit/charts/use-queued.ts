import { type RefObject, useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { renderQueue } from './render-queue.ts';

/** Nobody sees it: a chart outside the window follows at this pace, for those who have its summary read to them. */
const UNSEEN_PACE_MS = 10_000;

/**
 * The newest value, as of this component's own turn in the render queue; null before the first turn. The component
 * that holds it renders in that turn alone, in a task of its own, and seldom while `element` is scrolled out of sight.
 */
export function useQueued<T>(value: T, element: RefObject<HTMLElement | null>): T | null {
  const [shown, setShown] = useState<{ readonly value: T } | null>(null);
  const state = useRef({ latest: value, seen: true, shownAt: Number.NEGATIVE_INFINITY });

  useEffect(() => {
    const own = state.current;
    own.latest = value;
    if (own.seen || performance.now() - own.shownAt > UNSEEN_PACE_MS) queue(own, setShown);
  }, [value]);

  useEffect(() => {
    const own = state.current;
    const target = element.current;
    const observer = new IntersectionObserver(([entry]) => {
      const appears = entry?.isIntersecting === true && !own.seen;
      own.seen = entry?.isIntersecting ?? true;
      if (appears) queue(own, setShown);
    });
    if (target) observer.observe(target);
    return () => {
      observer.disconnect();
      renderQueue.remove(own);
    };
  }, [element]);

  return shown ? shown.value : null;
}

function queue<T>(own: { readonly latest: T; shownAt: number }, show: (shown: { readonly value: T }) => void): void {
  renderQueue.put(own, () => {
    own.shownAt = performance.now();
    flushSync(() => show({ value: own.latest }));
  });
}
