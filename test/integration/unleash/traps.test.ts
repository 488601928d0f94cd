import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '../../support/processes.ts';
import type { FlagProvider, PlannedWrite, ProviderFlag } from '../../../electron/services/flags/provider.ts';
import type { ScramError } from '../../../shared/model/error.ts';
import { startFaultProxy } from '../../support/fault-proxy.ts';
import { type RunningUnleash, startUnleash } from '../../support/unleash.ts';
import {
  connectUnleash,
  emptyServer,
  environmentOf,
  evaluate,
  flagsOf,
  never,
  PROJECT,
  rollout,
  seedBySql,
} from './fixture.ts';

let server: RunningUnleash;
let provider: FlagProvider;
let flags: ReturnType<typeof flagsOf>;
let segment = 0;

beforeAll(async () => {
  server = await startUnleash();
  flags = flagsOf(server);
  const made = await server.api('POST', '/api/admin/segments', {
    name: 'beta',
    constraints: [{ contextName: 'userId', operator: 'IN', values: ['user-1', 'user-2'] }],
  });
  segment = (made as { id: number }).id;
}, 90_000);
afterAll(async () => {
  provider?.dispose();
  await server?.stop();
});
beforeEach(async () => {
  provider?.dispose();
  await emptyServer(server);
  provider = connectUnleash({ url: server.url, token: server.adminToken });
});

const read = (key: string) => provider.readFlag(key, 'production', never);
const request = (flag: ProviderFlag, plan: PlannedWrite) => ({
  key: flag.key,
  environment: flag.environment,
  expectRevision: flag.state.revision,
  write: plan.write,
  comment: '',
});
const write = (flag: ProviderFlag, plan: PlannedWrite) => provider.apply(request(flag, plan), never);
const failure = async (run: () => unknown): Promise<ScramError> => {
  try {
    await run();
  } catch (error) {
    return error as ScramError;
  }
  throw new Error('expected to fail');
};
const USERS = Array.from({ length: 1000 }, (_, index) => `user-${index}`);
const inProduction = async (key: string) => environmentOf(await flags.read(key));
const withoutIds = (strategies: readonly { id: string; sortOrder: number }[]) =>
  strategies.map(({ id: _, sortOrder: __, ...rest }) => rest);

/** Strategies of every kind: targeted, with variants, paused, in an order of their own. */
async function rich(key: string): Promise<string[]> {
  await flags.create(key);
  const targeted = await flags.addStrategy(
    key,
    rollout('25', {
      title: 'gradual',
      parameters: { rollout: '25', stickiness: 'userId', groupId: 'g9' },
      constraints: [
        { contextName: 'userId', operator: 'NOT_IN', values: ['user-7'], caseInsensitive: false, inverted: false },
      ],
      segments: [segment],
      variants: [
        {
          name: 'v1',
          weight: 1000,
          weightType: 'variable',
          stickiness: 'userId',
          payload: { type: 'string', value: 'x' },
        },
      ],
    }),
  );
  const paused = await flags.addStrategy(key, rollout('40', { disabled: true }));
  const second = await flags.addStrategy(key, rollout('10', { title: 'second' }));
  await flags.switch(key, 'on');
  return [targeted, paused, second];
}

describe('Unleash: traps of its Admin API', () => {
  it('B7: a kill and its undo leave ids, order, targeting, variants and paused strategies untouched, and the same users', async () => {
    await rich('enable_rich');
    const before = await flags.read('enable_rich');
    const served = await evaluate(server, 'enable_rich', USERS);
    expect(served).toContain('on');
    const flag = await read('enable_rich');
    await write(flag, provider.planKill(flag));
    expect(new Set(await evaluate(server, 'enable_rich', USERS))).toEqual(new Set(['off']));
    const killed = await read('enable_rich');
    await write(killed, provider.planRestore(killed, flag));
    expect(await flags.read('enable_rich')).toEqual(before);
    expect(await evaluate(server, 'enable_rich', USERS)).toEqual(served);
  });

  it('trap 1: an undo by `on` adds no strategy for everyone where all are paused: the earlier ones are put back first', async () => {
    const [targeted, , second] = (await rich('enable_rich')) as [string, string, string];
    const flag = await read('enable_rich');
    await write(flag, provider.planKill(flag));
    for (const id of [targeted, second]) {
      await flags.patchStrategy('enable_rich', id, [{ op: 'replace', path: '/disabled', value: true }]);
    }
    const killed = await read('enable_rich');
    const plan = provider.planRestore(killed, flag);
    await write(killed, plan);
    const { strategies, enabled } = await inProduction('enable_rich');
    expect(enabled).toBe(true);
    expect(strategies).toHaveLength(3);
    expect(strategies.map(({ disabled }) => disabled)).toEqual([false, true, false]);
    expect((await read('enable_rich')).state).toEqual(flag.state);
  });

  it('trap 1: never switches on what has no strategy that counts', async () => {
    await flags.create('enable_none');
    await flags.switch('enable_none', 'on');
    // A state from before Unleash took care of it: on, and the only strategy paused. An SDK gives it to everyone.
    await server.sql("update feature_strategies set disabled = true where feature_name = 'enable_none'");
    const flag = await read('enable_none');
    expect(flag.state).toMatchObject({ exposure: 'everyone', percentage: 100, killed: false });
    expect(new Set(await evaluate(server, 'enable_none', USERS.slice(0, 10)))).toEqual(new Set(['on']));
    await write(flag, provider.planKill(flag));
    const killed = await read('enable_none');
    const error = await failure(() => provider.planRestore(killed, flag));
    expect(error).toMatchObject({ code: 'refused' });
    expect((await inProduction('enable_none')).strategies).toHaveLength(1);
  });

  it('trap 2: an undo that pauses the last strategy that counts keeps the environment as it was to be', async () => {
    await flags.create('enable_turns');
    const first = await flags.addStrategy('enable_turns', rollout('30'));
    const other = await flags.addStrategy('enable_turns', rollout('60', { title: 'other', disabled: true }));
    await flags.switch('enable_turns', 'on');
    const flag = await read('enable_turns');
    await flags.patchStrategy('enable_turns', other, [{ op: 'replace', path: '/disabled', value: false }]);
    await flags.patchStrategy('enable_turns', first, [{ op: 'replace', path: '/disabled', value: true }]);
    const moved = await read('enable_turns');
    await write(moved, provider.planRestore(moved, flag));
    const { enabled, strategies } = await inProduction('enable_turns');
    expect(enabled).toBe(true);
    expect(strategies.map(({ id, disabled }) => [id, disabled])).toEqual([
      [first, false],
      [other, true],
    ]);
  });

  it('trap 2b: a rollout is patched alone; constraints, variants, stickiness, group and title stay', async () => {
    await flags.create('enable_one');
    const id = await flags.addStrategy(
      'enable_one',
      rollout('25', {
        title: 'gradual',
        parameters: { rollout: '25', stickiness: 'userId', groupId: 'g9' },
        constraints: [{ contextName: 'userId', operator: 'IN', values: ['user-1'] }],
        variants: [{ name: 'v1', weight: 1000, weightType: 'variable', stickiness: 'userId' }],
        segments: [segment],
      }),
    );
    await flags.switch('enable_one', 'on');
    const before = await inProduction('enable_one');
    const flag = await read('enable_one');
    const plan = provider.planRollout!(flag, 60);
    expect(plan.notes).toHaveLength(1);
    await write(flag, plan);
    const after = await inProduction('enable_one');
    const parameters = { ...before.strategies[0]!.parameters, rollout: '60' };
    expect(after).toEqual({ ...before, strategies: [{ ...before.strategies[0], id, parameters }] });
    expect((await read('enable_one')).state).toEqual(plan.after);
  });

  it('B7: puts back strategies that were deleted, changed and reordered since, and takes away those that were added', async () => {
    const [targeted, paused, second] = (await rich('enable_rich')) as [string, string, string];
    const before = await inProduction('enable_rich');
    const flag = await read('enable_rich');
    const at = `${PROJECT}/features/enable_rich/environments/production/strategies`;
    await server.api('DELETE', `${at}/${targeted}`);
    await flags.patchStrategy('enable_rich', second, [{ op: 'replace', path: '/parameters/rollout', value: '90' }]);
    await flags.addStrategy('enable_rich', { name: 'default', title: 'everyone now', parameters: {} });
    await server.api('POST', `${at}/set-sort-order`, [
      { id: second, sortOrder: 0 },
      { id: paused, sortOrder: 1 },
    ]);
    const changed = await read('enable_rich');
    expect(changed.state.exposure).toBe('everyone');
    const plan = provider.planRestore(changed, flag);
    expect(plan.after).toEqual(flag.state);
    await write(changed, plan);
    const after = await inProduction('enable_rich');
    expect(withoutIds(after.strategies)).toEqual(withoutIds(before.strategies));
    expect((await read('enable_rich')).state).toEqual(flag.state);
  });

  it('B1, B16: a disabling flag is killed by a strategy for everyone, and its undo takes just that away', async () => {
    await flags.create('ops_disable_recs', { type: 'kill-switch' });
    await flags.addStrategy('ops_disable_recs', rollout('5'));
    const before = await flags.read('ops_disable_recs');
    const flag = await read('ops_disable_recs');
    expect(flag.state).toMatchObject({ exposure: 'everyone', percentage: 100, killed: false });
    const plan = provider.planKill(flag);
    await write(flag, plan);
    const killed = await read('ops_disable_recs');
    expect(killed.state).toEqual(plan.after);
    expect(killed.state).toMatchObject({ exposure: 'nobody', killed: true });
    expect(new Set(await evaluate(server, 'ops_disable_recs', USERS))).toEqual(new Set(['on']));
    await write(killed, provider.planRestore(killed, flag));
    expect(await flags.read('ops_disable_recs')).toEqual(before);
  });

  it.each([
    ['150', 'everyone', 100],
    ['abc', 'nobody', 0],
    ['-5', 'nobody', 0],
    ['33', 'some', 33],
  ])('trap 3: the server checks no rollout: %s is read as SDKs serve it', async (share, exposure, percentage) => {
    await flags.create('enable_odd');
    await flags.addStrategy(
      'enable_odd',
      rollout(share, { parameters: { rollout: share, stickiness: 'default', groupId: 'g' } }),
    );
    await flags.switch('enable_odd', 'on');
    expect((await read('enable_odd')).state).toMatchObject({ exposure, percentage });
    const on = (await evaluate(server, 'enable_odd', USERS)).filter((served) => served === 'on').length / 10;
    expect(Math.abs(on - percentage)).toBeLessThan(5);
    const refused = await failure(async () => provider.planRollout!(await read('enable_odd'), 12.5));
    expect(refused).toMatchObject({ code: 'refused' });
  });

  it('trap 5: a strategy that changes between the read and the patch is a conflict by its test, and is kept', async () => {
    await flags.create('enable_race');
    const id = await flags.addStrategy('enable_race', rollout('20'));
    await flags.switch('enable_race', 'on');
    // Between the provider's own read and its patch: a server in between that lets somebody else go first.
    const front = await startFaultProxy(server.url);
    front.meets = 'writes';
    front.fault = async (call) => {
      await flags.patchStrategy('enable_race', id, [{ op: 'replace', path: '/parameters/rollout', value: '77' }]);
      call.pass();
    };
    const slow = connectUnleash({ url: front.url, token: server.adminToken });
    try {
      const flag = await slow.readFlag('enable_race', 'production', never);
      const error = await failure(() => slow.apply(request(flag, slow.planRollout!(flag, 5)), never));
      expect(error).toMatchObject({ code: 'conflict' });
      expect(front.seen.map(({ method }) => method)).toContain('PATCH');
      expect((await inProduction('enable_race')).strategies[0]?.parameters.rollout).toBe('77');
    } finally {
      slow.dispose();
      await front.stop();
    }
  });

  it('trap 7: an archived flag is gone, whoever read it before', async () => {
    await flags.create('enable_old');
    const flag = await read('enable_old');
    await server.api('DELETE', `${PROJECT}/features/enable_old`);
    expect(await failure(() => write(flag, provider.planKill(flag)))).toMatchObject({ code: 'not-found' });
  });

  it('a second project is refused with the right words: its list is just empty, and a flag names its own project', async () => {
    await flags.create('enable_here');
    const other = connectUnleash({ url: server.url, token: server.adminToken, project: 'other' });
    const listed = await failure(() => other.readEnvironment('production', never));
    expect(listed).toMatchObject({ code: 'not-found' });
    expect(listed.message).toContain('No project found');
    expect((await other.probe(never)).ok).toBe(false);
    other.dispose();
    const nowhere = connectUnleash({ url: server.url, token: server.adminToken, environments: { production: 'prod' } });
    const missing = await failure(() => nowhere.readEnvironment('production', never));
    expect(missing.message).toContain('has no environment prod; it has development, production');
    expect((await nowhere.probe(never)).detail).toContain('has no environment prod');
    nowhere.dispose();
  });

  it('E2: errors in other shapes: a token of another kind, none, and one without the right, named', async () => {
    await flags.create('enable_here');
    const wrong = connectUnleash({ url: server.url, token: server.clientToken('production') });
    const kind = await failure(() => wrong.readFlag('enable_here', 'production', never));
    expect(kind).toMatchObject({ code: 'credential' });
    expect(kind.action).toContain('admin token');
    wrong.dispose();
    const viewer = await viewerToken();
    const looks = connectUnleash({ url: server.url, token: viewer });
    const flag = await looks.readFlag('enable_here', 'production', never);
    await flags.switch('enable_here', 'on');
    const on = await looks.readFlag('enable_here', 'production', never);
    expect(flag.state.revision).not.toBe(on.state.revision);
    const error = await failure(() => looks.apply(request(on, looks.planKill(on)), never));
    expect(error).toMatchObject({ code: 'credential' });
    expect(error.message).toContain('UPDATE_FEATURE_ENVIRONMENT');
    expect(await looks.probe(never)).toMatchObject({ ok: false, canRead: true, canWrite: false });
    looks.dispose();
  });

  async function viewerToken(): Promise<string> {
    const login = async (username: string, password: string): Promise<string> => {
      const answer = await fetch(`${server.url}/auth/simple/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ username, password }),
      });
      return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
    };
    const post = async (cookie: string, at: string, body: object): Promise<{ secret?: string }> => {
      const headers = { cookie, 'content-type': 'application/json' };
      const answer = await fetch(`${server.url}${at}`, { method: 'POST', headers, body: JSON.stringify(body) });
      return (await answer.json()) as { secret?: string };
    };
    const user = { username: 'viewer', password: 'Viewer4all!x9', rootRole: 3, sendEmail: false };
    await post(await login('admin', 'unleash4all'), '/api/admin/user-admin', user);
    // On a busy machine Unleash may not know its new session yet when it is first used.
    return waitFor('the viewer has a token', async () => {
      const { secret } = await post(await login(user.username, user.password), '/api/admin/user/tokens', {
        description: `console ${Date.now()}`,
        expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
      });
      return secret;
    });
  }

  it('maintenance mode: the kill fails with the reason, and reading goes on', async () => {
    await flags.create('enable_here');
    await flags.switch('enable_here', 'on');
    await server.api('POST', '/api/admin/maintenance', { enabled: true });
    try {
      const flag = await read('enable_here');
      const error = await failure(() => write(flag, provider.planKill(flag)));
      expect(error.code).toBe('provider');
      expect(`${error.message} ${error.action}`).toContain('maintenance');
      expect((await read('enable_here')).state).toEqual(flag.state);
    } finally {
      await server.api('POST', '/api/admin/maintenance', { enabled: false });
    }
  });

  it('parents and children: what else a kill does is told, and what it cannot do is refused', async () => {
    await flags.create('enable_parent');
    await flags.switch('enable_parent', 'on');
    await flags.create('ops_disable_child');
    await server.api('POST', `${PROJECT}/features/ops_disable_child/dependencies`, { feature: 'enable_parent' });
    const plan = provider.planKill(await read('enable_parent'));
    expect(plan.notes?.join(' ')).toContain('ops_disable_child');
    await flags.switch('ops_disable_child', 'on');
    const child = await read('ops_disable_child');
    expect(child.state.targeting).toContain('only while enable_parent is on');
    expect(await failure(() => provider.planKill(child))).toMatchObject({ code: 'refused' });
  });

  it('B1: type, stale mark, tags, owner, description and last seen are read', async () => {
    await flags.create('enable_seen', { type: 'experiment', description: 'Words' });
    await flags.switch('enable_seen', 'on');
    await server.api('POST', `${PROJECT}/stale`, { features: ['enable_seen'], stale: true });
    await server.api('POST', '/api/admin/features/enable_seen/tags', { type: 'simple', value: 'payments' });
    const now = new Date();
    const metrics = {
      appName: 'shop',
      instanceId: 'shop-1',
      bucket: {
        start: new Date(now.getTime() - 1000).toISOString(),
        stop: now.toISOString(),
        toggles: { enable_seen: { yes: 12, no: 3, variants: {} } },
      },
    };
    const answer = await fetch(`${server.url}/api/client/metrics`, {
      method: 'POST',
      headers: { authorization: server.clientToken('production'), 'content-type': 'application/json' },
      body: JSON.stringify(metrics),
    });
    expect(answer.status).toBe(202);
    const before = await read('enable_seen');
    expect(before).toMatchObject({ type: 'experiment', stale: true, tags: ['payments'], description: 'Words' });
    await expect
      .poll(async () => (await read('enable_seen')).lastSeenAtMs, { timeout: 60_000, interval: 500 })
      .toBeGreaterThan(now.getTime() - 5_000);
    // It is no part of the state: a kill that was previewed before is none to be refused for it.
    expect((await read('enable_seen')).state.revision).toBe(before.state.revision);
  });

  it('two environments are apart, and share their requests', async () => {
    await rich('enable_rich');
    const both = connectUnleash({
      url: server.url,
      token: server.adminToken,
      environments: { production: 'production', staging: 'development' },
    });
    const [production, staging] = await Promise.all(
      ['production', 'staging'].map((environment) => both.readEnvironment(environment, never)),
    );
    expect(production?.flags[0]).toMatchObject({ key: 'enable_rich', providerEnvironment: 'production' });
    expect(staging?.flags[0]).toMatchObject({ environment: 'staging', providerEnvironment: 'development' });
    expect(staging?.flags[0]?.state).toMatchObject({ exposure: 'nobody', killed: true });
    const flag = await both.readFlag('enable_rich', 'production', never);
    await both.apply(request(flag, both.planKill(flag)), never);
    const told = await both.readChanges!('staging', staging?.mark ?? '', never);
    expect(told?.upserts).toEqual([]);
    const changes = await both.readChanges!('production', production?.mark ?? '', never);
    expect(changes?.upserts).toMatchObject([{ key: 'enable_rich', changedBy: 'admin', state: { killed: true } }]);
    both.dispose();
  });

  it('B4: 200 flags go by one bulk write, a conflict and one that is gone told apart, and come back as they were', async () => {
    await seedBySql(server, 200);
    const keys = Array.from({ length: 200 }, (_, index) => `bench_${String(index).padStart(6, '0')}`);
    await provider.readEnvironment('production', never);
    const before = await provider.readFlags!(keys, 'production', never);
    await flags.switch('bench_000003', 'off');
    // Past the event log too: the list alone tells.
    await server.sql("update features set archived_at = now() where name = 'bench_000004'");
    await server.sql("insert into feature_lifecycles(feature, stage) values ('bench_000004', 'archived')");
    const requests = keys.map((key) => request(before.get(key)!, provider.planKill(before.get(key)!)));
    const answers = await provider.applyAll!(requests, never);
    const codes = answers.flatMap((answer, index) =>
      answer === null ? [] : [[keys[index], (answer as ScramError).code]],
    );
    expect(codes).toEqual([
      ['bench_000003', 'conflict'],
      ['bench_000004', 'not-found'],
    ]);
    const after = await provider.readFlags!(keys, 'production', never);
    expect([...after.values()].every(({ state }) => state.killed)).toBe(true);
    const [row] = await server.sql(
      "select count(distinct group_id) as calls from events where type = 'feature-environment-disabled' and feature_name like 'bench_0001%'",
    );
    expect(Number(row?.calls)).toBeLessThanOrEqual(2);
    const back = [...after.values()].map((flag) => request(flag, provider.planRestore(flag, before.get(flag.key)!)));
    expect((await provider.applyAll!(back, never)).filter((answer) => answer !== null)).toEqual([]);
    const restored = await provider.readFlags!(keys, 'production', never);
    for (const [key, flag] of restored) expect(flag.state).toEqual(before.get(key)?.state);
  });
});

describe('Unleash Enterprise', () => {
  it('an environment that demands change requests: told as such, with what to do (answer written down, not recorded: the open-source build has no change requests)', async () => {
    await emptyServer(server);
    await flags.create('enable_here');
    await flags.switch('enable_here', 'on');
    const flag = await read('enable_here');
    const message = `You don't have the required permissions to perform this operation. To perform this action, you need the "SKIP_CHANGE_REQUEST" permission.`;
    const refusal = {
      id: 'x',
      name: 'PermissionError',
      message,
      details: [{ message }],
      permissions: ['SKIP_CHANGE_REQUEST'],
    };
    const front = await startFaultProxy(server.url);
    front.meets = 'writes';
    front.fault = ({ response }) => {
      response.writeHead(403, { 'content-type': 'application/json' }).end(JSON.stringify(refusal));
    };
    const enterprise = connectUnleash({ url: front.url, token: server.adminToken });
    try {
      const error = await failure(() => enterprise.apply(request(flag, enterprise.planKill(flag)), never));
      expect(error).toMatchObject({ code: 'approval-required' });
      expect(error.message).toContain('change request');
      expect(error.action).toContain('put into a change request');
    } finally {
      enterprise.dispose();
      await front.stop();
    }
  });
});

describe('Unleash: what was read a moment ago', () => {
  const KEY = 'enable_checkout';

  it('B2: a switch right after its reading is one request; where the reading is older, or unknown, it reads again', async () => {
    await flags.create(KEY);
    await flags.switch(KEY, 'on');
    const front = await startFaultProxy(server.url);
    const own = connectUnleash({ url: front.url, token: server.adminToken });
    const asked = async (ageMs: number | null): Promise<string[]> => {
      const readAtMs = Date.now();
      const flag = await own.readFlag(KEY, 'production', never);
      const planned = flag.state.killed
        ? own.planRestore(flag, { definition: enabled.definition, state: enabled.state })
        : own.planKill(flag);
      const from = front.seen.length;
      await own.apply(
        {
          key: KEY,
          environment: 'production',
          expectRevision: flag.state.revision,
          write: planned.write,
          comment: '',
          ...(ageMs === null ? {} : { readAtMs: readAtMs - ageMs }),
        },
        never,
      );
      expect((await own.readFlag(KEY, 'production', never)).state.killed).toBe(!flag.state.killed);
      return front.seen.slice(from, -1).map(({ method }) => method);
    };
    const enabled = await own.readFlag(KEY, 'production', never);
    try {
      expect(await asked(0)).toEqual(['POST']);
      expect(await asked(10_000)).toEqual(['GET', 'POST']);
      expect(await asked(null)).toEqual(['GET', 'POST']);
    } finally {
      own.dispose();
      await front.stop();
    }
  });

  it('B2: a change that this console has heard of since is a conflict, however short ago the flag was read', async () => {
    await flags.create(KEY);
    await flags.switch(KEY, 'on');
    const readAtMs = Date.now();
    const flag = await provider.readFlag(KEY, 'production', never);
    const { write } = provider.planKill(flag);
    const request = { key: KEY, environment: 'production', expectRevision: flag.state.revision, write, comment: '' };
    await flags.addStrategy(KEY, rollout('7'));
    await provider.readFlag(KEY, 'production', never);
    await expect(provider.apply({ ...request, readAtMs }, never)).rejects.toMatchObject({ code: 'conflict' });
    expect(environmentOf(await flags.read(KEY)).enabled).toBe(true);
  });
});
