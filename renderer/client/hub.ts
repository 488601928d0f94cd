import type { InputOf, StreamName } from '../../shared/contract/index.ts';
import type { ScramError } from '../../shared/model/error.ts';
import type { Client } from './client.ts';
import { type DataOf, type Reducer, reducers } from './reducers.ts';

/**
 * `loading`: nothing yet. `live`: what is shown follows the back end. `stale`: it was live and the connection or the
 * stream is broken; the data stays, and has the age of `receivedAtMs`. `error`: trying again does not help by itself.
 */
export type StreamStatus = 'loading' | 'live' | 'stale' | 'error';

export interface StreamState<K extends StreamName> {
  readonly data: DataOf<K> | undefined;
  readonly status: StreamStatus;
  /** When the last frame came, epoch ms; null before the first. */
  readonly receivedAtMs: number | null;
  readonly error: ScramError | null;
}

export interface StreamHandle<K extends StreamName> {
  get(): StreamState<K>;
  subscribe(listener: () => void): () => void;
}

export interface StreamHub {
  /** The stream of this operation and input, the same for everyone who asks; opened by its first subscriber. */
  stream<K extends StreamName>(op: K, input: InputOf<K>): StreamHandle<K>;
  dispose(): void;
}

/** A stream without subscribers is kept for so long: going to another view and back asks for nothing again. */
const LINGER_MS = 10_000;

export function createHub(client: Client, now: () => number = Date.now): StreamHub {
  const streams = new Map<string, { handle: unknown; close(): void }>();
  return {
    stream: <K extends StreamName>(op: K, input: InputOf<K>): StreamHandle<K> => {
      const key = streamKey(op, input);
      const known = streams.get(key);
      if (known) return known.handle as StreamHandle<K>;
      const opened = openStream(client, op, input, now, () => streams.delete(key));
      streams.set(key, opened);
      return opened.handle;
    },
    dispose: () => {
      for (const stream of [...streams.values()]) stream.close();
      streams.clear();
    },
  };
}

/** Equal inputs give equal keys, whatever the order of their fields. */
export function streamKey(op: string, input: object): string {
  const fields = Object.entries(input).filter(([, value]) => value !== undefined);
  return `${op} ${JSON.stringify(fields.sort(([a], [b]) => (a < b ? -1 : 1)))}`;
}

function openStream<K extends StreamName>(
  client: Client,
  op: K,
  input: InputOf<K>,
  now: () => number,
  onClosed: () => void,
): { handle: StreamHandle<K>; close(): void } {
  const reducer: Reducer<K> = reducers[op];
  const listeners = new Set<() => void>();
  const blank: StreamState<K> = { data: undefined, status: 'loading', receivedAtMs: null, error: null };
  let state = blank;
  let stop: (() => void) | null = null;
  let lingering: ReturnType<typeof setTimeout> | undefined;

  const set = (change: Partial<StreamState<K>>) => {
    state = { ...state, ...change };
    for (const listener of listeners) listener();
  };
  const received = (data: DataOf<K>) => set({ data, status: 'live', receivedAtMs: now(), error: null });

  const open = () => {
    const stopListening = client.listen(op, input, {
      onSnapshot: (snapshot) => received(reducer.start(snapshot)),
      onDelta: (delta) => {
        if (state.data !== undefined) received(reducer.apply(state.data, delta));
      },
      onError: (error) => set({ status: error.retryable && state.data !== undefined ? 'stale' : 'error', error }),
    });
    const stopWatching = client.onReachability(() => {
      if (client.reachability().state === 'away' && state.status === 'live') set({ status: 'stale' });
    });
    stop = () => {
      stopListening();
      stopWatching();
    };
  };
  const close = () => {
    clearTimeout(lingering);
    stop?.();
    stop = null;
    state = blank;
    onClosed();
  };

  return {
    close,
    handle: {
      get: () => state,
      subscribe: (listener) => {
        clearTimeout(lingering);
        listeners.add(listener);
        if (!stop) open();
        return () => {
          listeners.delete(listener);
          if (listeners.size === 0) lingering = setTimeout(close, LINGER_MS);
        };
      },
    },
  };
}
