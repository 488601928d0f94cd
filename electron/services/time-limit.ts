import { ScramError } from '../../shared/model/error.ts';
import type { Clock } from './ports.ts';

/**
 * Runs `run` with a signal that aborts after `limitMs` milliseconds, or when one of `outer` does. Rejects at that
 * moment, whether `run` heeds the signal or hangs.
 */
export async function within<T>(
  clock: Clock,
  limitMs: number,
  outer: readonly AbortSignal[],
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const own = new AbortController();
  const timer = clock.after(limitMs, () => {
    own.abort(new ScramError('timeout', `no answer within ${limitMs / 1000} s`));
  });
  const signal = AbortSignal.any([own.signal, ...outer]);
  const ended = Promise.withResolvers<never>();
  const end = (): void => ended.reject(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  try {
    signal.throwIfAborted();
    return await Promise.race([run(signal), ended.promise]);
  } finally {
    signal.removeEventListener('abort', end);
    timer.dispose();
  }
}
