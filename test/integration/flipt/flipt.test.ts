import { afterEach, describe, expect, it } from 'vitest';
import type { FlagProvider, PlannedWrite, ProviderFlag } from '../../../electron/services/flags/provider.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { connectFlipt, type FliptFixture, fliptFixture, never } from './fixture.ts';
import { type FliptPayload, payload, segment, threshold } from './server.ts';

const USERS = Array.from({ length: 1000 }, (_, index) => `user-${index}`);
let stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
  stops = [];
});

async function start(...flags: FliptPayload[]): Promise<FliptFixture> {
  const fixture = await fliptFixture({ safeDefaults: { tiers: 'basic' } });
  stops.push(() => fixture.dispose());
  for (const flag of flags) fixture.server.flags.set(flag.key, flag);
  fixture.server.segments.set('beta', new Set(USERS.slice(0, 50)));
  fixture.server.segments.set('staff', new Set(USERS.slice(25, 75)));
  return fixture;
}

const read = (provider: FlagProvider, key: string) => provider.readFlag(key, 'production', never);
const write = (provider: FlagProvider, flag: ProviderFlag, plan: PlannedWrite) =>
  provider.apply(
    {
      key: flag.key,
      environment: 'production',
      expectRevision: flag.state.revision,
      write: plan.write,
      comment: 'SCRAM-1',
    },
    never,
  );
async function failure(run: () => unknown): Promise<ScramError> {
  try {
    await run();
  } catch (error) {
    if (error instanceof ScramError) return error;
    throw error;
  }
  throw new Error('expected a ScramError');
}

const variant = (key: string) => ({ key, name: key, description: '' });
const TIERS = payload('tiers', {
  type: 'VARIANT_FLAG_TYPE',
  enabled: true,
  variants: [variant('basic'), variant('plus')],
  rules: [
    {
      segmentOperator: 'OR_SEGMENT_OPERATOR',
      segments: ['beta'],
      distributions: [{ variant: 'plus', rollout: 60 }],
    },
  ],
  defaultVariant: 'basic',
});

describe('Flipt v2: what its flags serve', () => {
  it('B16: rollouts decide before `enabled`, so a kill takes them out, and its undo puts each back', async () => {
    const { provider, server, evaluate } = await start(
      payload('enable_odd', {
        rollouts: [segment(['beta', 'staff'], true, 'AND_SEGMENT_OPERATOR'), threshold(10, true)],
      }),
    );
    const before = structuredClone(server.flags.get('enable_odd'));
    const flag = await read(provider, 'enable_odd');
    expect(before?.enabled).toBe(false);
    expect(new Set(await evaluate('enable_odd', USERS))).toEqual(new Set(['true', 'false']));
    expect(flag.state).toMatchObject({
      exposure: 'some',
      percentage: 10,
      serves: 'false',
      targeting: 'segment beta and staff: true; 10 %: true',
      killed: false,
    });
    const plan = provider.planKill(flag);
    expect(plan.notes).toEqual([expect.stringContaining('2 rollouts are taken out')]);
    await write(provider, flag, plan);
    expect(new Set(await evaluate('enable_odd', USERS))).toEqual(new Set(['false']));
    const killed = await read(provider, 'enable_odd');
    expect(killed.state).toMatchObject({ exposure: 'nobody', killed: true, targeting: null });
    await write(provider, killed, provider.planRestore(killed, flag));
    expect(server.flags.get('enable_odd')).toEqual(before);
  });

  it('B1: a kill of an ops_disable_* flag serves true to everyone, past rollouts that serve false', async () => {
    const { provider, evaluate } = await start(
      payload('ops_disable_odd', { enabled: false, rollouts: [segment(['beta'], false), threshold(40, true)] }),
    );
    const flag = await read(provider, 'ops_disable_odd');
    expect(flag.state).toMatchObject({ exposure: 'some', percentage: 60 });
    await write(provider, flag, provider.planKill(flag));
    expect(new Set(await evaluate('ops_disable_odd', USERS))).toEqual(new Set(['true']));
  });

  it.each([
    ['a threshold takes users below it', [threshold(20, true)], false, 'some', 20],
    ['part of a percent is a whole one', [threshold(12.2, true)], false, 'some', 13],
    ['a later threshold takes the users that are left', [threshold(20, false), threshold(50, true)], false, 'some', 30],
    ['a smaller one after a larger takes none', [threshold(50, true), threshold(20, false)], false, 'some', 50],
    ['a threshold of 100 hides what follows', [threshold(100, false), segment(['beta'], true)], true, 'nobody', 0],
    ['rules that all say the same are everyone', [segment(['beta'], true), threshold(5, true)], true, 'everyone', 100],
    ['segments alone tell no share', [segment(['beta'], true)], false, 'some', null],
  ])('B1: %s', async (_, rollouts, enabled, exposure, percentage) => {
    const { provider, evaluate } = await start(payload('enable_odd', { enabled, rollouts }));
    const { state } = await read(provider, 'enable_odd');
    expect(state).toMatchObject({ exposure, percentage });
    expect(state.killed).toBe(exposure === 'nobody');
    const on = (await evaluate('enable_odd', USERS)).filter((served) => served === 'true').length / 10;
    if (exposure === 'nobody') expect(on).toBe(0);
    else if (exposure === 'everyone') expect(on).toBe(100);
    else if (percentage !== null) expect(Math.abs(on - percentage)).toBeLessThan(5);
  });

  it('B16: a disabled variant flag leaves services to their code; a kill enables it with the safe variant', async () => {
    const { provider, server, evaluate } = await start({ ...TIERS, enabled: false });
    const flag = await read(provider, 'tiers');
    expect(flag.state).toMatchObject({
      exposure: 'code-default',
      offMeaning: 'code-default',
      serves: null,
      killed: false,
    });
    expect(await evaluate('tiers', ['user-1'])).toEqual([null]);
    const plan = provider.planKill(flag);
    expect(plan.notes?.join(' ')).toContain('disabled');
    await write(provider, flag, plan);
    expect(new Set(await evaluate('tiers', USERS))).toEqual(new Set(['basic']));
    const killed = await read(provider, 'tiers');
    expect(killed.state).toMatchObject({ exposure: 'nobody', offMeaning: 'off-value', serves: 'basic', killed: true });
    await write(provider, killed, provider.planRestore(killed, flag));
    expect(server.flags.get('tiers')).toEqual({ ...TIERS, enabled: false });
  });

  it('B16: a kill of a variant flag beats its rules', async () => {
    const { provider, server, evaluate } = await start(TIERS);
    const flag = await read(provider, 'tiers');
    expect(flag.state).toMatchObject({ exposure: 'some', percentage: null, serves: 'basic' });
    expect(flag.state.targeting).toBe('segment beta: plus 60 %');
    expect(new Set(await evaluate('tiers', USERS))).toEqual(new Set(['basic', 'plus']));
    const plan = provider.planKill(flag);
    expect(plan.notes).toEqual([
      '1 rule is taken out (segment beta: plus 60 %).',
      expect.stringContaining('without a match'),
    ]);
    await write(provider, flag, plan);
    expect(new Set(await evaluate('tiers', USERS))).toEqual(new Set(['basic']));
    expect(server.flags.get('tiers')).toEqual({ ...TIERS, rules: [] });
  });

  it('B1: without a default variant those whom no rule matches are left to the code', async () => {
    const { defaultVariant: _, ...tiers } = TIERS;
    const { provider } = await start(tiers);
    expect((await read(provider, 'tiers')).state).toMatchObject({ exposure: 'unknown', offMeaning: 'code-default' });
  });

  it('B7: a share of users keeps the segments that decide before it', async () => {
    const { provider, server } = await start(
      payload('enable_odd', { rollouts: [threshold(5, false), segment(['beta'], true), threshold(50, true)] }),
    );
    const flag = await read(provider, 'enable_odd');
    const plan = provider.planRollout?.(flag, 25) as PlannedWrite;
    expect(plan.notes).toEqual(['Rollouts by segment still decide before the share: segment beta: true.']);
    await write(provider, flag, plan);
    expect(server.flags.get('enable_odd')?.rollouts).toEqual([segment(['beta'], true), threshold(25, true)]);
    expect((await read(provider, 'enable_odd')).state).toEqual(plan.after);
    expect((await failure(() => provider.planRollout?.(flag, 12.5))).message).toContain('whole percents');
  });

  it('reads the same flag the same, with its default fields or without (protojson)', async () => {
    const { provider, server } = await start();
    const whole = await read(provider, 'enable_plain');
    server.flags.set('enable_plain', {
      '@type': 'flipt.core.Flag',
      key: 'enable_plain',
      name: 'enable_plain',
      type: 'BOOLEAN_FLAG_TYPE',
      enabled: true,
    } as unknown as FliptPayload);
    expect(await read(provider, 'enable_plain')).toEqual(whole);
  });
});

describe('Flipt v2: revisions', () => {
  it('B2: another flag that was committed in between is no conflict, and is kept', async () => {
    const { provider, server } = await start();
    const flag = await read(provider, 'enable_rollout');
    let commits = 0;
    server.intercept = ({ method }) => {
      if (method === 'PUT' && commits < 2) {
        commits += 1;
        server.commit(() => server.flags.set(`other_${commits}`, payload(`other_${commits}`)));
      }
      return undefined;
    };
    await write(provider, flag, provider.planKill(flag));
    expect(server.seen.filter((line) => line.startsWith('PUT')).map((line) => line.slice(-3))).toEqual([
      '409',
      '409',
      '200',
    ]);
    expect(server.flags.get('other_2')).toBeDefined();
    expect((await read(provider, 'enable_rollout')).state.killed).toBe(true);
  });

  it('B2: the flag itself that was committed in between is a conflict, and stays as it was made', async () => {
    const { provider, server, changeElsewhere, snapshot } = await start();
    const flag = await read(provider, 'enable_rollout');
    let after = '';
    server.intercept = async ({ method }) => {
      if (method === 'PUT' && after === '') {
        await changeElsewhere('enable_rollout');
        after = await snapshot();
      }
      return undefined;
    };
    expect((await failure(() => write(provider, flag, provider.planKill(flag)))).code).toBe('conflict');
    expect(await snapshot()).toBe(after);
  });

  it('B2: gives up when others commit without end', async () => {
    const { provider, server, snapshot } = await start();
    const flag = await read(provider, 'enable_rollout');
    const before = await snapshot();
    server.intercept = ({ method }) => {
      if (method === 'PUT') server.commit();
      return undefined;
    };
    const error = await failure(() => write(provider, flag, provider.planKill(flag)));
    expect(error.code).toBe('conflict');
    expect(error.message).toContain('expected head revision');
    expect(server.seen.filter((line) => line.startsWith('PUT'))).toHaveLength(4);
    expect(await snapshot()).toBe(before);
  });

  it('H4: an idle refresh is one small request, whatever the number of flags', async () => {
    const { provider, server, seedMany } = await start();
    await seedMany?.(2000);
    const { mark } = await provider.readEnvironment('production', never);
    const asked = server.seen.length;
    const changes = await provider.readChanges?.('production', mark ?? '', never);
    expect(changes).toMatchObject({ mark, upserts: [], removals: [] });
    expect(server.seen.slice(asked)).toEqual(['GET /api/v2/environments/prod/namespaces/shop 200']);
    server.commit();
    expect(await provider.readChanges?.('production', mark ?? '', never)).toBeNull();
  });

  it('B4: many flags are read by one request', async () => {
    const { provider, server, seedMany } = await start();
    const keys = (await seedMany?.(50)) ?? [];
    const asked = server.seen.length;
    expect((await provider.readFlags?.([...keys, 'gone'], 'production', never))?.size).toBe(50);
    expect(server.seen.length - asked).toBe(1);
  });
});

describe('Flipt v2: refusals', () => {
  it.each([
    [403, { code: 7, message: 'permission denied', details: [] }, 'credential', 'permission denied'],
    [400, { code: 3, message: 'invalid value', details: [] }, 'provider', 'invalid value'],
    [500, { code: 13, message: 'pushing: non-fast-forward update', details: [] }, 'provider', 'non-fast-forward'],
  ])('a write that answers %i says why', async (status, body, code, words) => {
    const { provider, server } = await start();
    const flag = await read(provider, 'enable_rollout');
    server.intercept = ({ method }) => (method === 'PUT' ? { status, body } : undefined);
    const error = await failure(() => write(provider, flag, provider.planKill(flag)));
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
  });

  it('an environment that Flipt only reads is refused, with what to do', async () => {
    const { provider, server } = await start();
    server.readOnly = true;
    const flag = await read(provider, 'enable_rollout');
    const error = await failure(() => write(provider, flag, provider.planKill(flag)));
    expect(error).toMatchObject({ code: 'refused', action: expect.stringContaining('takes its flags from') });
  });

  it('E1: the probe names an environment that is not there, and a credential that is not accepted', async () => {
    const { server } = await start();
    const wrong = connectFlipt(server, { url: server.url, environments: { production: 'prod', test: 'tset' } });
    stops.push(() => wrong.dispose());
    const report = await wrong.probe(never);
    expect(report).toMatchObject({ ok: false, canRead: false, canWrite: null });
    expect(report.fields.map(({ problem }) => problem)).toEqual([
      null,
      'there is no environment tset, only prod, staging',
    ]);
    server.intercept = () => ({
      status: 401,
      body: { code: 16, message: 'request was not authenticated', details: [] },
    });
    expect(await wrong.probe(never)).toMatchObject({ ok: false, detail: expect.stringContaining('not authenticated') });
    server.intercept = null;
    const error = await failure(() => wrong.readEnvironment('test', never));
    expect(error).toMatchObject({ code: 'not-found', action: expect.stringContaining('environments') });
  });
});
