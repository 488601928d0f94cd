import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { PEERS } from '../../scripts/test/peers.ts';
import { readyLine, startPostgres } from './postgres.ts';
import { freePort, NODE, startProcess, waitFor } from './processes.ts';

export interface UnleashOptions {
  /** Searches a minute; Unleash's own limit of 15 when left out. */
  readonly searchesPerMinute?: number;
  /** Settings of the server, such as UNLEASH_FEATURE_FLAGS_LIMIT. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunningUnleash {
  readonly url: string;
  readonly version: string;
  /** One statement in the database beneath, for what the API cannot do; returns its rows. */
  sql(text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  /** May everything. */
  readonly adminToken: string;
  /** Of services in `development` or `production`. */
  clientToken(environment: 'development' | 'production'): string;
  /** Of browsers in `production`. */
  readonly frontendToken: string;
  /** One call as the administrator; a body is sent as JSON. Throws, with the answer's words, when it is refused. */
  api(method: string, path: string, body?: unknown): Promise<unknown>;
  /** What the server wrote, for a test that fails. */
  output(): string;
  stop(): Promise<void>;
}

/** Starts a real Unleash over a real PostgreSQL, both of the test's own, on free ports. */
export async function startUnleash(options: UnleashOptions = {}): Promise<RunningUnleash> {
  const database = await startPostgres();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const secret = randomBytes(16).toString('hex');
  const adminToken = `*:*.admin${secret}`;
  const clientToken = (environment: string) => `*:${environment}.client${environment}${secret}`;
  const frontendToken = `*:production.frontend${secret}`;
  const server = startProcess(NODE, [path.join(PEERS, 'unleash.mjs'), String(port), database.url], {
    cwd: PEERS,
    env: {
      INIT_ADMIN_API_TOKENS: adminToken,
      INIT_BACKEND_API_TOKENS: ['development', 'production'].map(clientToken).join(','),
      INIT_FRONTEND_API_TOKENS: frontendToken,
      UNLEASH_DEFAULT_ADMIN_USERNAME: 'admin',
      UNLEASH_DEFAULT_ADMIN_PASSWORD: 'unleash4all',
      UNLEASH_URL: url,
      CHECK_VERSION: 'false',
      SEND_TELEMETRY: 'false',
      DATABASE_SSL: 'false',
      LOG_LEVEL: 'error',
      ...(options.searchesPerMinute === undefined
        ? {}
        : { SEARCH_FEATURES_RATE_LIMIT_PER_MINUTE: String(options.searchesPerMinute) }),
      ...options.env,
    },
  });
  const stop = async (): Promise<void> => {
    await server.stop();
    await database.stop();
  };
  let version = '';
  try {
    const ready = await waitFor('Unleash is ready', () => readyLine(server.output()), { deadlineMs: 60_000 });
    version = String(ready.version);
  } catch (error) {
    await stop();
    throw new Error(`Unleash did not start: ${server.output()}`, { cause: error });
  }

  async function api(method: string, at: string, body?: unknown): Promise<unknown> {
    const asked = fetch(`${url}${at}`, {
      method,
      headers: { authorization: adminToken, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = await asked.catch((cause: unknown) => {
      throw new Error(`${method} ${at}: no answer; the server wrote: ${server.output().slice(-2000)}`, { cause });
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${at}: ${answer.status} ${text.slice(0, 1000)}`);
    return text === '' || !answer.headers.get('content-type')?.includes('json') ? text : JSON.parse(text);
  }

  async function sql(text: string, values: readonly unknown[] = []): Promise<readonly Record<string, unknown>[]> {
    const { default: pg } = (await import(pathToFileURL(path.join(PEERS, 'node_modules/pg/lib/index.js')).href)) as Pg;
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      return (await client.query(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  return { url, version, sql, adminToken, clientToken, frontendToken, api, output: server.output, stop };
}

/** As much of the database's client as is used here. */
interface Pg {
  default: {
    Client: new (options: {
      connectionString: string;
    }) => {
      connect(): Promise<void>;
      query(text: string, values: readonly unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
      end(): Promise<void>;
    };
  };
}
