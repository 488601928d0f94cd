import { chmod, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ensurePeers, PEERS } from '../../scripts/test/peers.ts';
import { freePort, NODE, startProcess, waitFor } from './processes.ts';

export interface RunningPostgres {
  /** Of the empty database `unleash`. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a real PostgreSQL on a free port with a folder of its own. */
export async function startPostgres(): Promise<RunningPostgres> {
  ensurePeers();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'scram-postgres-'));
  // As root the server runs as user postgres, who must come through here.
  await chmod(folder, 0o755);
  const port = await freePort();
  const owner = startProcess(NODE, [path.join(PEERS, 'postgres.mjs'), String(port), path.join(folder, 'data')]);
  let serverPid: number | null = null;
  const reap = (): void => {
    try {
      if (serverPid !== null) process.kill(serverPid, 'SIGQUIT');
    } catch {
      // Gone already.
    }
  };
  process.once('exit', reap);
  const stop = async (): Promise<void> => {
    await owner.stop();
    process.removeListener('exit', reap);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const ready = await waitFor('PostgreSQL is ready', () => readyLine(owner.output()), { deadlineMs: 30_000 });
    serverPid = Number(ready.pid);
  } catch (error) {
    await stop();
    throw new Error(`PostgreSQL did not start: ${owner.output()}`, { cause: error });
  }
  return { url: `postgres://peer:peer@127.0.0.1:${port}/unleash`, stop };
}

/** The line by which a server of test/peers says that it is ready; null until it is there. */
export function readyLine(output: string): Record<string, unknown> | null {
  const line = output.split('\n').find((text) => text.startsWith('{"ready":true'));
  return line === undefined ? null : (JSON.parse(line) as Record<string, unknown>);
}
