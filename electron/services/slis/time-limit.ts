import { ScramError } from '../../../shared/model/error.ts';
import type { Clock } from '../ports.ts';

/**
 * Runs `task` with a signal that fires after `limitMs` or with `outer`. Rejects with `timeout` at the limit even when
 * the task ignores its signal.
 */
export async function withTimeLimit<T>(
  clock: Clock,
  limitMs: number,
  outer: AbortSignal,
  what: string,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const own = new AbortController();
  let timer: { dispose(): void } | undefined;
  const forward = (): void => own.abort();
  const limit = new Promise<never>((_, reject) => {
    timer = clock.after(limitMs, () => {
      reject(new ScramError('timeout', `${what}: no answer within ${limitMs} ms`));
      own.abort();
    });
    own.signal.addEventListener('abort', () => reject(new ScramError('cancelled', `${what} was cancelled`)));
  });
  outer.addEventListener('abort', forward);
  try {
    outer.throwIfAborted();
    return await Promise.race([task(own.signal), limit]);
  } finally {
    timer?.dispose();
    outer.removeEventListener('abort', forward);
  }
}
