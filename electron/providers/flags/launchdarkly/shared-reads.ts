/** Environments that one request answers for at most (launchdarkly.com/docs/api, version 20240415). */
const AT_MOST = 3;

interface Batch<T> {
  readonly environments: Set<string>;
  readonly abort: AbortController;
  readonly result: Promise<T>;
  waiting: number;
}

/**
 * Joins reads of several environments that are asked for at the same time into one. It is given up when nobody waits for
 * it any more.
 */
export function createSharedReads<T>(read: (environments: readonly string[], signal: AbortSignal) => Promise<T>) {
  let open: Batch<T> | null = null;

  function begin(): Batch<T> {
    const environments = new Set<string>();
    const abort = new AbortController();
    // Whoever asks in the same turn of the event loop comes along.
    const result = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      if (open?.environments === environments) open = null;
      abort.signal.throwIfAborted();
      return read([...environments], abort.signal);
    });
    result.catch(() => undefined);
    return { environments, abort, result, waiting: 0 };
  }

  return async function join(environment: string, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    if (open === null || (open.environments.size >= AT_MOST && !open.environments.has(environment))) open = begin();
    const batch = open;
    batch.environments.add(environment);
    batch.waiting += 1;
    let leave = (): void => {};
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(signal.reason);
      signal.addEventListener('abort', leave, { once: true });
    });
    try {
      return await Promise.race([batch.result, left]);
    } finally {
      signal.removeEventListener('abort', leave);
      batch.waiting -= 1;
      if (batch.waiting === 0) batch.abort.abort();
    }
  };
}
