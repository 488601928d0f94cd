/**
 * Resolves when all of `writes` are over, however they ended; rejects when `signal` aborts before. A write whose caller has
 * given up goes on to its end: what is read of its flag before that would be belied by it.
 */
export async function writesOver(writes: readonly Promise<unknown>[], signal: AbortSignal): Promise<void> {
  if (writes.length === 0) return;
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    signal.throwIfAborted();
    await Promise.race([Promise.allSettled(writes), aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
