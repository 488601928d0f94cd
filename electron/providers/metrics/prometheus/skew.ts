/** An exchange that took longer tells too little of the moment at which the server read its clock. */
const LONGEST_EXCHANGE_MS = 2000;

/**
 * The server's clock minus ours, milliseconds, from the Date header of an answer. The header has whole seconds and was
 * written somewhen between sending and receiving: zero when the clocks may agree, the middle of what is possible when
 * they cannot, null when the exchange tells nothing.
 */
export function clockSkew(dateMs: number | null, sentAtMs: number, receivedAtMs: number): number | null {
  if (dateMs === null || receivedAtMs - sentAtMs > LONGEST_EXCHANGE_MS) return null;
  const low = dateMs - receivedAtMs;
  const high = dateMs + 1000 - sentAtMs;
  if (low <= 0 && high >= 0) return 0;
  return Math.round((low + high) / 2);
}
