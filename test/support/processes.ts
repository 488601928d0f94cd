import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import path from 'node:path';

/** The Node of the tool chain: TypeScript files run in it as they are. */
export const NODE = path.resolve(import.meta.dirname, '../../node_modules/.bin/node');

export interface RunningProcess {
  readonly pid: number;
  /** What it wrote so far, both streams. */
  output(): string;
  /** SIGTERM, then SIGKILL after five seconds. Returns when it is gone; a second call does nothing. */
  stop(): Promise<void>;
}

/** Polls until `probe` yields something other than undefined, null and false; throws with `what` after the deadline. */
export async function waitFor<T>(
  what: string,
  probe: () => T | Promise<T>,
  options: { deadlineMs?: number; everyMs?: number } = {},
): Promise<NonNullable<T>> {
  const until = Date.now() + (options.deadlineMs ?? 10_000);
  let last: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== null && value !== false) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() >= until) {
      throw new Error(`not within ${options.deadlineMs ?? 10_000} ms: ${what}`, { cause: last });
    }
    await new Promise((resolve) => setTimeout(resolve, options.everyMs ?? 50));
  }
}

/** A loopback port that was free a moment ago. For servers that cannot be given port 0. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Starts a process of the test's own; its environment is the test's, with `env` on top. */
export function startProcess(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): RunningProcess {
  const child: ChildProcess = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', (error) => {
      output += String(error);
      resolve();
    });
  });
  const reap = (): void => void child.kill('SIGKILL');
  process.once('exit', reap);
  return {
    pid: child.pid ?? -1,
    output: () => output,
    stop: async () => {
      process.removeListener('exit', reap);
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), 5000);
      await ended;
      clearTimeout(force);
    },
  };
}
