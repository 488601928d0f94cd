import { chmod, chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { ensurePeers, PEERS } from '../../scripts/test/peers.ts';
import { grantsSql, teamStoreSql } from '../../electron/providers/team/postgres/index.ts';
import { readyLine } from './postgres.ts';
import { freePort, NODE, type RunningProcess, startProcess, waitFor } from './processes.ts';

/** Stands for the password of the consoles' role: searched for wherever it must not be (E2). */
export const CANARY = 'canary-3f9c1b/pass:word@42';

export interface TeamPostgres {
  readonly port: number;
  /** Of the superuser. */
  readonly adminUrl: string;
  /** Of the role that consoles have, by the port of the server or of a proxy before it. */
  consoleUrl(port?: number, password?: string): string;
  /** As the superuser; returns the rows. */
  admin(sql: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  /** A schema of its own with the tables, as the owner makes it, and the documented rights for the consoles. */
  newSchema(): Promise<string>;
  /** Speaks TLS from now on, to those who ask for it. */
  useCertificate(cert: string, key: string): Promise<void>;
  /** As an administrator does; the data stay. */
  stop(): Promise<void>;
  /** kill -9 of the server. */
  kill(): Promise<void>;
  start(): Promise<void>;
  dispose(): Promise<void>;
}

/** A real PostgreSQL that can be stopped, killed and started again over the same data. */
export async function startTeamPostgres(): Promise<TeamPostgres> {
  ensurePeers();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'scram-team-postgres-'));
  // As root the server runs as user postgres, who must come through here.
  await chmod(folder, 0o755);
  const port = await freePort();
  const adminUrl = `postgres://peer:peer@127.0.0.1:${port}/unleash`;
  let owner: RunningProcess | null = null;
  let serverPid: number | null = null;
  let schemas = 0;
  const reap = (): void => {
    try {
      if (serverPid !== null) process.kill(serverPid, 'SIGQUIT');
    } catch {
      // Gone already.
    }
  };
  process.once('exit', reap);

  async function start(): Promise<void> {
    const started = startProcess(NODE, [path.join(PEERS, 'postgres.mjs'), String(port), path.join(folder, 'data')]);
    owner = started;
    const ready = await waitFor('PostgreSQL is ready', () => readyLine(started.output()), { deadlineMs: 60_000 });
    serverPid = Number(ready.pid);
  }

  async function stop(): Promise<void> {
    await owner?.stop();
    owner = null;
    serverPid = null;
  }

  async function kill(): Promise<void> {
    const [server, process_] = [serverPid, owner];
    if (server === null || process_ === null) return;
    serverPid = null;
    owner = null;
    process.kill(server, 'SIGKILL');
    process.kill(process_.pid, 'SIGKILL');
    await waitFor('PostgreSQL is gone', () => !alive(server));
    await process_.stop();
  }

  async function admin(sql: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: adminUrl });
    await client.connect();
    try {
      return (values.length === 0 ? await client.query(sql) : await client.query(sql, [...values])).rows;
    } finally {
      await client.end();
    }
  }

  await start();
  await admin(`CREATE ROLE scram_console LOGIN PASSWORD '${CANARY}'`);
  return {
    port,
    adminUrl,
    consoleUrl: (by = port, password = CANARY) =>
      `postgres://scram_console:${encodeURIComponent(password)}@127.0.0.1:${by}/unleash`,
    admin,
    async newSchema() {
      schemas += 1;
      const schema = `team_${schemas}`;
      await admin(teamStoreSql(schema));
      await admin(grantsSql(schema, 'scram_console'));
      return schema;
    },
    async useCertificate(cert, key) {
      const { uid, gid } = await stat(path.join(folder, 'data'));
      for (const [name, text] of [
        ['server.crt', cert],
        ['server.key', key],
      ] as const) {
        const file = path.join(folder, 'data', name);
        await writeFile(file, text, { mode: 0o600 });
        await chown(file, uid, gid);
      }
      await admin('ALTER SYSTEM SET ssl = on');
      await admin('SELECT pg_reload_conf()');
      await waitFor('it speaks TLS', async () => (await admin('SHOW ssl'))[0]?.ssl === 'on');
    },
    stop,
    kill,
    start,
    async dispose() {
      await stop();
      process.removeListener('exit', reap);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
