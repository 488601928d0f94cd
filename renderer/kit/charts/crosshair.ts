import { create } from 'zustand';

/** The moment under the pointer, the same in every chart of the page (UI.md); null when there is none. */
export const useCrosshair = create<{ readonly atMs: number | null }>()(() => ({ atMs: null }));

export function showCrosshair(atMs: number | null): void {
  if (useCrosshair.getState().atMs !== atMs) useCrosshair.setState({ atMs });
}
