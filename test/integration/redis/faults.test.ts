import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { FlagProvider } from '../../../electron/services/flags/provider.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { freePort, waitFor } from '../../support/processes.ts';
import { type RedisServerOptions, type RunningRedis, startRedis } from '../../support/redis.ts';
import { pass, startTcpProxy } from '../../support/tcp-proxy.ts';
import { tempFolder } from '../../support/temp.ts';
import { fill, never, PREFIX, providerOf } from './fixture.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function started(options: RedisServerOptions = {}): Promise<RunningRedis> {
  const server = await startRedis(options);
  ends.push(() => server.stop());
  return server;
}

async function filled(options: RedisServerOptions = {}): Promise<RunningRedis> {
  const server = await started(options);
  await fill(server);
  return server;
}

function connected(url: string, settings: Record<string, unknown> = {}, secret?: string): FlagProvider {
  const provider = providerOf(
    url,
    { ...settings, ...(secret === undefined ? {} : { credential: 'env:R' }) },
    secret === undefined ? {} : { secrets: { R: secret } },
  );
  ends.push(() => provider.dispose());
  return provider;
}

async function failure(run: () => unknown): Promise<ScramError> {
  try {
    await run();
  } catch (error) {
    if (error instanceof ScramError) return error;
    throw error;
  }
  throw new Error('expected a ScramError');
}

const read = (provider: FlagProvider) => provider.readEnvironment('production', never);

async function kill(provider: FlagProvider, key = 'enable_plain'): Promise<void> {
  const flag = await provider.readFlag(key, 'production', never);
  const { write } = provider.planKill(flag);
  await provider.apply(
    { key, environment: 'production', expectRevision: flag.state.revision, write, comment: '' },
    never,
  );
}

describe('on the way there', () => {
  it('refused: nothing listens there', async () => {
    const error = await failure(() => read(connected(`redis://127.0.0.1:${1}`)));
    expect(error).toMatchObject({ code: 'unreachable', message: expect.stringContaining('nothing listens there') });
  });

  it('DNS: the name of the host is not known', async () => {
    const error = await failure(() => read(connected('redis://no-such-host.invalid:6379')));
    expect(error).toMatchObject({ code: 'unreachable', message: expect.stringContaining('DNS') });
  });

  it('a server that hangs is given up in time, also while connecting, and is there again afterwards', async () => {
    const server = await filled();
    const provider = connected(server.url, { timeout: '300ms' });
    await read(provider);
    process.kill(server.pid, 'SIGSTOP');
    const started = performance.now();
    expect((await failure(() => read(provider))).code).toBe('timeout');
    expect((await failure(() => read(provider))).code).toBe('timeout');
    expect(performance.now() - started).toBeLessThan(3000);
    process.kill(server.pid, 'SIGCONT');
    expect((await read(provider)).flags).toHaveLength(3);
  });

  it('reset in the middle of an answer; the next read connects anew', async () => {
    const server = await filled();
    const proxy = await startTcpProxy({ port: server.port });
    ends.push(() => proxy.stop());
    const provider = connected(`redis://127.0.0.1:${proxy.port}`);
    await read(provider);
    proxy.rule = (from, chunk, { client }) => {
      if (from === 'up') return 'pass';
      client.write(chunk.subarray(0, 3));
      client.resetAndDestroy();
      return 'drop';
    };
    expect((await failure(() => provider.readFlag('enable_plain', 'production', never))).code).toBe('unreachable');
    proxy.rule = pass;
    expect((await read(provider)).flags).toHaveLength(3);
  });

  it('a slow answer is given up, and never taken for that of a later command', async () => {
    const server = await filled();
    const proxy = await startTcpProxy({ port: server.port });
    ends.push(() => proxy.stop());
    const provider = connected(`redis://127.0.0.1:${proxy.port}`, { timeout: '300ms' });
    await read(provider);
    proxy.rule = (from, chunk) => (from === 'down' && chunk.length > 3 ? 'drop' : 'pass');
    expect((await failure(() => provider.readFlag('enable_plain', 'production', never))).code).toBe('timeout');
    proxy.rule = pass;
    expect((await provider.readFlag('ops_disable_dep', 'production', never)).state.serves).toBe('false');
  });

  it('what does not speak Redis is said so', async () => {
    const web = createServer((socket) => {
      socket.on('error', () => undefined).resume();
      socket.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n');
    });
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    ends.push(() => new Promise((resolve) => web.close(resolve)));
    const { port } = web.address() as AddressInfo;
    const error = await failure(() => read(connected(`redis://127.0.0.1:${port}`)));
    expect(error).toMatchObject({ code: 'provider', message: expect.stringContaining('does not speak Redis') });
  });

  it('E6: a write whose answer is lost is sent once, says that it is not known, and reading tells', async () => {
    const server = await filled();
    const proxy = await startTcpProxy({ port: server.port });
    ends.push(() => proxy.stop());
    const provider = connected(`redis://127.0.0.1:${proxy.port}`);
    let writes = 0;
    proxy.rule = (from, chunk, { client }) => {
      if (from === 'up' && chunk.includes('EVAL')) writes += 1;
      if (from === 'up' || writes === 0) return 'pass';
      client.resetAndDestroy();
      return 'drop';
    };
    expect((await failure(() => kill(provider))).code).toBe('unreachable');
    proxy.rule = pass;
    expect((await provider.readFlag('enable_plain', 'production', never)).state.killed).toBe(true);
    expect(writes).toBe(1);
  });

  it('TLS: a private authority is trusted when its certificate is configured, and only then', async () => {
    using folder = tempFolder('redis-tls');
    const { key, cert } = makeCertificate();
    writeFileSync(folder.at('key.pem'), key);
    writeFileSync(folder.at('cert.pem'), cert);
    const tls = { keyFile: folder.at('key.pem'), certFile: folder.at('cert.pem'), ca: cert };
    const server = await filled({ tls });
    const trusting = providerOf(server.url, { ca: 'ca.pem' }, { files: { 'ca.pem': cert } });
    ends.push(() => trusting.dispose());
    expect((await read(trusting)).flags).toHaveLength(3);
    const error = await failure(() => read(connected(server.url)));
    expect(error).toMatchObject({ code: 'unreachable', action: expect.stringContaining('`ca`') });
    const plain = await failure(() => read(connected(server.url.replace('rediss:', 'redis:'))));
    expect(['unreachable', 'provider']).toContain(plain.code);
  });
});

describe('what it answers', () => {
  it('E2: NOAUTH, WRONGPASS: says what to give; the password is in no error', async () => {
    const server = await started();
    await server.command('CONFIG', 'SET', 'requirepass', 'right-secret');
    await fill(server);
    expect(await failure(() => read(connected(server.url)))).toMatchObject({
      code: 'credential',
      message: expect.stringContaining('NOAUTH'),
      action: expect.stringContaining('credential'),
    });
    const wrong = await failure(() => read(connected(server.url, {}, 'wrong-secret')));
    expect(wrong).toMatchObject({ code: 'credential', message: expect.stringContaining('WRONGPASS') });
    expect(JSON.stringify([wrong.message, wrong.action])).not.toContain('wrong-secret');
    await kill(connected(server.url, {}, 'right-secret'));
    await kill(connected(server.url, {}, 'default:right-secret'), 'enable_rollout');
    expect(await server.all(PREFIX)).toMatchObject({ [`${PREFIX}enable_plain`]: 'false' });
  });

  it.each([
    ['eval', '-eval'],
    ['mget', '-mget'],
    ['scan', '-scan'],
  ])('D5: NOPERM names the command %s', async (command, rule) => {
    const server = await filled();
    await server.command('ACL', 'SETUSER', 'some', 'on', '>pw', '~*', '&*', '+@all', rule);
    const provider = connected(server.url, {}, 'some:pw');
    const error = await failure(async () => {
      await read(provider);
      await kill(provider);
    });
    expect(error).toMatchObject({ code: 'credential', message: expect.stringContaining(`'${command}'`) });
    expect((await server.all(PREFIX))[`${PREFIX}enable_plain`]).toBe('true');
  });

  it('D5: a user who may only read: the probe says so without writing', async () => {
    const server = await filled();
    await server.command('ACL', 'SETUSER', 'reader', 'on', '>pw', `%R~${PREFIX}*`, '&*', '+@all');
    const before = await server.all('');
    const provider = connected(server.url, {}, 'reader:pw');
    expect(await provider.probe(never)).toMatchObject({ ok: false, canRead: true, canWrite: false });
    expect((await failure(() => kill(provider))).code).toBe('credential');
    expect(await server.all('')).toEqual(before);
    await server.command(
      'ACL',
      'SETUSER',
      'writer',
      'on',
      '>pw',
      `~${PREFIX}*`,
      '+eval',
      '+mget',
      '+scan',
      '+get',
      '+set',
      '+pttl',
      '+pexpire',
    );
    const writer = connected(server.url, {}, 'writer:pw');
    expect(await writer.probe(never)).toMatchObject({ ok: true, canRead: true, canWrite: true, clockSkewMs: null });
    await kill(writer);
    expect((await server.all(PREFIX))[`${PREFIX}enable_plain`]).toBe('false');
  });

  it('READONLY: a replica reads, refuses the kill and says whose address to give', async () => {
    const server = await filled({ args: ['--repl-diskless-sync-delay', '0'] });
    const replica = await started({ args: ['--replicaof', '127.0.0.1', String(server.port)] });
    await waitFor('the replica has the flags', async () => Object.keys(await replica.all(PREFIX)).length === 3);
    const provider = connected(replica.url);
    const error = await failure(() => kill(provider));
    expect(error).toMatchObject({ code: 'refused', action: expect.stringContaining('primary') });
    expect(await provider.probe(never)).toMatchObject({ canRead: true, canWrite: false });
    expect((await server.all(PREFIX))[`${PREFIX}enable_plain`]).toBe('true');
  });

  it('OOM: a full server says what to do, and nothing is written', async () => {
    const server = await filled();
    await server.command('CONFIG', 'SET', 'maxmemory', '1');
    const provider = connected(server.url);
    const error = await failure(() => kill(provider));
    expect(error).toMatchObject({ code: 'provider', action: expect.stringContaining('maxmemory') });
    expect((await server.all(PREFIX))[`${PREFIX}enable_plain`]).toBe('true');
  });

  it('LOADING: a server that still loads is worth another try', async () => {
    const server = await filled({ args: ['--dbfilename', 'flags.rdb', '--key-load-delay', '0'] });
    for (let index = 0; index < 200; index += 1) await server.set(`fill:${index}`, 'x'.repeat(20_000));
    await server.command('SAVE');
    const provider = connected(server.url);
    await server.restart({
      args: ['--key-load-delay', '8000', '--loading-process-events-interval-bytes', '1024'],
      isReady: async (port) => {
        const error = await failure(() => read(connected(`redis://127.0.0.1:${port}`)));
        if (error.code === 'unreachable') return false;
        expect(error).toMatchObject({ code: 'provider', retryable: true, message: expect.stringContaining('LOADING') });
        return true;
      },
    });
    await waitFor('it has loaded', () => read(provider), { deadlineMs: 20_000 });
  });

  it('a cluster says that clusters are not read', async () => {
    const port = await freePort();
    const cluster = await started({ args: ['--cluster-enabled', 'yes', '--cluster-port', String(port)] });
    const error = await failure(() => connected(cluster.url).readFlag('enable_plain', 'production', never));
    expect(['refused', 'provider']).toContain(error.code);
    expect(error.message).toMatch(/CLUSTERDOWN|MOVED/);
  });

  it('a database that is not there is said so', async () => {
    const server = await filled();
    expect(await failure(() => read(connected(`${server.url}/99`)))).toMatchObject({
      code: 'refused',
      action: expect.stringContaining('url'),
    });
    await server.command('SELECT', '3');
    await fill(server);
    expect((await read(connected(`${server.url}/3`))).flags).toHaveLength(3);
  });
});
