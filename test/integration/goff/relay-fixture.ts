import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const ADMIN_KEY = 'goff-admin-key-5c1e';

export interface RunningRelay {
  readonly url: string;
  /** Refreshes that were accepted. */
  refreshes: number;
  /** Answers the next requests so instead; null for as it should. */
  failWith: { status: number; body: string } | null;
  /** What `refreshed` says. */
  refreshed: boolean;
  stop(): Promise<void>;
}

/**
 * GO Feature Flag's relay proxy as its OpenAPI description has it: `/health` and `/info` for everyone, the refresh for
 * the admin key alone, errors as `{"message": …}`; unknown paths 404, wrong methods 405.
 */
export async function startRelay(): Promise<RunningRelay> {
  let lastRefresh = new Date().toISOString();
  const methods: Readonly<Record<string, string>> = {
    '/health': 'GET',
    '/info': 'GET',
    '/admin/v1/retriever/refresh': 'POST',
  };
  const answer = ({ url = '', method, headers }: IncomingMessage): [number, unknown] => {
    if (methods[url] === undefined) return [404, { message: 'Not Found' }];
    if (methods[url] !== method) return [405, { message: 'Method Not Allowed' }];
    if (url === '/health') return [200, { initialized: true }];
    if (url === '/info') return [200, { cacheRefresh: lastRefresh }];
    if (headers.authorization === undefined) return [400, { message: 'missing key in request header' }];
    if (headers.authorization !== `Bearer ${ADMIN_KEY}`) return [401, { message: 'Unauthorized' }];
    relay.refreshes += 1;
    if (relay.refreshed) lastRefresh = new Date().toISOString();
    return [200, { refreshed: relay.refreshed }];
  };
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    request.resume().on('end', () => {
      const [status, body] = relay.failWith
        ? [relay.failWith.status, relay.failWith.body]
        : (([code, value]) => [code, JSON.stringify(value)] as const)(answer(request));
      response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const relay: RunningRelay = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refreshes: 0,
    failWith: null,
    refreshed: true,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return relay;
}
