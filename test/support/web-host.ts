import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { z } from 'zod';

const readySchema = z.strictObject({ url: z.string(), token: z.string(), pid: z.number() });
const root = path.resolve(import.meta.dirname, '../..');

export interface RunningHost {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
  readonly child: ChildProcess;
  /** All that it wrote to stderr. */
  log(): string;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** The built web host, started as a user would, on a free port. Rejects with its stderr when it does not become ready. */
export async function startWebHost(options: {
  dataDir: string;
  config?: string;
  env?: Record<string, string>;
}): Promise<RunningHost> {
  const args = [
    path.join(root, 'dist/hosts/web.js'),
    '--port',
    '0',
    '--no-open',
    '--json',
    '--data-dir',
    options.dataDir,
  ];
  if (options.config) args.push('--config', options.config);
  const child = spawn(process.execPath, args, {
    cwd: options.dataDir,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (part: Buffer) => {
    stderr += part.toString();
  });
  const line = await new Promise<string>((resolve, reject) => {
    let stdout = '';
    child.stdout.on('data', (part: Buffer) => {
      stdout += part.toString();
      const end = stdout.indexOf('\n');
      if (end >= 0) resolve(stdout.slice(0, end));
    });
    child.on('exit', (code) => reject(new Error(`the web host ended with ${code}: ${stderr}`)));
    child.on('error', reject);
  });
  const ready = readySchema.parse(JSON.parse(line));
  return {
    ...ready,
    child,
    log: () => stderr,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      return child.exitCode;
    },
  };
}

export interface ScramOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What is piped in; nothing when left out. */
  readonly input?: string;
}

export interface ScramEnded {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one terminal command to its end. */
export function runScram(args: readonly string[], options: ScramOptions = {}): Promise<ScramEnded> {
  return beginScram(args, options).ended;
}

/** Begins a terminal command, such as one that waits; `output` is all that it has written so far. */
export function beginScram(
  args: readonly string[],
  options: ScramOptions = {},
): { output(): string; interrupt(): void; ended: Promise<ScramEnded> } {
  const child = spawn(process.execPath, [path.join(root, 'dist/hosts/terminal.js'), ...args], {
    cwd: options.cwd ?? root,
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // A command that reads nothing may be gone before it is given anything.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (part: Buffer) => {
    stdout += part.toString();
  });
  child.stderr.on('data', (part: Buffer) => {
    stderr += part.toString();
  });
  const ended = once(child, 'close').then(([code]) => ({
    code: typeof code === 'number' ? code : null,
    stdout,
    stderr,
  }));
  return { output: () => stdout + stderr, interrupt: () => void child.kill('SIGINT'), ended };
}
