import { afterEach, expect, it } from 'vitest';
import type { FlagProvider } from '../../../electron/services/flags/provider.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { type EtcdServerOptions, type RunningEtcd, startEtcd } from '../../support/etcd.ts';
import { waitFor } from '../../support/processes.ts';
import { fill, never, PREFIX, providerOf } from './fixture.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const USERS = {
  responder: { permission: 'readwrite', prefix: '/flags/' },
  viewer: { permission: 'read', prefix: '/flags/' },
  other: { permission: 'readwrite', prefix: '/other/' },
} as const;

async function started(options: EtcdServerOptions = {}): Promise<RunningEtcd> {
  const server = await startEtcd({ users: USERS, ...options });
  ends.push(() => server.stop());
  await fill(server);
  return server;
}

function as(server: RunningEtcd, secret: string | null): FlagProvider {
  const provider = providerOf(
    server.url,
    secret === null ? {} : { credential: 'env:ETCD' },
    secret === null ? {} : { secrets: { ETCD: secret } },
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

async function kill(provider: FlagProvider, key: string): Promise<void> {
  const flag = await provider.readFlag(key, 'production', never);
  const { write } = provider.planKill(flag);
  await provider.apply(
    { key, environment: 'production', expectRevision: flag.state.revision, write, comment: '' },
    never,
  );
}

it('E2: logs in, reads, kills and watches; the password is in no error', async () => {
  const server = await started();
  const provider = as(server, 'responder:pw-responder');
  await kill(provider, 'enable_plain');
  expect((await server.all(PREFIX))[`${PREFIX}enable_plain`]).toBe('false');
  expect(await provider.probe(never)).toMatchObject({ ok: true, canRead: true, canWrite: true });
  let seen = 0;
  provider.watch(() => {
    seen += 1;
  });
  await waitFor('the watch stands', () => seen > 0);
  await server.put(`${PREFIX}enable_plain`, 'true');
  await waitFor('told', () => seen > 1);

  const wrong = await failure(() => as(server, 'responder:pw-wrong').readEnvironment('production', never));
  expect(wrong).toMatchObject({ code: 'credential', message: expect.stringContaining('authentication failed') });
  expect(JSON.stringify([wrong.message, wrong.action])).not.toContain('pw-wrong');
});

it('says that a credential is asked for, and what one that may not do everything lacks', async () => {
  const server = await started();
  expect(await failure(() => as(server, null).readEnvironment('production', never))).toMatchObject({
    code: 'credential',
    action: expect.stringContaining('user:password'),
  });
  expect(await failure(() => as(server, 'other:pw-other').readEnvironment('production', never))).toMatchObject({
    code: 'credential',
    message: expect.stringContaining(`${PREFIX}: permission denied`.replace(': ', ': etcdserver: ')),
    action: expect.stringContaining('readwrite'),
  });
});

it('D5: a user who may only read: the probe says so without writing, and a kill writes nothing', async () => {
  const server = await started();
  const provider = as(server, 'viewer:pw-viewer');
  const before = await server.all('/');
  expect(await provider.probe(never)).toMatchObject({
    ok: false,
    canRead: true,
    canWrite: false,
    detail: expect.stringContaining('permission denied'),
  });
  expect((await failure(() => kill(provider, 'enable_plain'))).code).toBe('credential');
  expect(await server.all('/')).toEqual(before);
});

it('logs in again when its token has run out, for reads and writes', async () => {
  const server = await started({ tokenSeconds: 1 });
  const provider = as(server, 'responder:pw-responder');
  await provider.readEnvironment('production', never);
  // The server lets tokens die a moment after their time.
  const token = (await (
    await fetch(`${server.url}/v3/auth/authenticate`, {
      method: 'POST',
      body: JSON.stringify({ name: 'responder', password: 'pw-responder' }),
    })
  ).json()) as { token: string };
  const isDead = async () => {
    // Asked for rarely: each use lets a token live longer.
    await new Promise((resolve) => setTimeout(resolve, 2500));
    const answer = await fetch(`${server.url}/v3/kv/range`, {
      method: 'POST',
      headers: { authorization: token.token },
      body: JSON.stringify({ key: 'eA==' }),
    });
    return answer.status === 401;
  };
  await waitFor('tokens are dead', isDead, { deadlineMs: 20_000 });
  await kill(provider, 'enable_plain');
  expect((await server.all(PREFIX))[`${PREFIX}enable_plain`]).toBe('false');
});

it('goes on after a restart of the server, and when permissions were changed', async () => {
  const server = await started();
  const provider = as(server, 'responder:pw-responder');
  await provider.readEnvironment('production', never);
  await server.restart();
  await kill(provider, 'enable_plain');
  await server.ask('/v3/auth/role/revoke', {
    role: 'viewer',
    key: Buffer.from('/flags/').toString('base64'),
    range_end: Buffer.from('/flags0').toString('base64'),
  });
  await kill(provider, 'enable_rollout');
  expect((await server.all(PREFIX))[`${PREFIX}enable_rollout`]).toBe('false');
});

it('a credential where none is asked for does no harm', async () => {
  const server = await startEtcd();
  ends.push(() => server.stop());
  await fill(server);
  await kill(as(server, 'responder:pw-responder'), 'enable_plain');
  expect((await server.all(PREFIX))[`${PREFIX}enable_plain`]).toBe('false');
});
