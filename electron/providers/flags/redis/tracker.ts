import { ScramError } from '../../../../shared/model/error.ts';
import type { Clock, Disposable, Log } from '../../../services/ports.ts';
import { openSession, type RedisOptions, type RedisSession } from './client.ts';

/**
 * Which keys were changed, told by the server itself (`CLIENT TRACKING` in broadcasting mode, Redis 6 and newer, nothing
 * to configure there). One connection of its own.
 */
export interface Tracker {
  /** A place in the row of changes, for `changedSince`; null when the server does not tell of changes. */
  position(signal: AbortSignal): Promise<string | null>;
  /** Keys changed after `position`, surely all of them, and the present place; null when that cannot be told. */
  changedSince(position: string, signal: AbortSignal): Promise<{ keys: readonly string[]; position: string } | null>;
  /** Calls back with a changed key, or null when any may have changed. */
  watch(onChange: (key: string | null) => void): Disposable;
  /** False once the server has said that it tells of no changes. */
  readonly supported: boolean;
  dispose(): void;
}

export interface TrackerOptions {
  readonly redis: RedisOptions;
  /** Keys that begin with one of these are told of. */
  readonly prefixes: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
}

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 10_000;
/** Beyond this a listing is cheaper than the row of changes. */
const MOST_KEYS = 20_000;

/** Redis refuses prefixes that overlap. */
function apart(prefixes: readonly string[]): string[] {
  const unique = [...new Set(prefixes)];
  return unique.filter((prefix) => !unique.some((other) => other !== prefix && prefix.startsWith(other)));
}

export function createTracker({ redis, prefixes, clock, log }: TrackerOptions): Tracker {
  const listeners = new Set<(key: string | null) => void>();
  /** Number of the change, by key, since `session` stands. */
  const changed = new Map<string, number>();
  let count = 0;
  let sessions = 0;
  let current: Promise<RedisSession | null> | null = null;
  let failures = 0;
  let supported = true;
  let disposed = false;
  let retry: Disposable | null = null;

  function tell(key: string | null): void {
    for (const listener of listeners) listener(key);
  }

  function onInvalidate(key: string | null): void {
    if (key === null || changed.size >= MOST_KEYS) startAnew();
    if (key !== null) changed.set(key, ++count);
    tell(key);
  }

  /** Positions from before lead nowhere. */
  function startAnew(): void {
    sessions += 1;
    changed.clear();
  }

  function onClosed(): void {
    current = null;
    startAnew();
    if (!disposed && supported && listeners.size > 0) again();
  }

  function again(): void {
    failures += 1;
    retry?.dispose();
    const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures, 10));
    retry = clock.after(waitMs, async () => {
      // Whatever happened while nobody listened.
      if ((await session()) !== null) tell(null);
    });
  }

  async function open(): Promise<RedisSession | null> {
    let opened: RedisSession | null = null;
    try {
      opened = await openSession(redis, { onInvalidate, onClosed: () => opened && onClosed() });
      // The library turns on another mode by itself.
      await opened.send(['CLIENT', 'TRACKING', 'OFF'], 'telling of changes');
      const list = apart(prefixes).flatMap((prefix) => ['PREFIX', prefix]);
      await opened.send(['CLIENT', 'TRACKING', 'ON', 'BCAST', ...list], 'telling of changes');
      if (disposed) opened.close();
      failures = 0;
      return opened;
    } catch (error) {
      opened?.close();
      current = null;
      if (!(error instanceof ScramError)) throw error;
      // An old server, or a user who may not: it is asked no more, and looked at by listing.
      if (error.code === 'provider' || error.code === 'refused' || /NOPERM/.test(error.message)) {
        supported = error.retryable;
        if (!supported) log.info('redis.no-tracking', { problem: error.message });
      }
      return null;
    }
  }

  async function session(): Promise<RedisSession | null> {
    if (disposed || !supported) return null;
    current ??= open();
    const found = await current;
    if (found === null && listeners.size > 0 && supported && !disposed) again();
    return found;
  }

  return {
    get supported() {
      return supported;
    },
    async position(signal) {
      const own = await session();
      if (own === null) return null;
      signal.throwIfAborted();
      return `${sessions}:${count}`;
    },
    async changedSince(position, signal) {
      const own = await session();
      const [of, at] = position.split(':').map(Number);
      if (own === null || of !== sessions || at === undefined) return null;
      try {
        // Answered after every change that was told before it.
        await own.send(['PING'], 'whether anything changed', signal);
      } catch (error) {
        if (signal.aborted) throw error;
        return null;
      }
      if (of !== sessions) return null;
      const keys = [...changed].flatMap(([key, number]) => (number > at ? [key] : []));
      return { keys, position: `${sessions}:${count}` };
    },
    watch(onChange) {
      const listener = (key: string | null) => onChange(key);
      listeners.add(listener);
      // A change may come before the connection stands.
      void session().then((own) => own !== null && listeners.has(listener) && onChange(null));
      return { dispose: () => void listeners.delete(listener) };
    },
    dispose() {
      disposed = true;
      listeners.clear();
      retry?.dispose();
      void current?.then((own) => own?.close());
    },
  };
}
