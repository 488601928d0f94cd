import { type ComponentType, createElement, type FunctionComponent, lazy, useState } from 'react';

/** A view whose script is fetched when it is first shown, or before. */
export type FetchedView<P extends object> = FunctionComponent<P> & { fetch(): Promise<unknown> };

/**
 * Like `lazy`, but drawn at once where the script is there already: React shows a placeholder for every lazy
 * component, and then holds what replaces it back for 0.3 s, which at 3 a.m. is long (A1).
 */
export function fetchedView<P extends object>(load: () => Promise<ComponentType<P>>): FetchedView<P> {
  let there: ComponentType<P> | null = null;
  const fetch = async () => {
    there = await load();
    return { default: there };
  };
  const Later = lazy(fetch);
  // biome-ignore lint/correctness/noComponentHookFactories: made once for each view, when this module is read
  const View: FunctionComponent<P> = (props) => {
    // Chosen once: a view that is being used does not begin anew because its script has come.
    const [Chosen] = useState<ComponentType<P>>(() => there ?? (Later as unknown as ComponentType<P>));
    return createElement(Chosen, props);
  };
  return Object.assign(View, { fetch });
}
