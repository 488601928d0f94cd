import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HeardRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export interface PlainReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface PlainServer {
  readonly origin: string;
  readonly heard: readonly HeardRequest[];
  /** Answers in place of the service from now on; null lets the service answer. `hang` never answers. */
  trouble: ((request: HeardRequest) => PlainReply | 'hang') | null;
  /** How many have connected so far. */
  connections(): number;
  stop(): Promise<void>;
}

/** Real HTTP on a free loopback port before a service in memory that answers in plain text. */
export async function startPlainServer(answer: (request: HeardRequest) => PlainReply, port = 0): Promise<PlainServer> {
  const heard: HeardRequest[] = [];
  const listener = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => void chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const told = { method, path: url, headers, body: Buffer.concat(chunks).toString('utf8') };
      heard.push(told);
      const reply = server.trouble?.(told) ?? answer(told);
      if (reply === 'hang') return;
      response.writeHead(reply.status, { 'content-type': 'text/plain', ...reply.headers });
      response.end(reply.body ?? '');
    });
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(port, '127.0.0.1', resolve);
  });
  let connected = 0;
  listener.on('connection', () => {
    connected += 1;
  });
  const server: PlainServer = {
    connections: () => connected,
    origin: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    heard,
    trouble: null,
    stop: () =>
      new Promise((resolve) => {
        listener.close(() => resolve());
        listener.closeAllConnections();
      }),
  };
  return server;
}

export function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
