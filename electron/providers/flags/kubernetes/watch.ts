import { z } from 'zod';
import type { Clock, Disposable } from '../../../services/ports.ts';
import type { KubeApi } from './api.ts';

export interface WatchOptions {
  readonly api: KubeApi;
  /** Path of the collection. */
  readonly path: string;
  readonly object: string;
  readonly clock: Clock;
  readonly onChange: () => void;
}

/** The server ends the watch after so long, and it is begun anew. */
const WATCH_S = 240;
/** Longer than the watch itself takes: only a connection that died goes silent so long. */
const SILENCE_MS = (WATCH_S + 30) * 1000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

const eventSchema = z.object({
  type: z.string(),
  object: z.object({ metadata: z.object({ resourceVersion: z.string().optional() }).optional() }),
});

/**
 * Calls back when an object has changed, also when that was missed while the connection was broken: each watch begins
 * with the present state. Source: Kubernetes API concepts, "Efficient detection of changes".
 */
export function watchObject({ api, path, object, clock, onChange }: WatchOptions): Disposable {
  const ending = new AbortController();
  const { signal } = ending;
  let known: string | null = null;
  let pauseMs = FIRST_PAUSE_MS;
  let pending: Disposable | null = null;

  function take(line: string): boolean {
    const event = eventSchema.parse(JSON.parse(line));
    // Such as 410: what it remembers does not reach back far enough. A new watch begins with the present state.
    if (event.type === 'ERROR') return false;
    if (event.type === 'BOOKMARK') return true;
    const seen = `${event.type === 'DELETED'} ${event.object.metadata?.resourceVersion}`;
    if (seen !== known) onChange();
    known = seen;
    return true;
  }

  async function once(): Promise<void> {
    const stream = await api.stream({
      method: 'GET',
      path,
      query: {
        watch: 'true',
        fieldSelector: `metadata.name=${object}`,
        allowWatchBookmarks: 'true',
        timeoutSeconds: WATCH_S,
      },
      signal,
      silenceMs: SILENCE_MS,
    });
    if (!stream.ok) throw new Error(`the watch was refused (${stream.response.status})`);
    for await (const line of stream.lines) {
      if (!take(line)) return;
      pauseMs = FIRST_PAUSE_MS;
    }
  }

  async function round(): Promise<void> {
    try {
      await once();
    } catch {
      // What is wrong with the connection the next read says; missed changes show in how the next watch begins.
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
    if (signal.aborted) return;
    pending = clock.after(pauseMs, round);
  }

  void round();
  return {
    dispose() {
      ending.abort();
      pending?.dispose();
    },
  };
}
