import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectControl } from '../../../electron/hosts/control/client.ts';

const MAIN = path.resolve(import.meta.dirname, '../../fixtures/web-host-main.ts');

interface Run {
  readonly child: ChildProcess;
  out(): string;
  err(): string;
  /** Resolves when the standard output has a whole line. */
  line(): Promise<string>;
  readonly exit: Promise<number | null>;
}

let root: string;
const running = new Set<ChildProcess>();

function run(args: string[], env: Record<string, string> = {}): Run {
  const child = spawn(process.execPath, [MAIN, path.join(root, 'hosts'), ...args], {
    env: { PATH: path.join(root, 'bin'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    err += String(chunk);
  });
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
  void exit.then(() => running.delete(child));
  return {
    child,
    exit,
    out: () => out,
    err: () => err,
    async line() {
      await expect.poll(() => out + err, { timeout: 10_000 }).toContain('\n');
      return out.split('\n')[0] ?? '';
    },
  };
}

beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'scram-host-'));
  for (const folder of ['hosts', 'page', 'data', 'bin']) await mkdir(path.join(root, folder));
  await writeFile(path.join(root, 'page/index.html'), 'the page');
});
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL');
  await rm(root, { recursive: true, force: true });
});

const OPTIONS = ['--web', '--port', '0', '--no-open', '--json'];
const at = (name: string) => path.join(root, name);

describe('the process of the web host', () => {
  it('prints one line of JSON when it is ready, serves, and ends with 0 on SIGTERM', async () => {
    const host = run([...OPTIONS, '--data-dir', at('data')]);
    const { url, token, pid, ...more } = JSON.parse(await host.line());
    expect(more).toEqual({});
    expect(pid).toBe(host.child.pid);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}$/);
    expect(new URL(url).searchParams.get('token')).toBe(token);
    const exchange = await fetch(url, { redirect: 'manual' });
    expect(exchange.status).toBe(303);
    const cookie = exchange.headers.get('set-cookie')?.split(';')[0] ?? '';
    expect(await (await fetch(new URL('/now', url), { headers: { cookie } })).text()).toBe('the page');
    host.child.kill('SIGTERM');
    expect(await host.exit).toBe(0);
    expect(host.out().trim().split('\n')).toHaveLength(1);
    expect(host.err()).toBe('');
  });

  it('ends with 0 on SIGTERM while sockets and control clients are connected', async () => {
    const host = run([...OPTIONS, '--data-dir', at('data')]);
    const { url } = JSON.parse(await host.line());
    const client = await connectControl(at('data/control.sock'));
    const lost = new Promise((resolve) => {
      client.listen(
        'console.watch',
        {},
        {
          snapshot: ({ host: name }) => expect(name).toBe('terminal'),
          delta: () => undefined,
          error: resolve,
        },
      );
    });
    await client.call('ledger.verify', {});
    const held = fetch(url, { redirect: 'manual', headers: { connection: 'keep-alive' } });
    await held;
    host.child.kill('SIGTERM');
    expect(await host.exit).toBe(0);
    expect(await lost).toMatchObject({ code: 'unreachable' });
  });

  it('opens the browser with an address that lets in once, since other users can read its arguments', async () => {
    const opener = at('bin/xdg-open');
    await writeFile(
      opener,
      `#!/bin/sh\nprintf %s "$1" > ${at('opened.tmp')} && /bin/mv ${at('opened.tmp')} ${at('opened')}\n`,
    );
    await chmod(opener, 0o755);
    const host = run(['--port', '0', '--json', '--data-dir', at('data')]);
    const { token } = JSON.parse(await host.line());
    const read = () => readFile(at('opened'), 'utf8').catch(() => '');
    await expect.poll(read, { timeout: 10_000 }).not.toBe('');
    const opened = await read();
    expect(opened).not.toContain(token);
    expect((await fetch(opened, { redirect: 'manual' })).status).toBe(303);
    expect((await fetch(opened, { redirect: 'manual' })).status).toBe(401);
    host.child.kill('SIGINT');
    expect(await host.exit).toBe(0);
  });

  it('says so when no browser can be started, and serves all the same', async () => {
    const host = run(['--port', '0', '--data-dir', at('data')]);
    expect(await host.line()).toMatch(/^scram: open http:\/\/127\.0\.0\.1:\d+\/\?token=/);
    await expect.poll(() => host.err()).toContain('no browser could be started');
    host.child.kill('SIGTERM');
    expect(await host.exit).toBe(0);
  });

  it.each([
    [
      'an invalid configuration',
      OPTIONS,
      { FAIL: 'config' },
      7,
      /^scram: scram\.yaml:2:1: no team\n {2}next: Add team: NAME\n$/,
    ],
    ['any other failure', OPTIONS, { FAIL: 'crash' }, 1, /^scram: first line\n$/],
    ['an unknown option', ['--what'], {}, 2, /^scram: Unknown option '--what'.*\n {2}next: usage: npm start/],
    ['a port that is none', ['--port', 'x'], {}, 2, /--port takes a number from 0 to 65535, not "x"/],
    ['a port out of range', ['--port', '65536'], {}, 2, /--port takes a number/],
  ])('%s: one clear line and the exit code', async (_name, args, env, code, line) => {
    const host = run([...args, '--data-dir', at('data')], env);
    expect(await host.exit).toBe(code);
    expect(host.err()).toMatch(line);
    expect(host.out()).toBe('');
  });

  it('a port in use: exit code 1, and which one', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    const host = run(['--port', String(port), '--no-open', '--data-dir', at('data')]);
    expect(await host.exit).toBe(1);
    expect(host.err()).toContain(`port ${port} is in use`);
    expect(host.err()).toContain('--port');
    other.close();
  });

  it('a page that is not built: says how to build it', async () => {
    await rm(at('page'), { recursive: true });
    const host = run([...OPTIONS, '--data-dir', at('data')]);
    expect(await host.exit).toBe(1);
    expect(host.err()).toMatch(/the page is not built.*\n {2}next: Run `npm start`/);
  });
});
