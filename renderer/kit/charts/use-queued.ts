import { useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { renderQueue } from './render-queue.ts';

/**
 * The newest value, as of this component's own turn in the render queue; null before the first turn. The component
 * that holds it renders in that turn alone, in a task of its own.
 */
export function useQueued<T>(value: T): T | null {
  const [shown, setShown] = useState<{ readonly value: T } | null>(null);
  const owner = useRef({});
  useEffect(() => {
    const own = owner.current;
    renderQueue.put(own, () => flushSync(() => setShown({ value })));
  }, [value]);
  useEffect(() => {
    const own = owner.current;
    return () => renderQueue.remove(own);
  }, []);
  return shown ? shown.value : null;
}
