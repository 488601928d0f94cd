import { useEffect, useRef } from 'react';

/** What the keys J, K and Enter do in the view that is open. */
export interface ViewKeys {
  /** 1 for the next line, -1 for the one before. */
  move(step: 1 | -1): void;
  open?(): void;
}

let current: ViewKeys | null = null;

/** Takes the keys for as long as the component is there; the newest view has them. */
export function useViewKeys(keys: ViewKeys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const own: ViewKeys = {
      move: (step) => latest.current.move(step),
      open: () => latest.current.open?.(),
    };
    current = own;
    return () => {
      if (current === own) current = null;
    };
  }, []);
}

export function viewKeys(): ViewKeys | null {
  return current;
}
