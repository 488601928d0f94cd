/**
 * A service's clock minus ours, milliseconds, from the Date of its answer; null when it gave none. A Date has whole
 * seconds, and was written somewhere between the sending and the receiving.
 */
export function clockSkewOf(dateMs: number | null, sentAtMs: number, receivedAtMs: number): number | null {
  return dateMs === null ? null : Math.round(dateMs + 500 - (sentAtMs + receivedAtMs) / 2);
}
