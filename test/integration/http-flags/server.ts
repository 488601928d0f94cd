import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export const TOKEN = 'inhouse-7c41e0';

export interface InHouseFlag {
  name: string;
  enabled: unknown;
  /** Share of users, 0 to 100; null: everyone. */
  share: number | null;
  revision: number;
  about: string;
  team: string | null;
  updated: { at: string; by: string };
  /** Reason of the last write. */
  reason: string;
}

export interface InHouseServer {
  readonly url: string;
  readonly environments: Record<string, Map<string, InHouseFlag>>;
  readonly seen: { method: string; path: string; headers: http.IncomingHttpHeaders; body: unknown }[];
  /** How the next page is told. */
  next: 'cursor' | 'path' | 'query' | 'absolute' | 'elsewhere' | 'loop';
  pageSize: number;
  /** What an accepted write answers. */
  accepted: { status: number; body: unknown };
  /** Wraps the answer of a single flag, or spoils it. */
  shape: (flag: unknown) => unknown;
  etags: boolean;
  edit(environment: string, name: string, change: (flag: InHouseFlag) => void): void;
  stop(): Promise<void>;
}

export function newFlag(name: string, change: Partial<InHouseFlag> = {}): InHouseFlag {
  return {
    name,
    enabled: true,
    share: null,
    revision: 1,
    about: `What ${name} does`,
    team: 'payments',
    updated: { at: '2026-11-01T10:00:00Z', by: 'ariel' },
    reason: '',
    ...change,
  };
}

class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const FIELDS = ['enabled', 'share', 'reason'];

/** The flag service of a company of its own: a token in `X-Flag-Token`, writes against a revision in `If-Match`. */
export async function startInHouse(flags: readonly InHouseFlag[]): Promise<InHouseServer> {
  const make = () => new Map(flags.map((flag) => [flag.name, structuredClone(flag)]));

  function list(all: Map<string, InHouseFlag>, url: URL): unknown {
    for (const name of url.searchParams.keys())
      if (name !== 'after') throw new Refusal(400, `unknown parameter ${name}`);
    const after = url.searchParams.get('after') ?? '';
    const sorted = [...all.values()].sort((a, b) => (a.name < b.name ? -1 : 1)).filter(({ name }) => name > after);
    const items = sorted.slice(0, state.pageSize);
    const last = items.at(-1)?.name ?? '';
    if (sorted.length <= items.length && state.next !== 'loop') return { data: { flags: items, next: null } };
    const path = `/api${url.pathname.slice(4)}?after=${encodeURIComponent(last)}`;
    const next = {
      cursor: last,
      path,
      query: `?after=${encodeURIComponent(last)}`,
      absolute: state.url.replace('/api', '') + path,
      elsewhere: `http://127.0.0.2:9${path}`,
      loop: `?after=`,
    }[state.next];
    return { data: { flags: items, next } };
  }

  function write(flag: InHouseFlag, headers: http.IncomingHttpHeaders, body: unknown): void {
    if (headers['content-type'] !== 'application/json') throw new Refusal(415, 'application/json is expected');
    if (headers['if-match'] === undefined) throw new Refusal(428, 'If-Match is missing');
    if (headers['if-match'] !== `"${flag.revision}"`) throw new Refusal(412, `the revision is ${flag.revision}`);
    if (typeof body !== 'object' || body === null) throw new Refusal(422, 'an object is expected');
    for (const name of Object.keys(body)) if (!FIELDS.includes(name)) throw new Refusal(422, `unknown field ${name}`);
    const { enabled, share, reason } = body as { enabled?: unknown; share?: unknown; reason?: unknown };
    if (typeof enabled !== 'boolean' && typeof enabled !== 'string')
      throw new Refusal(422, 'enabled: a value is expected');
    if (share !== undefined && share !== null && typeof share !== 'number') throw new Refusal(422, 'share: a number');
    if (typeof reason !== 'string' || reason === '') throw new Refusal(422, 'reason: a text is expected');
    flag.enabled = enabled;
    if (share !== undefined) flag.share = share;
    flag.reason = reason;
    flag.revision += 1;
    flag.updated = { at: new Date().toISOString(), by: 'scram' };
  }

  function answer(method: string, url: URL, headers: http.IncomingHttpHeaders, body: unknown): [number, unknown] {
    if (headers['x-flag-token'] !== TOKEN) throw new Refusal(401, 'the token is not known');
    const [api, version, environment = '', resource, key, ...rest] = url.pathname
      .split('/')
      .slice(1)
      .map(decodeURIComponent);
    const all = state.environments[environment];
    if (api !== 'api' || version !== 'v1' || !all || resource !== 'flags' || rest.length > 0) {
      throw new Refusal(404, 'no such path');
    }
    if (key === undefined) {
      if (method !== 'GET') throw new Refusal(405, 'only GET');
      return [200, list(all, url)];
    }
    const flag = all.get(key);
    if (!flag) throw new Refusal(404, `no flag ${key}`);
    if (method === 'GET') return [200, state.shape(flag)];
    if (method !== 'PUT') throw new Refusal(405, 'only GET and PUT');
    write(flag, headers, body);
    return [state.accepted.status, state.accepted.body];
  }

  function handle(request: http.IncomingMessage, text: string, response: http.ServerResponse): void {
    const { method = '', headers } = request;
    const url = new URL(request.url ?? '/', 'http://localhost');
    try {
      const body: unknown = text === '' ? undefined : JSON.parse(text);
      state.seen.push({ method, path: request.url ?? '', headers, body });
      const [status, value] = answer(method, url, headers, body);
      const out = value === undefined ? '' : JSON.stringify(value);
      const etag = `"${createHash('sha1').update(out).digest('hex')}"`;
      if (state.etags && method === 'GET') response.setHeader('etag', etag);
      if (state.etags && headers['if-none-match'] === etag) return void response.writeHead(304).end();
      response.writeHead(status, value === undefined ? {} : { 'content-type': 'application/json' }).end(out);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      response
        .writeHead(error.status, { 'content-type': 'application/problem+json' })
        .end(JSON.stringify({ title: 'refused', detail: error.message }));
    }
  }

  const server = http.createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => handle(request, text, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const state: InHouseServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`,
    environments: { prod: make(), stage: make() },
    seen: [],
    next: 'cursor',
    pageSize: 100,
    accepted: { status: 204, body: undefined },
    shape: (flag) => flag,
    etags: true,
    edit(environment, name, change) {
      const flag = state.environments[environment]?.get(name);
      if (!flag) throw new Error(`no flag ${name}`);
      change(flag);
      flag.revision += 1;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return state;
}

/** The value that the company's SDK gives a user. */
export function servedTo(flag: InHouseFlag, user: string): unknown {
  if (flag.enabled !== true || flag.share === null) return flag.enabled;
  const bucket = createHash('sha256').update(`${flag.name}/${user}`).digest().readUInt32BE(0) / 2 ** 32;
  return bucket * 100 < flag.share;
}
