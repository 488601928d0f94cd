import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { WebSocket } from 'ws';
import { createDispatcher } from '../../electron/rpc/dispatcher.ts';
import { type Handlers, handlers } from '../../electron/rpc/handlers/index.ts';
import { serveWeb, type WebHost, type WebLimits } from '../../electron/hosts/web/server.ts';
import { createFakeBackend, type FakeBackend } from './fake-backend.ts';

export const OUTSIDE = 'outside-the-page';

export interface WebFixture {
  readonly host: WebHost;
  readonly backend: FakeBackend;
  /** `name=value` of the cookie, as a browser sends it. */
  cookie(): Promise<string>;
  /** Bytes as given; resolves with everything until the connection ends. */
  raw(text: string): Promise<string>;
  /** A GET with exactly these headers beside Host. */
  get(target: string, headers?: Record<string, string>): Promise<RawAnswer>;
  /** The open socket, or the status that refused it. */
  socket(headers: Record<string, string>): Promise<WebSocket | number>;
  close(): Promise<void>;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** The web host over a small built page and a fake back end, on a free port. */
export async function startWeb(
  options: {
    limits?: Partial<WebLimits>;
    handlers?: Partial<Handlers>;
    rows?: number;
    /** A built page instead of the small one. */
    pageDir?: string;
  } = {},
): Promise<WebFixture> {
  const root = await mkdtemp(path.join(os.tmpdir(), 'scram-web-'));
  const pageDir = path.join(root, 'page');
  await mkdir(path.join(pageDir, 'assets'), { recursive: true });
  await writeFile(path.join(root, 'secret.json'), OUTSIDE);
  await writeFile(path.join(pageDir, 'index.html'), '<!doctype html><title>Scram</title>the page');
  await writeFile(path.join(pageDir, 'assets/app-abc123.js'), `console.log(${JSON.stringify('x'.repeat(4000))});`);
  const backend = createFakeBackend(options.rows === undefined ? {} : { rows: options.rows });
  const dispatcher = createDispatcher(backend, { ...handlers, ...options.handlers }, { shutdownMs: 100 });
  const host = await serveWeb({
    backend,
    dispatcher,
    port: 0,
    pageDir: options.pageDir ?? pageDir,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });

  const raw = (text: string) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(host.port, '127.0.0.1', () => socket.write(text));
      let answer = '';
      socket.setTimeout(10_000, () => socket.destroy(new Error('no end of the answer')));
      socket.on('data', (chunk) => {
        answer += chunk.toString('latin1');
      });
      socket.on('close', () => resolve(answer));
      socket.on('error', (error: NodeJS.ErrnoException) => {
        // The server may close while we still write: what it said before that counts.
        if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
      });
    });

  const get: WebFixture['get'] = async (target, headers = {}) => {
    const lines = Object.entries({ host: `127.0.0.1:${host.port}`, ...headers }).map(
      ([name, value]) => `${name}: ${value}`,
    );
    return parseAnswer(await raw(`GET ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\nconnection: close\r\n\r\n`));
  };

  return {
    host,
    backend,
    raw,
    get,
    async cookie() {
      const answer = await get(`/?token=${host.token}`);
      return (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    },
    socket: (headers) =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(`ws://127.0.0.1:${host.port}/rpc`, { headers });
        socket.once('open', () => resolve(socket));
        socket.once('unexpected-response', (_request, response) => {
          resolve(response.statusCode ?? 0);
          socket.on('error', () => undefined);
          socket.terminate();
        });
        socket.once('error', reject);
      }),
    async close() {
      await dispatcher.dispose();
      await host.close();
      await rm(root, { recursive: true });
    },
  };
}

export function parseAnswer(text: string): RawAnswer {
  const [head = '', ...body] = text.split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = new Map(
    lines.map(
      (line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()] as const,
    ),
  );
  return { status: Number(statusLine.split(' ')[1] ?? 0), headers, body: body.join('\r\n\r\n') };
}

/** Sends one frame and resolves with the next one that comes. */
export function exchange(socket: WebSocket, frame: unknown): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    socket.once('message', (data) => resolve(JSON.parse(String(data))));
    socket.once('close', (code) => reject(new Error(`the socket was closed with ${code}`)));
    socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  });
}
