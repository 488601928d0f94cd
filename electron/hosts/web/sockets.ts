import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { MAX_REQUEST_BYTES } from '../../../shared/contract/frames.ts';
import type { Clock, Log } from '../../services/ports.ts';
import type { Dispatcher } from '../../rpc/dispatcher.ts';
import type { PersonSession } from '../../services/operators/api.ts';

export interface Sockets {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
}

export interface SocketLimits {
  readonly sockets: number;
  /** Bytes that a client may leave untaken before its socket is cut. */
  readonly hardBacklogBytes: number;
  /** Time between signs of life; a client that gives none is cut, ms. */
  readonly heartbeatMs: number;
}

/** The page's WebSocket: one JSON frame in each text message. */
export function createSockets(
  dispatcher: Dispatcher,
  /** Every tab of this console's one browser session is the same person. */
  person: PersonSession,
  ports: { clock: Clock; log: Log },
  limits: SocketLimits,
): Sockets {
  // Frames past the contract's limit get a typed error from the dispatcher; far larger ones end the socket (1009).
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_REQUEST_BYTES * 4, perMessageDeflate: false });
  const alive = new WeakSet<WebSocket>();

  const onSocket = (socket: WebSocket) => {
    alive.add(socket);
    const connection = dispatcher.open(
      { person, host: 'web' },
      (frame) => {
        if (socket.bufferedAmount > limits.hardBacklogBytes) socket.terminate();
        else socket.send(JSON.stringify(frame));
      },
      () => socket.bufferedAmount,
    );
    socket.on('pong', () => alive.add(socket));
    socket.on('message', (data, isBinary) => {
      alive.add(socket);
      connection.receive(isBinary ? null : String(data));
    });
    socket.on('error', (error) => ports.log.warn('web.socket-error', { code: codeOf(error) }));
    socket.on('close', () => connection.close());
  };

  const heartbeat = ports.clock.every(limits.heartbeatMs, () => {
    for (const socket of server.clients) {
      if (!alive.delete(socket)) socket.terminate();
      else socket.ping();
    }
  });

  return {
    upgrade(request, socket, head) {
      if (server.clients.size >= limits.sockets) {
        socket.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n');
        return;
      }
      server.handleUpgrade(request, socket, head, onSocket);
    },
    close() {
      heartbeat.dispose();
      for (const socket of server.clients) {
        socket.close(1001);
        socket.terminate();
      }
      server.close();
    },
  };
}

function codeOf(error: Error): string {
  const code: unknown = Reflect.get(error, 'code');
  return typeof code === 'string' ? code : 'unknown';
}
