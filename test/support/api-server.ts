import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ApiCall {
  readonly method: string;
  /** Path without the query, still encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; undefined when it is none. */
  readonly json: unknown;
}

export interface Reply {
  readonly status: number;
  /** Sent as JSON; left out: no body. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ApiServer {
  readonly url: string;
  /** `GET /path 200`, in order. */
  readonly seen: readonly string[];
  readonly calls: readonly ApiCall[];
  /** Answers in place of the service, as a proxy or a server in trouble would; undefined lets the service answer. */
  intercept: ((call: ApiCall) => Reply | undefined | Promise<Reply | undefined>) | null;
  stop(): Promise<void>;
}

/** Real HTTP on a free loopback port before a service in memory, which answers one whole request at a time. */
export async function startApiServer(answer: (call: ApiCall) => Reply, port = 0): Promise<ApiServer> {
  const seen: string[] = [];
  const calls: ApiCall[] = [];

  async function handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString('utf8');
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://server');
    const method = request.method ?? '';
    const call = { method, path: pathname, query: searchParams, headers: request.headers, text, json: jsonOf(text) };
    calls.push(call);
    const reply = (await server.intercept?.(call)) ?? answer(call);
    seen.push(`${method} ${pathname} ${reply.status}`);
    const type = reply.body === undefined ? {} : { 'content-type': 'application/json' };
    response.writeHead(reply.status, { ...type, ...reply.headers });
    response.end(reply.body === undefined ? undefined : JSON.stringify(reply.body));
  }

  const listener = http.createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      response.writeHead(500, { 'content-type': 'text/plain' }).end(`the fixture failed: ${String(error)}`);
    });
  });
  await new Promise<void>((resolve) => listener.listen(port, '127.0.0.1', resolve));
  const server: ApiServer = {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    seen,
    calls,
    intercept: null,
    stop: () =>
      new Promise((resolve) => {
        listener.close(() => resolve());
        listener.closeAllConnections();
      }),
  };
  return server;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
