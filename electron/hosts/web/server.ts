import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { ScramError } from '../../../shared/model/error.ts';
import type { Backend } from '../../rpc/backend.ts';
import type { Dispatcher } from '../../rpc/dispatcher.ts';
import { traceOf } from '../../rpc/errors.ts';
import { loadPageFiles } from '../shared/page-files.ts';
import { createGuard, type Guard } from './guard.ts';
import { createResponder } from './respond.ts';
import { createSockets, type SocketLimits } from './sockets.ts';

export interface WebLimits extends SocketLimits {
  /** Time for a request's headers, and for the whole request, ms. */
  readonly headersMs: number;
  readonly requestMs: number;
  readonly keepAliveMs: number;
  readonly headerBytes: number;
  readonly connections: number;
}

const DEFAULTS: WebLimits = {
  headersMs: 10_000,
  requestMs: 15_000,
  keepAliveMs: 5_000,
  headerBytes: 16 * 1024,
  connections: 128,
  sockets: 32,
  hardBacklogBytes: 64 * 1024 * 1024,
  heartbeatMs: 15_000,
};

export interface WebHost {
  readonly url: string;
  readonly token: string;
  readonly port: number;
  /** An address that lets in once: for the browser that is opened, whose arguments other users may read. */
  ticketUrl(): string;
  close(): Promise<void>;
}

export interface WebOptions {
  readonly backend: Pick<Backend, 'clock' | 'log' | 'people'>;
  readonly dispatcher: Dispatcher;
  /** 0 for any free one. */
  readonly port: number;
  readonly pageDir: string;
  readonly limits?: Partial<WebLimits>;
}

/** Serves the page and its socket on 127.0.0.1. Throws `busy` when the port is taken, `not-found` without a page. */
export async function serveWeb(options: WebOptions): Promise<WebHost> {
  const { backend, dispatcher } = options;
  const limits = { ...DEFAULTS, ...options.limits };
  const files = await loadPageFiles(options.pageDir);
  const sockets = createSockets(dispatcher, backend.people.openSession(), backend, limits);
  const server = createServer({
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: Math.min(1000, limits.headersMs),
    requireHostHeader: false,
  });
  server.maxConnections = limits.connections;
  server.maxHeadersCount = 64;
  const port = await listen(server, options.port);
  const origin = `http://127.0.0.1:${port}`;
  const guard = createGuard(port, () => backend.clock.now());
  const respond = createResponder([`ws://127.0.0.1:${port}`, `ws://localhost:${port}`]);

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const turnedAway = refusalOf(request, guard);
    if (turnedAway !== null) {
      // The body, if any, is not read: the connection ends with the answer.
      const headers = { connection: 'close', ...(turnedAway.status === 405 ? { allow: 'GET, HEAD' } : {}) };
      return respond.text(response, turnedAway.status, `${turnedAway.status}: ${turnedAway.reason}\n`, headers);
    }
    const { path, token, rest } = readTarget(request.url ?? '');
    if (token !== null) {
      if (!guard.accepts(token)) return respond.unauthorised(request, response);
      return respond.redirect(response, `${path}${rest}`, guard.cookie());
    }
    if (!guard.hasCookie(request.headers)) return respond.unauthorised(request, response);
    const file = files.find(path);
    if (file === null) return respond.text(response, 404, '404: there is no such page\n');
    await respond.file(request, response, file);
  };

  server.on('request', (request, response) => {
    answer(request, response).catch((error: unknown) => {
      backend.log.error('web.request-failed', traceOf(error));
      response.destroy();
    });
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const turnedAway = guard.refusal(request.headers, 'socket');
    if (turnedAway !== null) return hangUp(socket, `${turnedAway.status} Refused`);
    if (!guard.hasCookie(request.headers)) return hangUp(socket, '401 Unauthorized');
    if (request.method !== 'GET' || request.url !== '/rpc') return hangUp(socket, '404 Not Found');
    sockets.upgrade(request, socket, head);
  });
  server.on('clientError', (_error, socket) => hangUp(socket, '400 Bad Request'));

  return {
    url: `${origin}/?token=${guard.token}`,
    token: guard.token,
    port,
    ticketUrl: () => `${origin}/?token=${guard.ticket()}`,
    async close() {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      sockets.close();
      server.closeAllConnections();
      await promise;
    },
  };
}

function refusalOf(request: IncomingMessage, guard: Guard) {
  const refusal = guard.refusal(request.headers, 'page');
  if (refusal !== null) return refusal;
  const hasBody =
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
  if (hasBody) return { status: 413, reason: 'no request has a body here' } as const;
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return { status: 405, reason: 'GET and HEAD alone' } as const;
  if (!/^\/(?![/\\])[\x21-\x7e]*$/.test(request.url ?? '')) return { status: 400, reason: 'not a path' } as const;
  return null;
}

/** The path as written, the token of its query, and the query without it. */
function readTarget(url: string): { path: string; token: string | null; rest: string } {
  const at = url.indexOf('?');
  if (at < 0) return { path: url, token: null, rest: '' };
  const query = new URLSearchParams(url.slice(at + 1));
  const token = query.get('token');
  query.delete('token');
  return { path: url.slice(0, at), token, rest: query.size === 0 ? '' : `?${query}` };
}

function hangUp(socket: Duplex, status: string): void {
  if (!socket.writable) return void socket.destroy();
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () => socket.destroy());
}

async function listen(server: Server, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onError = (error: NodeJS.ErrnoException) => {
    const taken = error.code === 'EADDRINUSE';
    const message = taken ? `port ${port} is in use` : `cannot listen on 127.0.0.1:${port}: ${error.code}`;
    reject(
      new ScramError(taken ? 'busy' : 'internal', message, { action: 'Choose another with --port, or 0 for any' }),
    );
  };
  server.once('error', onError);
  server.listen({ host: '127.0.0.1', port, exclusive: true }, resolve);
  await promise;
  server.off('error', onError);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new ScramError('internal', 'no port was assigned');
  return address.port;
}
