import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Certificate } from './certificate.ts';

export interface ProxiedRequest {
  readonly method: string;
  /** With the query, as it was sent. */
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly write: boolean;
}

export interface UpstreamAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface ProxyCall {
  readonly request: ProxiedRequest;
  readonly response: http.ServerResponse;
  readonly socket: Socket;
  /** Lets the real server answer, and gives the answer here instead of to the client. */
  forward(): Promise<UpstreamAnswer>;
  /** Lets the real server answer the client. */
  pass(): void;
}

/** What the proxy does instead of passing a request on. */
export type Fault = (call: ProxyCall) => void | Promise<void>;

export interface FaultProxy {
  /** The proxy's address, with the path of the server behind it. */
  readonly url: string;
  readonly host: string;
  readonly seen: readonly ProxiedRequest[];
  fault: Fault | null;
  /** Which requests meet the fault. */
  meets: 'all' | 'writes';
  /** Secrets that were sent so far: of `Authorization` and of headers named after keys and tokens. */
  secrets(): readonly string[];
  stop(): Promise<void>;
}

export interface FaultProxyOptions {
  readonly tls?: Certificate;
  readonly isWrite?: ((request: { readonly method: string; readonly path: string }) => boolean) | undefined;
}

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Headers of one connection, not of the message. */
const HOP = ['connection', 'keep-alive', 'transfer-encoding', 'content-length'];

/** Stands on a free loopback port in front of a real server, passes requests on, and fails as a test asks of it. */
export async function startFaultProxy(upstream: string, options: FaultProxyOptions = {}): Promise<FaultProxy> {
  const target = new URL(upstream);
  const seen: ProxiedRequest[] = [];
  const isWrite = options.isWrite ?? (({ method }) => !READS.has(method));

  function ask(request: ProxiedRequest, body: Buffer): Promise<http.IncomingMessage> {
    const { host: _, ...headers } = request.headers;
    const { hostname, port, protocol } = target;
    return new Promise((resolve, reject) => {
      const asked = (protocol === 'https:' ? https : http).request(
        { hostname, port, method: request.method, path: request.path, headers: { ...headers, host: target.host } },
        resolve,
      );
      asked.on('error', reject);
      asked.end(body);
    });
  }

  async function handle(message: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const { method = '', url: path = '', headers } = message;
    const request = { method, path, headers, write: isWrite({ method, path }) };
    seen.push(request);
    const call: ProxyCall = {
      request,
      response,
      socket: message.socket,
      async forward() {
        const answer = await ask(request, body);
        const parts: Buffer[] = [];
        for await (const part of answer as AsyncIterable<Buffer>) parts.push(part);
        return { status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts) };
      },
      pass() {
        ask(request, body).then(
          (answer) => {
            response.writeHead(answer.statusCode ?? 502, answer.headers);
            answer.pipe(response);
            response.once('close', () => answer.destroy());
          },
          () => message.socket.destroy(),
        );
      },
    };
    if (proxy.fault !== null && (proxy.meets === 'all' || request.write)) await proxy.fault(call);
    else call.pass();
  }

  const listener = (message: http.IncomingMessage, response: http.ServerResponse): void => {
    handle(message, response).catch(() => message.socket.destroy());
  };
  const server = options.tls ? https.createServer(options.tls, listener) : http.createServer(listener);
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const path = target.pathname.replace(/\/+$/, '');
  const proxy: FaultProxy = {
    url: `${options.tls ? 'https' : 'http'}://${host}${path}`,
    host,
    seen,
    fault: null,
    meets: 'all',
    secrets: () => [...new Set(seen.flatMap((request) => secretsOf(request.headers)))],
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return proxy;
}

function secretsOf(headers: http.IncomingHttpHeaders): string[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    if (typeof value !== 'string' || value === '') return [];
    if (name !== 'authorization') return /key|token|secret|auth/.test(name) ? [value] : [];
    const secret = value.split(' ').at(-1) ?? '';
    if (!/^basic /i.test(value)) return [secret];
    return [secret, Buffer.from(secret, 'base64').toString('utf8').split(':').slice(1).join(':')];
  });
}

/** A service that repeats what it was sent would give the credential away. */
function echo({ request }: ProxyCall): string {
  return `refused; you sent ${JSON.stringify(request.headers)}`;
}

/** Answers this status in JSON, with the request's headers repeated in it. */
export const status =
  (code: number, headers: Record<string, string> = {}): Fault =>
  (call) => {
    call.response.writeHead(code, { 'content-type': 'application/json', ...headers });
    call.response.end(JSON.stringify({ message: echo(call), error: echo(call) }));
  };

export const loginPage: Fault = (call) => {
  call.response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
  call.response.end(`<!DOCTYPE html><title>Sign in</title><p>${echo(call)}</p>`);
};

export const silence: Fault = () => undefined;

/** Never ends, and is never silent for long. */
export const trickle: Fault = ({ response }) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write('{');
  const drip = setInterval(() => response.write(' '), 50);
  response.once('close', () => clearInterval(drip));
};

export const reset: Fault = ({ socket }) => void socket.resetAndDestroy();

/** The real answer, broken off in its middle; its length is told. */
export const resetWithin: Fault = async (call) => {
  const { status: code, headers, body } = await call.forward();
  call.response.writeHead(code, { ...carried(headers), 'content-length': body.length + 2 });
  call.response.write(body.subarray(0, body.length / 2), () => call.socket.resetAndDestroy());
};

/** The real answer with its end missing, and called whole. */
export const truncated: Fault = async (call) => {
  const { status: code, headers, body } = await call.forward();
  call.response.writeHead(code, carried(headers)).end(body.subarray(0, Math.max(1, body.length - 2)));
};

/** The real answer with every value of another type. */
export const wrongTypes: Fault = async (call) => {
  const { status: code, headers, body } = await call.forward();
  call.response.writeHead(code, carried(headers)).end(JSON.stringify(otherTypes(JSON.parse(body.toString('utf8')))));
};

export const emptyObject: Fault = ({ response }) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
};

/** Written, and then the connection is cut: the answer is lost. */
export const lostAnswer: Fault = async (call) => {
  await call.forward();
  call.socket.destroy();
};

export const redirectTo =
  (origin: string): Fault =>
  ({ request, response }) => {
    response.writeHead(request.write ? 307 : 302, { location: `${origin}${request.path}` }).end();
  };

function carried(headers: http.IncomingHttpHeaders): http.IncomingHttpHeaders {
  const kept = { ...headers };
  for (const name of HOP) delete kept[name];
  return kept;
}

function otherTypes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(otherTypes);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, otherTypes(inner)]));
  }
  if (typeof value === 'string') return 7;
  return value === null ? null : 'of another type';
}
