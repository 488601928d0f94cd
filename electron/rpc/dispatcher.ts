import type { ResponseFrame } from '../../shared/contract/frames.ts';
import type { Backend } from './backend.ts';
import { type Connection, openConnection } from './connection.ts';
import type { Handlers } from './handlers/index.ts';
import { DEFAULT_LIMITS, type Limits, type Session } from './session.ts';

export interface Dispatcher {
  /** `backlog` tells the bytes that the client has not taken yet; without it the client counts as always keeping up. */
  open(session: Session, send: (frame: ResponseFrame) => void, backlog?: () => number): Connection;
  /** Closes every connection and waits for running calls; those that outlast the limit are aborted. */
  dispose(): Promise<void>;
}

/**
 * The one way from any host to the services: frame → own-key lookup → access → input schema → handler → output schema
 * → frame. It authenticates nobody: the host does, and says so in the session.
 */
export function createDispatcher(backend: Backend, handlers: Handlers, given: Partial<Limits> = {}): Dispatcher {
  const limits: Limits = { ...DEFAULT_LIMITS, ...given };
  const connections = new Set<Connection>();
  const running = new Set<Promise<void>>();
  const shutdown = new AbortController();
  let disposed = false;

  return {
    open(session, send, backlog = () => 0) {
      const connection = openConnection({
        backend,
        handlers,
        session,
        link: { send, backlog },
        limits,
        shutdown: shutdown.signal,
        onCall(settled) {
          running.add(settled);
          void settled.finally(() => running.delete(settled));
        },
        onClose: (closed) => connections.delete(closed),
      });
      connections.add(connection);
      if (disposed) connection.close();
      return connection;
    },
    async dispose() {
      disposed = true;
      for (const connection of [...connections]) connection.close();
      const finished = Promise.allSettled(running);
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const limit = backend.clock.after(limits.shutdownMs, resolve);
      await Promise.race([finished, late]);
      limit.dispose();
      shutdown.abort();
      // What was aborted just now gets to write its result down; what ignores the signal is not waited for.
      const { promise: over, resolve: giveUp } = Promise.withResolvers<void>();
      const last = backend.clock.after(limits.shutdownMs, giveUp);
      await Promise.race([Promise.allSettled(running), over]);
      last.dispose();
    },
  };
}
