import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { gitConnectionSchema } from '../../../shared/model/config/connections/stores.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { type GitServerOptions, serveGit } from '../../support/git.ts';
import { waitFor } from '../../support/processes.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';
import { never } from './fixture.ts';
import {
  connect,
  ends,
  everythingIn,
  failure,
  FILE,
  kill,
  read,
  remoteWith,
  spyOnGit,
  tearDown,
  TEXT,
} from './world.ts';

afterEach(tearDown);

const TOKEN = 'tok-3f9c1b7e55';

async function served(options: GitServerOptions = {}) {
  const remote = await remoteWith();
  const server = await serveGit(remote, options);
  ends.push(() => server.stop());
  return { remote, server };
}

const withToken = (token: string) => [{ credential: 'env:GIT' }, { secrets: { GIT: token } }] as const;

describe('credentials over HTTP', () => {
  it('E2: a token reads and pushes; it stands on no command line and in no file', async () => {
    const { remote, server } = await served({ user: 'x-access-token', password: TOKEN });
    const spy = await spyOnGit(remote.folder);
    const env = { PATH: spy.path, HOME: process.env.HOME };
    const { provider, workDir } = await connect(
      server.url,
      { credential: 'env:GIT' },
      { secrets: { GIT: TOKEN }, env },
    );
    expect(await provider.probe(never)).toMatchObject({ ok: true, canRead: true, canWrite: null });
    expect((await remote.git('log', '--format=%s', 'main')).trim()).toBe('Begin');
    await kill(provider);
    expect((await provider.readFlag('enable_rollout', 'production', never)).state.killed).toBe(true);
    const calls = await spy.calls();
    expect(calls.some((call) => call.startsWith('push'))).toBe(true);
    expect(calls.join('\n')).not.toContain(TOKEN);
    expect(await everythingIn(workDir)).not.toContain(TOKEN);
  });

  it('user:token is sent as it is', async () => {
    const { server } = await served({ user: 'deploy', password: TOKEN });
    const { provider } = await connect(server.url, ...withToken(`deploy:${TOKEN}`));
    expect((await read(provider)).flags).toHaveLength(4);
  });

  it.each([
    ['none', undefined, 'asks for a credential'],
    ['a wrong one', 'wrong-secret', 'not accepted'],
  ])('with %s: says so, at once, and asks no terminal', async (_, secret, words) => {
    const { server } = await served({ user: 'x-access-token', password: TOKEN });
    const { provider } = await connect(server.url, ...(secret === undefined ? ([] as const) : withToken(secret)));
    const error = await failure(() => read(provider));
    expect(error).toMatchObject({ code: 'credential', message: expect.stringContaining(words) });
    expect(JSON.stringify([error.message, error.action])).not.toContain('wrong-secret');
  });

  it('D5: a token that may only read: the kill says which permission is missing, and nothing is written', async () => {
    const { remote, server } = await served({ user: 'x-access-token', password: TOKEN, readOnly: true });
    const { provider } = await connect(server.url, ...withToken(TOKEN));
    expect(await failure(() => kill(provider))).toMatchObject({
      code: 'credential',
      action: expect.stringContaining('write'),
    });
    expect((await remote.file(FILE)).toString('latin1')).toBe(TEXT);
    expect(await provider.probe(never)).toMatchObject({ ok: false, canRead: true, canWrite: false });
  });

  it('E2: a redirect to another host is not followed, and the token is not shown there', async () => {
    const { server: other } = await served({ user: 'x-access-token', password: TOKEN });
    const { server } = await served({
      answer: (request, response) => {
        request.resume();
        response.writeHead(302, { location: `${other.url}${(request.url ?? '').replace(/^\/[^/]+/, '')}` }).end();
        return true;
      },
    });
    const { provider } = await connect(server.url, ...withToken(TOKEN));
    expect(await failure(() => read(provider))).toMatchObject({
      code: 'provider',
      message: expect.stringContaining('redirect'),
    });
    expect(other.seen).toEqual([]);
  });
});

describe('on the way there', () => {
  it('TLS: a private authority is trusted when its certificate is configured, and only then', async () => {
    const tls = makeCertificate();
    const { remote, server } = await served({ tls });
    const ca = path.join(remote.folder, 'ca.pem');
    await writeFile(ca, tls.cert);
    const { provider } = await connect(
      server.url,
      { ca: 'ca.pem' },
      { baseDir: remote.folder, files: { 'ca.pem': tls.cert } },
    );
    expect((await read(provider)).flags).toHaveLength(4);
    const { provider: distrusting } = await connect(server.url);
    expect(await failure(() => read(distrusting))).toMatchObject({
      code: 'unreachable',
      action: expect.stringContaining('`ca`'),
    });
  });

  it.each([
    ['a folder that is not there', '/nowhere/at/all.git', 'unreachable', 'no such repository'],
    ['refused', 'http://127.0.0.1:1/x.git', 'unreachable', 'nothing answers'],
    ['DNS', 'http://no-such-host.invalid/x.git', 'unreachable', 'DNS'],
  ])('%s', async (_, url, code, words) => {
    const { provider } = await connect(url);
    expect(await failure(() => read(provider))).toMatchObject({ code, message: expect.stringContaining(words) });
  });

  it('a repository that is not there over HTTP', async () => {
    const { server } = await served();
    const { provider } = await connect(server.url.replace('remote.git', 'other.git'));
    expect(await failure(() => read(provider))).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('no such repository'),
      action: expect.stringContaining('repository'),
    });
  });

  it.each([
    [
      'a login page',
      200,
      { 'content-type': 'text/html' },
      '<!doctype html>\n<html>\n<body>log in</body>\n</html>\n',
      'provider',
    ],
    ['500', 500, {}, '', 'provider'],
    ['429', 429, { 'retry-after': '7' }, '', 'rate-limited'],
  ] as const)('answers %s', async (_, status, headers, body, code) => {
    const { server } = await served({
      answer: (request, response) => {
        request.resume();
        response.writeHead(status, headers).end(body);
        return true;
      },
    });
    const { provider } = await connect(server.url);
    const error = await failure(() => read(provider));
    expect(error).toMatchObject({ code });
    expect(error.message).toContain(server.url);
  });

  it('a server that hangs is given up in time, and no process is left', async () => {
    const { server } = await served({ answer: () => true });
    const { provider } = await connect(server.url, { timeout: '50ms' });
    expect((await failure(() => read(provider))).code).toBe('timeout');
    const left = () =>
      readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .filter((pid) => commandOf(pid).includes(`:${server.port}/`));
    await waitFor('git and its helpers are gone', () => left().length === 0);
  });

  it('cut in the middle of what is fetched', async () => {
    const { server } = await served();
    const proxy = await startTcpProxy({ port: server.port });
    ends.push(() => proxy.stop());
    let down = 0;
    proxy.rule = (from, chunk, { client }) => {
      if (from === 'down') down += chunk.length;
      if (down < 900) return 'pass';
      client.resetAndDestroy();
      return 'drop';
    };
    const { provider } = await connect(server.url.replace(String(server.port), String(proxy.port)));
    expect((await failure(() => read(provider))).code).toBe('unreachable');
  });

  it('git is not installed', async () => {
    const remote = await remoteWith();
    const { provider } = await connect(remote.path, {}, { env: { PATH: remote.folder } });
    expect(await failure(() => read(provider))).toMatchObject({
      code: 'provider',
      message: expect.stringContaining('git cannot be run'),
      action: expect.stringContaining('Install git'),
    });
    expect(await provider.probe(never)).toMatchObject({ ok: false, canRead: false });
  });

  it('git is too old', async () => {
    const remote = await remoteWith();
    await writeFile(path.join(remote.folder, 'git'), '#!/bin/sh\necho git version 2.25.1\n', { mode: 0o755 });
    const { provider } = await connect(remote.path, {}, { env: { PATH: `${remote.folder}:${process.env.PATH}` } });
    expect(await failure(() => read(provider))).toMatchObject({
      code: 'provider',
      message: expect.stringContaining('2.25.1'),
      action: expect.stringContaining('2.31'),
    });
  });
});

describe('what is there', () => {
  it('no such branch, no such file, a link: each names what to correct', async () => {
    const remote = await remoteWith();
    const branch = await connect(remote.path, { branch: 'release' });
    expect(await failure(() => read(branch.provider))).toMatchObject({
      message: expect.stringContaining('no branch release'),
    });
    const file = await connect(remote.path, { files: { production: 'flags/nowhere.json' } });
    expect(await failure(() => read(file.provider))).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('no file flags/nowhere.json'),
    });
    const folder = await connect(remote.path, { files: { production: 'flags' } });
    expect(await failure(() => read(folder.provider))).toMatchObject({
      message: expect.stringContaining('no plain file'),
    });
  });

  it('B2: a flag file that is broken is said so, with its place, and never written', async () => {
    const remote = await remoteWith();
    const { provider } = await connect(remote.path);
    const flag = await provider.readFlag('enable_rollout', 'production', never);
    const { write } = provider.planKill(flag);
    await remote.push({ [FILE]: TEXT.slice(0, 300) }, 'Half a file');
    const request = {
      key: flag.key,
      environment: 'production',
      expectRevision: flag.state.revision,
      write,
      comment: '',
    };
    const error = await failure(() => provider.apply(request, never));
    expect(error).toMatchObject({ code: 'provider', message: expect.stringContaining(`main:${FILE}`) });
    expect((await remote.file(FILE)).toString('latin1')).toBe(TEXT.slice(0, 300));
  });

  it.each([
    ['a lock that a killed git left', (copy: string) => writeFile(path.join(copy, 'shallow.lock'), '')],
    ['a lock on the branch', (copy: string) => writeFile(path.join(copy, 'refs/remotes/origin/main.lock'), '')],
    [
      'a broken branch',
      (copy: string) => writeFile(path.join(copy, 'refs/remotes/origin/main'), `${'1'.repeat(40)}\n`),
    ],
    [
      'lost objects',
      async (copy: string) => {
        await rm(path.join(copy, 'objects'), { recursive: true });
        await mkdir(path.join(copy, 'objects/pack'), { recursive: true });
      },
    ],
    ['a copy that is gone', (copy: string) => rm(copy, { recursive: true })],
  ])('the working copy heals: %s', async (_, damage) => {
    const remote = await remoteWith();
    const { provider, workDir } = await connect(remote.path);
    await read(provider);
    const [copy = ''] = readdirSync(workDir);
    await damage(path.join(workDir, copy));
    await remote.push({ 'README.md': 'x\n' });
    expect((await read(provider)).flags).toHaveLength(4);
    await kill(provider);
    expect((await provider.readFlag('enable_rollout', 'production', never)).state.killed).toBe(true);
  });

  it('only folders and the flag files are fetched; an idle refresh asks once and fetches nothing', async () => {
    const remote = await remoteWith({ 'big.bin': 'x'.repeat(300_000) });
    const big = (await remote.git('rev-parse', 'main:big.bin')).trim();
    const spy = await spyOnGit(remote.folder);
    const { provider, workDir } = await connect(`file://${remote.path}`, {}, { env: { PATH: spy.path } });
    const { mark, sourceChangedAtMs } = await read(provider);
    expect(Math.abs(Date.now() - sourceChangedAtMs!)).toBeLessThan(60_000);
    const [copy = ''] = readdirSync(workDir);
    const present = () =>
      execFileSync('git', ['cat-file', '--batch-all-objects', '--batch-check=%(objectname)'], {
        cwd: path.join(workDir, copy),
        encoding: 'utf8',
      });
    expect(present()).toContain((await remote.git('rev-parse', `main:${FILE}`)).trim());
    expect(present()).not.toContain(big);
    const before = (await spy.calls()).length;
    expect(await provider.readChanges!('production', mark!, never)).toMatchObject({ upserts: [], removals: [] });
    expect((await spy.calls()).slice(before)).toEqual([expect.stringMatching(/^ls-remote /)]);
    await kill(provider);
    expect(present()).not.toContain(big);
  });

  it('D6: tells who changed which flag, from every commit, also one of several flags', async () => {
    const remote = await remoteWith();
    const sinceMs = Date.now() - 60_000;
    const two = TEXT.replace('["on", 20], ["off", 80]', '["on", 50], ["off", 50]').replace(
      '"defaultVariant":"on"',
      '"defaultVariant":"off"',
    );
    await remote.push({ [FILE]: two }, 'Half of them', 'Grace Example');
    await remote.push({ 'README.md': 'no flag\n' }, 'Words', 'Grace Example');
    await remote.push({ [FILE]: two.slice(0, 100) }, 'Broken', 'Grace Example');
    await remote.push({ [FILE]: two }, 'Mended', 'Ada Example');
    const { provider } = await connect(remote.path);
    await kill(provider);
    const events = await provider.audit!(sinceMs, never);
    // The first commit of all is the edge of what is known of nobody: it made every flag.
    const told = events
      .filter((event) => event.summary !== 'Begin')
      .map(({ key, by, summary }) => `${by}: ${key}: ${summary}`);
    expect(told).toEqual([
      'Grace Example: enable_rollout: Half of them',
      'Grace Example: enable_plain: Half of them',
      'Scram: enable_rollout: scram: enable_rollout in production',
    ]);
  });
});

it('an address, a branch or a path that git could take for something else is refused in the configuration', () => {
  const problem = (settings: Record<string, unknown>) =>
    gitConnectionSchema.safeParse({ id: 'x', kind: 'git', repository: '/r', files: { p: 'a.json' }, ...settings })
      .success;
  expect(problem({})).toBe(true);
  for (const repository of ['--upload-pack=evil', 'ext::sh -c evil', 'https://u:p@host/x.git']) {
    expect(problem({ repository })).toBe(false);
  }
  for (const branch of ['-x', 'a..b', 'a b', 'x:y', '']) expect(problem({ branch })).toBe(false);
  for (const file of ['../x', '/etc/passwd', 'a/../b', 'a:b', '']) expect(problem({ files: { p: file } })).toBe(false);
});

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
