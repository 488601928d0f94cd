import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createClient, RESP_TYPES } from '@redis/client';
import { freePort, type RunningProcess, startProcess, waitFor } from './processes.ts';

export interface RunningRedis {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Asks it anything as its administrator; bulk strings come as bytes. */
  command(...args: (string | Buffer)[]): Promise<unknown>;
  set(key: string, value: string | Buffer): Promise<void>;
  remove(key: string): Promise<void>;
  /** String keys with this prefix, their values and times to live, exactly. */
  all(prefix: string): Promise<Record<string, string>>;
  /** Stops and starts it on the same port and folder; `isReady` replaces the wait until it answers. */
  restart(options?: { args?: readonly string[]; isReady?: (port: number) => Promise<boolean> }): Promise<void>;
  stop(): Promise<void>;
}

export interface RedisServerOptions {
  readonly args?: readonly string[];
  readonly tls?: { certFile: string; keyFile: string; ca: string };
}

/** Starts a real Redis (Debian package `redis-server`) on a free port, saving nothing. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RunningRedis> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'scram-redis-'));
  const port = await freePort();
  const { tls } = options;
  const start = (more: readonly string[] = []): RunningProcess =>
    startProcess('redis-server', [
      ...['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder],
      ...(tls
        ? ['--port', '0', '--tls-port', String(port), '--tls-cert-file', tls.certFile, '--tls-key-file', tls.keyFile]
        : ['--port', String(port)]),
      ...(tls ? ['--tls-auth-clients', 'no'] : []),
      ...(options.args ?? []),
      ...more,
    ]);
  let server = start();
  const connectAdmin = async () => {
    const client = createClient({
      RESP: 2,
      socket: {
        host: '127.0.0.1',
        port,
        reconnectStrategy: false,
        ...(tls ? { tls: true, ca: tls.ca, servername: 'localhost' } : {}),
      },
      commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
    });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  const ready = () =>
    waitFor('Redis is ready', connectAdmin, { everyMs: 20 }).catch((error: unknown) => {
      throw new Error(`Redis did not start; install it with apt-get install redis-server. ${server.output()}`, {
        cause: error,
      });
    });
  let admin = await ready();
  const command = (...args: (string | Buffer)[]): Promise<unknown> => admin.sendCommand(args);
  const stopServer = async () => {
    admin.destroy();
    await server.stop();
  };
  return {
    url: `${tls ? 'rediss' : 'redis'}://${tls ? 'localhost' : '127.0.0.1'}:${port}`,
    port,
    get pid() {
      return server.pid;
    },
    command,
    set: async (key, value) => void (await command('SET', key, value)),
    remove: async (key) => void (await command('DEL', key)),
    async all(prefix) {
      const keys = ((await command('KEYS', `${prefix}*`)) as Buffer[]).map(String).sort();
      const entries: [string, string][] = [];
      for (const key of keys) {
        const value = (await command('GET', key)) as Buffer;
        const left = Number(await command('PTTL', key));
        entries.push([key, value.toString('latin1') + (left > 0 ? ' (expires)' : '')]);
      }
      return Object.fromEntries(entries);
    },
    async restart({ args, isReady } = {}) {
      await stopServer();
      server = start(args);
      if (isReady) await waitFor('Redis is as it should be', () => isReady(port), { everyMs: 20 });
      admin = await ready();
    },
    async stop() {
      await stopServer();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
