import type { OutputOf } from '../../../shared/contract/index.ts';
import type { Client } from '../../client/index.ts';

/** Newest entries that are asked for first, and again when something came in: few, so that they are on the screen soon. */
export const HEAD = 60;
/** An answer that was waited for longer than that may no longer be the newest. */
const FRESH_MS = 5_000;

type Page = OutputOf<'ledger.timeline'>;

let early: { readonly client: Client; readonly atMs: number; readonly answer: Promise<Page> } | null = null;

/** Asks for the newest entries while the frame around the view is still being put together (A1). */
export function fetchFirstPage(client: Client): void {
  const answer = client.call('ledger.timeline', { offset: 0, limit: HEAD });
  early = { client, atMs: performance.now(), answer };
  // Whoever takes it hears of the failure; one that nobody takes is nobody's.
  answer.catch(() => undefined);
}

/** What was asked for early, once; null when nothing was, or it is no longer fresh. */
export function takeFirstPage(client: Client): Promise<Page> | null {
  const taken = early;
  early = null;
  return taken?.client === client && performance.now() - taken.atMs < FRESH_MS ? taken.answer : null;
}
