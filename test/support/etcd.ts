import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { freePort, type RunningProcess, startProcess, waitFor } from './processes.ts';

export interface RunningEtcd {
  readonly url: string;
  readonly pid: number;
  put(key: string, value: string | Buffer): Promise<void>;
  remove(key: string): Promise<void>;
  /** Keys with this prefix and their values, exactly. */
  all(prefix: string): Promise<Record<string, string>>;
  /** Asks the gateway anything. */
  ask(path: string, json: unknown): Promise<Record<string, unknown>>;
  /** Stops it and starts it again on the same port and data. */
  restart(whileDown?: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

export interface EtcdServerOptions {
  /** Turns authentication on: root, and users by name with `read` or `readwrite` on a prefix; every password is `pw-NAME`. */
  readonly users?: Readonly<Record<string, { permission: 'read' | 'readwrite'; prefix: string }>>;
  /** Time that a token lives; etcd counts in whole seconds. */
  readonly tokenSeconds?: number;
  readonly tls?: { certFile: string; keyFile: string };
  readonly args?: readonly string[];
}

export const b64 = (text: string | Buffer): string => Buffer.from(text as string).toString('base64');
const text = (base64: string): string => Buffer.from(base64, 'base64').toString('latin1');

/** The last byte of a prefix raised; the tests' prefixes end in plain characters. */
export function prefixEnd(prefix: string): string {
  return b64(prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1));
}

/** Starts a real etcd (Debian package `etcd-server`) on free ports with a folder of its own. */
export async function startEtcd(options: EtcdServerOptions = {}): Promise<RunningEtcd> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'scram-etcd-'));
  const [port, peer] = [await freePort(), await freePort()];
  const url = `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  const start = (): RunningProcess =>
    startProcess('etcd', [
      ...['--data-dir', path.join(folder, 'data'), '--listen-client-urls', url, '--advertise-client-urls', url],
      ...[
        '--listen-peer-urls',
        `http://127.0.0.1:${peer}`,
        '--initial-advertise-peer-urls',
        `http://127.0.0.1:${peer}`,
      ],
      ...['--initial-cluster', `default=http://127.0.0.1:${peer}`, '--logger', 'zap', '--unsafe-no-fsync'],
      ...(options.tokenSeconds === undefined ? [] : ['--auth-token-ttl', String(options.tokenSeconds)]),
      ...(options.tls ? ['--cert-file', options.tls.certFile, '--key-file', options.tls.keyFile] : []),
      ...(options.args ?? []),
    ]);
  let server = start();
  const ready = () =>
    waitFor(
      'etcd is ready',
      async () =>
        options.tls ? /ready to serve client requests/.test(server.output()) : (await fetch(`${url}/health`)).ok,
      { everyMs: 20 },
    ).catch((error: unknown) => {
      throw new Error(`etcd did not start; install it with apt-get install etcd-server. ${server.output()}`, {
        cause: error,
      });
    });
  const stop = async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  let headers: Record<string, string> = {};
  async function send(at: string, json: unknown): Promise<Response> {
    return fetch(`${url}${at}`, { method: 'POST', body: JSON.stringify(json), headers });
  }
  async function ask(at: string, json: unknown): Promise<Record<string, unknown>> {
    let answer = await send(at, json);
    if (answer.status === 401) {
      await login();
      answer = await send(at, json);
    }
    const body = (await answer.json()) as Record<string, unknown>;
    if (!answer.ok) throw new Error(`${at}: ${answer.status} ${JSON.stringify(body)}`);
    return body;
  }
  async function login(): Promise<void> {
    headers = {};
    const { token } = (await (await send('/v3/auth/authenticate', { name: 'root', password: 'pw-root' })).json()) as {
      token: string;
    };
    headers = { authorization: token };
  }
  try {
    await ready();
    if (options.users) {
      await ask('/v3/auth/user/add', { name: 'root', password: 'pw-root' });
      await ask('/v3/auth/role/add', { name: 'root' });
      await ask('/v3/auth/user/grant', { user: 'root', role: 'root' });
      for (const [name, { permission, prefix }] of Object.entries(options.users)) {
        await ask('/v3/auth/user/add', { name, password: `pw-${name}` });
        await ask('/v3/auth/role/add', { name });
        await ask('/v3/auth/role/grant', {
          name,
          perm: { permType: permission.toUpperCase(), key: b64(prefix), range_end: prefixEnd(prefix) },
        });
        await ask('/v3/auth/user/grant', { user: name, role: name });
      }
      await ask('/v3/auth/enable', {});
      await login();
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    get pid() {
      return server.pid;
    },
    put: async (key, value) => void (await ask('/v3/kv/put', { key: b64(key), value: b64(value) })),
    remove: async (key) => void (await ask('/v3/kv/deleterange', { key: b64(key) })),
    async all(prefix) {
      const { kvs = [] } = (await ask('/v3/kv/range', { key: b64(prefix), range_end: prefixEnd(prefix) })) as {
        kvs?: { key: string; value?: string }[];
      };
      return Object.fromEntries(kvs.map(({ key, value = '' }) => [text(key), text(value)]));
    },
    ask,
    async restart(whileDown) {
      await server.stop();
      await whileDown?.();
      server = start();
      await ready();
    },
    stop,
  };
}
