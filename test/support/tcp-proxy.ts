import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** What the proxy does with what comes by. `from`: sent by the client (`up`) or by the server (`down`). */
export type Rule = (
  from: 'up' | 'down',
  chunk: Buffer,
  ends: { client: Socket; server: Socket },
) => 'pass' | 'drop' | Promise<'pass' | 'drop'>;

export interface TcpProxy {
  readonly port: number;
  /** Counts connections that were made to it. */
  readonly connections: number;
  rule: Rule;
  /** Resets every connection that stands. */
  resetAll(): void;
  stop(): Promise<void>;
}

export const pass: Rule = () => 'pass';

/** Stands between a client and a real server, and misbehaves as a test asks. */
export async function startTcpProxy(target: { host?: string; port: number }): Promise<TcpProxy> {
  const open = new Set<Socket>();
  let connections = 0;
  const server = createServer((client) => {
    connections += 1;
    const upstream = connect(target.port, target.host ?? '127.0.0.1');
    const ends = { client, server: upstream };
    for (const [socket, other, from] of [
      [client, upstream, 'up'],
      [upstream, client, 'down'],
    ] as const) {
      open.add(socket);
      let before = Promise.resolve();
      socket.on('data', (chunk: Buffer) => {
        before = before.then(async () => {
          if ((await proxy.rule(from, chunk, ends)) === 'pass' && !other.destroyed) other.write(chunk);
        });
      });
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        open.delete(socket);
        void before.then(() => other.end());
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: TcpProxy = {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    rule: pass,
    resetAll() {
      for (const socket of open) socket.resetAndDestroy();
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
  return proxy;
}
