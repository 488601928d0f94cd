import { spawn, execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A user with a clone of their own and nothing of this machine's settings. */
const ENV = {
  PATH: process.env.PATH,
  HOME: '/nonexistent',
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: os.devNull,
  GIT_TERMINAL_PROMPT: '0',
};

export interface Remote {
  readonly folder: string;
  /** The bare repository. */
  readonly path: string;
  readonly branch: string;
  /** Runs git in the bare repository. */
  git(...args: string[]): Promise<string>;
  /** Bytes of a file on the branch. */
  file(name: string): Promise<Buffer>;
  /** Somebody else commits files from a clone of their own and pushes; null removes one. */
  push(files: Readonly<Record<string, string | null>>, subject?: string, author?: string): Promise<string>;
  /** Installs a hook of the server. */
  hook(name: string, script: string): Promise<void>;
  remove(): Promise<void>;
}

export async function makeRemote(files: Readonly<Record<string, string>>, branch = 'main'): Promise<Remote> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'scram-git-'));
  const bare = path.join(folder, 'remote.git');
  const clone = path.join(folder, 'someone');
  const gitIn = async (cwd: string, args: readonly string[], env: Record<string, string> = {}): Promise<string> => {
    const { stdout } = await run('git', [...args], {
      cwd,
      env: { ...ENV, ...env },
      encoding: 'latin1',
      maxBuffer: 1e8,
    });
    return stdout;
  };
  await gitIn(folder, ['init', '--quiet', '--bare', `--initial-branch=${branch}`, bare]);
  await gitIn(bare, ['config', 'uploadpack.allowFilter', 'true']);
  await gitIn(bare, ['config', 'http.receivepack', 'true']);
  await gitIn(folder, ['clone', '--quiet', bare, clone]);
  await gitIn(clone, ['checkout', '--quiet', '-B', branch]);
  const remote: Remote = {
    folder,
    path: bare,
    branch,
    git: (...args) => gitIn(bare, args),
    file: async (name) => Buffer.from(await gitIn(bare, ['cat-file', 'blob', `${branch}:${name}`]), 'latin1'),
    async push(changes, subject = 'Edit flags', author = 'Ada Example') {
      const exists = await gitIn(bare, ['rev-parse', '--verify', '--quiet', branch]).catch(() => null);
      if (exists !== null) {
        await gitIn(clone, ['fetch', '--quiet', 'origin']);
        await gitIn(clone, ['reset', '--quiet', '--hard', `origin/${branch}`]);
      }
      for (const [name, text] of Object.entries(changes)) {
        const at = path.join(clone, name);
        if (text === null) await rm(at);
        else {
          await mkdir(path.dirname(at), { recursive: true });
          await writeFile(at, text, 'latin1');
        }
      }
      await gitIn(clone, ['add', '--all']);
      const who = { NAME: author, EMAIL: `${author.split(' ')[0]?.toLowerCase()}@example.com` };
      const env = Object.fromEntries(
        Object.entries(who).flatMap(([name, value]) => [
          [`GIT_AUTHOR_${name}`, value],
          [`GIT_COMMITTER_${name}`, value],
        ]),
      );
      await gitIn(clone, ['commit', '--quiet', '--allow-empty', '-m', subject], env);
      await gitIn(clone, ['push', '--quiet', 'origin', branch]);
      return (await gitIn(clone, ['rev-parse', 'HEAD'])).trim();
    },
    async hook(name, script) {
      await mkdir(path.join(bare, 'hooks'), { recursive: true });
      await writeFile(path.join(bare, 'hooks', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
  await remote.push(files, 'Begin');
  return remote;
}

export interface GitServer {
  readonly url: string;
  readonly port: number;
  /** Requests so far: method, path, and whether the right credential came along. */
  readonly seen: { method: string; path: string; authorization: string | undefined }[];
  stop(): Promise<void>;
}

export interface GitServerOptions {
  /** Basic credentials that it asks for; without them 401, with others 403 for pushes of a `reader`. */
  readonly user?: string;
  readonly password?: string;
  /** May read and not push. */
  readonly readOnly?: boolean;
  readonly tls?: { key: string; cert: string };
  /** Runs first; true when it answered, or never will. */
  answer?: ((request: http.IncomingMessage, response: http.ServerResponse) => boolean | Promise<boolean>) | undefined;
  /** Cuts the connection in place of the answer to a push that was done. */
  cutAnswerOfPush?: boolean;
}

/** The smart HTTP protocol by git's own `http-backend`, behind Basic authentication, strict about everything. */
export async function serveGit(remote: Remote, options: GitServerOptions = {}): Promise<GitServer> {
  const seen: GitServer['seen'] = [];
  const expected =
    options.password === undefined
      ? undefined
      : `Basic ${Buffer.from(`${options.user ?? ''}:${options.password}`).toString('base64')}`;
  const name = path.basename(remote.path);

  const handle = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://server');
    seen.push({ method: request.method ?? '', path: request.url ?? '', authorization: request.headers.authorization });
    const refuse = (status: number, text: string, headers: Record<string, string> = {}) => {
      request.resume();
      response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end(text);
    };
    if (await options.answer?.(request, response)) return;
    if (expected !== undefined && request.headers.authorization !== expected) {
      refuse(401, 'who are you?', { 'www-authenticate': 'Basic realm="git"' });
      return;
    }
    const service = url.searchParams.get('service') ?? path.basename(url.pathname);
    const known =
      (request.method === 'GET' && url.pathname === `/${name}/info/refs`) ||
      (request.method === 'POST' && /^git-(upload|receive)-pack$/.test(path.basename(url.pathname)));
    const refused = !url.pathname.startsWith(`/${name}/`)
      ? ([404, 'Repository not found'] as const)
      : !known
        ? ([405, 'no'] as const)
        : options.readOnly && service === 'git-receive-pack'
          ? ([403, 'You may read and not write'] as const)
          : null;
    if (refused !== null) {
      refuse(refused[0], refused[1]);
      return;
    }
    const backend = spawn('git', ['http-backend'], {
      env: {
        ...ENV,
        GIT_PROJECT_ROOT: path.dirname(remote.path),
        GIT_HTTP_EXPORT_ALL: '1',
        REMOTE_USER: options.user ?? 'someone',
        REQUEST_METHOD: request.method ?? '',
        PATH_INFO: url.pathname,
        QUERY_STRING: url.search.slice(1),
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        ...(request.headers['content-length'] ? { CONTENT_LENGTH: request.headers['content-length'] } : {}),
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      },
    });
    request.pipe(backend.stdin);
    backend.stdin.on('error', () => undefined);
    const isCut = options.cutAnswerOfPush === true && request.method === 'POST' && service === 'git-receive-pack';
    if (isCut) {
      // Done all the same: whoever pushed cannot know.
      backend.stdout.resume();
      backend.on('close', () => request.socket.resetAndDestroy());
      return;
    }
    let head = Buffer.alloc(0);
    let begun = false;
    backend.stdout.on('data', (chunk: Buffer) => {
      if (begun) return void response.write(chunk);
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      begun = true;
      const lines = head.subarray(0, end).toString().split('\r\n');
      const headers = lines.map(
        (line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const,
      );
      const status = Number(headers.find(([key]) => key === 'Status')?.[1].slice(0, 3) ?? 200);
      for (const [key, value] of headers) if (key !== 'Status') response.setHeader(key, value);
      response.writeHead(status);
      response.write(head.subarray(end + 4));
    });
    backend.on('close', () => response.end());
    response.on('close', () => backend.kill());
  };
  const listener: http.RequestListener = (request, response) => void handle(request, response);
  const server = options.tls ? https.createServer(options.tls, listener) : http.createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}/${name}`,
    port,
    seen,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
