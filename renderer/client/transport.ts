import type { ResponseFrame } from '../../shared/contract/frames.ts';
import { createSocketTransport } from './socket.ts';
import { createPreloadTransport, type PreloadApi } from './preload.ts';

/** `connecting`: not reached yet since the page opened. `away`: it was lost, or could not be reached; being retried. */
export interface Reachability {
  readonly state: 'connecting' | 'open' | 'away';
  /** Since when, epoch ms. */
  readonly sinceMs: number;
}

/** Carries frames between the page and the back end; knows nothing of operations. */
export interface Transport {
  /** Resolves with the `result` or `error` frame. Rejects with `unreachable` or `timeout`. */
  call(op: string, input: unknown): Promise<ResponseFrame>;
  /** Listens until the returned function is called; listens again by itself when a lost connection is back. */
  listen(op: string, input: unknown, onFrame: (frame: ResponseFrame) => void): () => void;
  reachability(): Reachability;
  onReachability(listener: () => void): () => void;
  dispose(): void;
}

declare global {
  interface Window {
    /** Put there by the desktop host's preload. */
    readonly scram?: PreloadApi;
  }
}

/** The one place in the page that knows there are two hosts. */
export function createTransport(): Transport {
  if (window.scram) return createPreloadTransport(window.scram);
  const url = new URL('/rpc', window.location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.search = '';
  url.hash = '';
  return createSocketTransport({ open: () => new WebSocket(url), now: Date.now, random: Math.random });
}
