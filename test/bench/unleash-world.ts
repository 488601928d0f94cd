import { createApi } from '../../electron/providers/shared/api.ts';
import { openApi } from '../../electron/providers/shared/http-connection.ts';
import type { HttpClient, HttpRequest, HttpResponse } from '../../electron/platform/http/client.ts';
import { explain } from '../../electron/providers/flags/unleash/client.ts';
import { createUnleashProvider } from '../../electron/providers/flags/unleash/index.ts';
import type { FlagProvider } from '../../electron/services/flags/provider.ts';
import { ensurePeers } from '../../scripts/test/peers.ts';
import { openPipeline } from '../integration/changes/pipeline.ts';
import { seedBySql } from '../integration/unleash/fixture.ts';
import { contextOf } from '../support/flag-context.ts';
import { tempFolder } from '../support/temp.ts';
import { type RunningUnleash, startUnleash } from '../support/unleash.ts';

/** Runs `run` with a real Unleash of its own that has `flags` flags, on in production by a gradual rollout each. */
export async function withUnleash<T>(flags: number, run: (server: RunningUnleash) => Promise<T>): Promise<T> {
  ensurePeers();
  const server = await startUnleash();
  try {
    if (flags > 0) await seedBySql(server, flags);
    return await run(server);
  } finally {
    await server.stop();
  }
}

/** The product's HTTP client, as the product opens it, with nothing above it. */
export function bareClient(url: string, token: string): HttpClient {
  return open(url, token).http;
}

function open(url: string, token: string) {
  return openApi(
    { id: 'local', url, credential: 'env:TOKEN', timeout: 60_000 },
    contextOf({ secrets: { TOKEN: token } }),
    {
      name: 'Unleash',
      auth: (value) => ({ kind: 'header', name: 'authorization', value }),
    },
  );
}

/** The Unleash provider over `http`, so that what it asks can be seen. */
export function providerOver(url: string, token: string, seen: (http: HttpClient) => HttpClient): FlagProvider {
  const { http, auth } = open(url, token);
  const { hintsOf, clock } = contextOf();
  return createUnleashProvider({
    id: 'local',
    api: createApi({ http: seen(http), name: 'Unleash', auth, explain }),
    project: 'default',
    site: url,
    environments: { production: 'production' },
    mayExport: true,
    hintsOf,
    clock,
  });
}

/** Throws for an answer that is none, so that a failure never looks fast. */
export async function must(http: HttpClient, request: HttpRequest): Promise<HttpResponse> {
  const response = await http.request(request);
  if (response.status < 300) return response;
  throw new Error(`${response.where}: ${response.status} ${response.text.slice(0, 300)}`);
}

/** The change pipeline over a real Unleash and a ledger on disk; ends it after `run`. */
export async function withPipeline<T>(
  server: RunningUnleash,
  run: (pipeline: Awaited<ReturnType<typeof openPipeline>>) => Promise<T>,
  observers: Parameters<typeof openPipeline>[0]['observers'] = [],
): Promise<T> {
  using folder = tempFolder('bench-unleash');
  const provider = providerOver(server.url, server.adminToken, (http) => http);
  const connection = {
    id: 'local',
    kind: 'unleash',
    url: server.url,
    credential: 'env:TOKEN',
    environments: { production: 'production' },
  };
  const pipeline = await openPipeline({
    folder: folder.path,
    provider,
    observers,
    config: { connections: [connection] },
  });
  try {
    return await run(pipeline);
  } finally {
    pipeline.close();
    provider.dispose();
    for (const observer of observers) observer.dispose();
  }
}
