import { type RequestFrame, type ResponseFrame, responseFrameSchema } from '../../shared/contract/frames.ts';
import { ScramError } from '../../shared/model/error.ts';
import { jsonValueSchema } from '../../shared/model/json.ts';
import { lostConnection } from './errors.ts';
import type { Reachability, Transport } from './transport.ts';

/** The part of a browser's WebSocket that is used, so that tests can stand in for it. */
export interface SocketLike {
  onopen: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  send(text: string): void;
  close(): void;
}

export interface SocketOptions {
  open(): SocketLike;
  now(): number;
  random(): number;
}

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;
const CALL_LIMIT_MS = 30_000;
/** Silence after which the other end is asked for a sign of life, and how long it has for the answer. */
const SILENCE_MS = 10_000;
const ANSWER_MS = 5_000;

interface Call {
  readonly frame: RequestFrame;
  readonly settle: (frame: ResponseFrame | ScramError) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}
interface Listener {
  id: string;
  readonly op: string;
  readonly input: unknown;
  readonly onFrame: (frame: ResponseFrame) => void;
}

/** One WebSocket for every call and stream, opened again with growing waits when it is lost (E1). */
export function createSocketTransport(options: SocketOptions): Transport {
  const calls = new Map<string, Call>();
  const listeners = new Map<string, Listener>();
  const watchers = new Set<() => void>();
  let reachability: Reachability = { state: 'connecting', sinceMs: options.now() };
  let socket: SocketLike | null = null;
  let attempts = 0;
  let nextId = 0;
  let heardAtMs = 0;
  let disposed = false;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;

  const setState = (state: Reachability['state']) => {
    if (reachability.state === state) return;
    reachability = { state, sinceMs: options.now() };
    for (const watcher of watchers) watcher();
  };

  const send = (frame: RequestFrame) => socket?.send(JSON.stringify(frame));
  const newId = () => `p${++nextId}`;

  const startListening = (listener: Listener) => {
    listeners.delete(listener.id);
    listener.id = newId();
    listeners.set(listener.id, listener);
    if (reachability.state === 'open') {
      send({ type: 'listen', id: listener.id, op: listener.op, input: asJson(listener.input) });
    }
  };

  const onOpen = () => {
    attempts = 0;
    heardAtMs = options.now();
    setState('open');
    for (const call of calls.values()) send(call.frame);
    for (const listener of [...listeners.values()]) startListening(listener);
  };

  const onMessage = (data: unknown) => {
    heardAtMs = options.now();
    const frame = readFrame(data);
    if (!frame) return;
    const call = calls.get(frame.id);
    if (call) {
      clearTimeout(call.timer);
      calls.delete(frame.id);
      call.settle(frame);
      return;
    }
    listeners.get(frame.id)?.onFrame(frame);
  };

  const onClose = () => {
    socket = null;
    if (disposed) return;
    const wasOpen = reachability.state === 'open';
    setState('away');
    // What was asked may or may not have been done: it is not asked again by itself (B2).
    if (wasOpen) for (const call of [...calls.values()]) call.settle(lostConnection());
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempts);
    attempts += 1;
    retryTimer = setTimeout(connect, wait * (0.75 + options.random() / 2));
  };

  const connect = () => {
    const opening = options.open();
    socket = opening;
    opening.onopen = () => opening === socket && onOpen();
    opening.onclose = () => opening === socket && onClose();
    opening.onmessage = (event: { data: unknown }) => opening === socket && onMessage(event.data);
  };

  // A tunnel that hangs closes nothing: after a silence the other end must show that it is there.
  const pulse = setInterval(() => {
    if (reachability.state !== 'open') return;
    const silentMs = options.now() - heardAtMs;
    if (silentMs > SILENCE_MS + ANSWER_MS) {
      socket?.close();
      onClose();
    } else if (silentMs > SILENCE_MS) {
      send({ type: 'call', id: newId(), op: 'ledger.show', input: { limit: 1 } });
    }
  }, ANSWER_MS);

  connect();

  return {
    call: (op, input) =>
      new Promise((resolve, reject) => {
        if (reachability.state === 'away') {
          reject(new ScramError('unreachable', 'The console cannot be reached, so nothing was asked of it.'));
          return;
        }
        const id = newId();
        const settle = (answer: ResponseFrame | ScramError) => {
          clearTimeout(timer);
          calls.delete(id);
          if (answer instanceof ScramError) reject(answer);
          else resolve(answer);
        };
        const timer = setTimeout(
          () => settle(new ScramError('timeout', `${op} was not answered within ${CALL_LIMIT_MS / 1000} s.`)),
          CALL_LIMIT_MS,
        );
        const frame: RequestFrame = { type: 'call', id, op, input: asJson(input) };
        calls.set(id, { frame, settle, timer });
        if (reachability.state === 'open') send(frame);
      }),
    listen: (op, input, onFrame) => {
      const listener: Listener = { id: newId(), op, input, onFrame };
      startListening(listener);
      return () => {
        listeners.delete(listener.id);
        if (reachability.state === 'open') send({ type: 'cancel', id: listener.id });
      };
    },
    reachability: () => reachability,
    onReachability: (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    dispose: () => {
      disposed = true;
      clearTimeout(retryTimer);
      clearInterval(pulse);
      for (const call of [...calls.values()]) call.settle(new ScramError('cancelled', 'The page was closed.'));
      listeners.clear();
      socket?.close();
    },
  };
}

function asJson(input: unknown) {
  return jsonValueSchema.parse(JSON.parse(JSON.stringify(input)));
}

function readFrame(data: unknown): ResponseFrame | null {
  if (typeof data !== 'string') return null;
  try {
    const parsed = responseFrameSchema.safeParse(JSON.parse(data));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
