import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly form: URLSearchParams;
}

export type Answer = (request: SeenRequest, response: http.ServerResponse, socket: Socket) => void;

export interface FaultServer {
  readonly url: string;
  readonly seen: SeenRequest[];
  /** What it answers from now on. */
  answer: Answer;
  stop(): Promise<void>;
}

/** A server that misbehaves as a test asks of it, over real HTTP or TLS on a free loopback port. */
export async function startFaultServer(answer: Answer, tls?: { key: string; cert: string }): Promise<FaultServer> {
  const seen: SeenRequest[] = [];
  const handle = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const told: SeenRequest = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        form: new URLSearchParams(body),
      };
      seen.push(told);
      fault.answer(told, response, request.socket);
    });
  };
  const server = tls ? https.createServer(tls, handle) : http.createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const fault: FaultServer = {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    seen,
    answer,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return fault;
}

/** Answers JSON with these headers. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

/** A success as Prometheus writes it. */
export function success(data: unknown, beside: Record<string, unknown> = {}): Record<string, unknown> {
  return { status: 'success', data, ...beside };
}

export function matrix(values: [number, string][], metric: Record<string, string> = {}): Record<string, unknown> {
  return success({ resultType: 'matrix', result: [{ metric, values }] });
}
