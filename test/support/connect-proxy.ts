import http from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface ConnectProxy {
  /** host:port. */
  readonly host: string;
  /** `CONNECT host:port` and `GET http://host/path`, in order. */
  readonly seen: readonly string[];
  /** `Proxy-Authorization` of each, or undefined. */
  readonly credentials: readonly (string | undefined)[];
  /** Status that it refuses with; null: it connects. `silent`: it never answers. */
  refuses: number | 'silent' | null;
  stop(): Promise<void>;
}

/** A forward proxy: tunnels for https, whole addresses for http. Every name leads to `port` on this machine. */
export async function startConnectProxy(port: number): Promise<ConnectProxy> {
  const seen: string[] = [];
  const credentials: (string | undefined)[] = [];
  const sockets = new Set<Socket>();
  const note = (request: http.IncomingMessage) => {
    seen.push(`${request.method} ${request.url}`);
    credentials.push(request.headers['proxy-authorization']);
  };
  const server = http.createServer((request, response) => {
    note(request);
    if (proxy.refuses === 'silent') return;
    if (proxy.refuses !== null) return void response.writeHead(proxy.refuses).end();
    const { pathname, search } = new URL(request.url ?? '');
    const headers = { ...request.headers };
    delete headers['proxy-authorization'];
    const asked = http.request(
      { host: '127.0.0.1', port, method: request.method, path: pathname + search, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    asked.on('error', () => response.writeHead(502).end());
    request.pipe(asked);
  });
  server.on('connect', (request: http.IncomingMessage, socket: Socket) => {
    note(request);
    if (proxy.refuses === 'silent') return;
    if (proxy.refuses !== null) return void socket.end(`HTTP/1.1 ${proxy.refuses} Refused\r\n\r\n`);
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    sockets.add(upstream);
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  server.on('connection', (socket) => void sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: ConnectProxy = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    credentials,
    refuses: null,
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
  return proxy;
}
