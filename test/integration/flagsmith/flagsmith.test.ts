import { afterEach, describe, expect, it } from 'vitest';
import { flagIn } from '../../../electron/providers/flags/flagsmith/audit.ts';
import { shareOf } from '../../../electron/providers/flags/flagsmith/live.ts';
import type { FlagProvider, PlannedWrite, ProviderFlag } from '../../../electron/services/flags/provider.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { connectFlagsmith, type FixtureOptions, type FlagsmithFixture, flagsmithFixture, never } from './fixture.ts';
import { percentageSplit, traitRules } from './store.ts';

const USERS = Array.from({ length: 1000 }, (_, index) => `user-${index}`);
let stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
  stops = [];
});

/** With `checkout`: on, off for segment beta (users 0 to 49), on for user-7, off for user-900. */
async function start(options: FixtureOptions = {}): Promise<FlagsmithFixture> {
  const fixture = await flagsmithFixture(options);
  stops.push(() => fixture.dispose());
  const { server } = fixture;
  const beta = server.segment('beta', traitRules, (user) => USERS.indexOf(user) < 50);
  server.add('checkout', { enabled: false });
  server.overrideSegment('checkout', beta, { enabled: true });
  server.overrideIdentity('checkout', 'user-7', { enabled: false });
  server.overrideIdentity('checkout', 'user-900', { enabled: true, value: 'vip' });
  return fixture;
}

const read = (provider: FlagProvider, key: string) => provider.readFlag(key, 'production', never);
const write = (provider: FlagProvider, flag: ProviderFlag, plan: PlannedWrite) =>
  provider.apply(
    {
      key: flag.key,
      environment: 'production',
      expectRevision: flag.state.revision,
      write: JSON.parse(JSON.stringify(plan.write)),
      comment: 'SCRAM-1',
    },
    never,
  );
async function kill(provider: FlagProvider, key: string): Promise<PlannedWrite> {
  const flag = await read(provider, key);
  const plan = provider.planKill(flag);
  await write(provider, flag, plan);
  return plan;
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
const writes = ({ server }: FlagsmithFixture) => server.seen.filter((line) => !line.startsWith('GET'));

describe.each([
  ['with direct writes', {}],
  ['with feature versioning', { versioning: true }],
  ['with identities at the edge', { edge: true }],
  ['with both', { versioning: true, edge: true }],
])('Flagsmith %s: overrides', (_, options: FixtureOptions) => {
  it('B16: a kill beats overrides of segments and identities, says so, and its undo puts each back', async () => {
    const fixture = await start(options);
    const { provider, server, evaluate, snapshot } = fixture;
    const before = await snapshot();
    const flag = await read(provider, 'checkout');
    expect(flag.state).toMatchObject({ exposure: 'some', percentage: null, serves: 'off', killed: false });
    expect(flag.state.targeting).toBe('segment beta: on; identity user-7: off; identity user-900: on');
    expect(await evaluate('checkout', ['user-1', 'user-7', 'user-900', 'user-500'])).toEqual([
      'on',
      'off',
      'on',
      'off',
    ]);

    const plan = provider.planKill(flag);
    expect(plan.notes).toEqual([
      'Overrides of segments are switched too: beta (on).',
      'Overrides of identities are switched too: user-900 (on).',
    ]);
    await write(provider, flag, plan);
    expect(new Set(await evaluate('checkout', USERS))).toEqual(new Set(['off']));
    const killed = await read(provider, 'checkout');
    expect(killed.state).toEqual(plan.after);
    expect(killed.state).toMatchObject({ killed: true, exposure: 'nobody' });
    // What already was as it is to be is not written.
    expect(writes(fixture)).toHaveLength(2);
    expect(server.versions).toHaveLength(options.versioning ? 1 : 0);

    const undo = provider.planRestore(killed, { definition: flag.definition, state: flag.state });
    expect(undo.notes).toEqual([]);
    await write(provider, killed, undo);
    expect(await snapshot()).toBe(before);
    expect((await read(provider, 'checkout')).state).toEqual(flag.state);
  });

  it('B1: a kill of an ops_disable_* flag switches on what is off anywhere', async () => {
    const { provider, server, evaluate } = await start(options);
    const odd = server.segment('odd', traitRules, (user) => USERS.indexOf(user) % 2 === 1);
    server.add('ops_disable_search', { enabled: true });
    server.overrideSegment('ops_disable_search', odd, { enabled: false });
    server.overrideIdentity('ops_disable_search', 'user-2', { enabled: false });
    await kill(provider, 'ops_disable_search');
    expect(new Set(await evaluate('ops_disable_search', USERS))).toEqual(new Set(['on']));
  });

  it('B16, B7: a multivariate flag is killed to its safe value, with and without shares, and restored exactly', async () => {
    const { provider, server, evaluate, snapshot } = await start({ ...options, safeDefaults: { banner: 'plain' } });
    const all = server.segment('all', traitRules, (user) => USERS.indexOf(user) < 100);
    server.add('banner', {
      type: 'MULTIVARIATE',
      enabled: true,
      value: 'plain',
      initial_value: 'plain',
      options: [
        { id: 601, value: 'red' },
        { id: 602, value: 'blue' },
      ],
      shares: [
        [601, 30],
        [602, 10],
      ],
    });
    const only = await read(provider, 'banner');
    expect(only.state).toMatchObject({ exposure: 'some', percentage: 40, serves: 'plain' });
    expect(only.variants.map(({ name }) => name)).toEqual(['plain', 'red', 'blue']);
    server.overrideSegment('banner', all, { enabled: true, value: 'gold' });
    server.overrideIdentity('banner', 'user-800', { enabled: true, value: 'plain', shares: [[602, 100]] });
    const before = await snapshot();
    const flag = await read(provider, 'banner');
    expect(new Set(await evaluate('banner', USERS))).toEqual(new Set(['plain', 'red', 'blue', 'gold']));
    const plan = provider.planKill(flag);
    await write(provider, flag, plan);
    expect(new Set(await evaluate('banner', USERS))).toEqual(new Set(['plain']));
    const killed = await read(provider, 'banner');
    expect(killed.state).toEqual(plan.after);
    expect(killed.state).toMatchObject({ killed: true, exposure: 'nobody', serves: 'plain', offMeaning: 'off-value' });
    await write(provider, killed, provider.planRestore(killed, flag));
    expect(await snapshot()).toBe(before);
  });

  it('D6: the audit log names the flag, the environment and who did it', async () => {
    const { provider, changeElsewhere } = await start(options);
    const sinceMs = Date.now() - 1000;
    await changeElsewhere('enable_plain');
    await kill(provider, 'checkout');
    const events = (await provider.audit?.(sinceMs, never)) ?? [];
    expect(events.findLast(({ by, key }) => by !== null && key === 'enable_plain')).toMatchObject({
      environment: 'production',
      by: 'kim@shop.example',
      summary: 'Flag state updated for feature: enable_plain',
    });
    expect(events.filter(({ key }) => key === 'checkout').length).toBeGreaterThanOrEqual(3);
  });
});

describe('Flagsmith: what its flags serve', () => {
  it('B16: a disabled multivariate flag leaves services to their code; a kill enables it with the safe value', async () => {
    const { provider, server, evaluate } = await start({ safeDefaults: { layout: 'narrow' } });
    server.own('layout').enabled = false;
    const flag = await read(provider, 'layout');
    expect(flag.state).toMatchObject({ exposure: 'code-default', offMeaning: 'code-default', serves: null });
    expect(await evaluate('layout', ['user-1'])).toEqual([null]);
    await kill(provider, 'layout');
    expect(new Set(await evaluate('layout', USERS))).toEqual(new Set(['narrow']));
    // The first value is not forgotten: it can be served again.
    expect((await read(provider, 'layout')).variants.map(({ name }) => name).sort()).toEqual(['narrow', 'wide']);
  });

  it('B16: a kill says that the value of a flag stays for those who ask for nothing else', async () => {
    const { provider, server } = await start();
    server.add('enable_url', { enabled: true, value: 'https://new.example' });
    const plan = provider.planKill(await read(provider, 'enable_url'));
    expect(plan.notes).toEqual([expect.stringContaining('https://new.example')]);
  });

  it('B1: the share of a flag that is on but for a segment is the rest', async () => {
    const { provider, server } = await start();
    const tenth = server.segment('tenth', percentageSplit(10), () => false);
    server.add('enable_most', { enabled: true });
    server.overrideSegment('enable_most', tenth, { enabled: false });
    expect((await read(provider, 'enable_most')).state).toMatchObject({
      exposure: 'some',
      percentage: 90,
      targeting: 'segment tenth (10 %): off',
    });
  });

  it.each([
    ['a split alone', percentageSplit(12.5), 12.5],
    [
      'a split at the top',
      [{ type: 'ALL', conditions: [{ operator: 'PERCENTAGE_SPLIT', value: '30' }], rules: [] }],
      30,
    ],
    ['a trait', traitRules, null],
    ['none of a split', [{ type: 'NONE', conditions: [{ operator: 'PERCENTAGE_SPLIT', value: '30' }] }], null],
    ['two rules', [...percentageSplit(10), ...traitRules], null],
    ['no rules', [], null],
  ])('B1: a segment of %s has its share told, or none', (_, rules, share) => {
    expect(shareOf(rules)).toBe(share);
  });

  it('B7: overrides that came or went since are kept as they are, and told', async () => {
    const { provider, server, evaluate } = await start();
    const flag = await read(provider, 'checkout');
    await kill(provider, 'checkout');
    const late = server.segment('late', traitRules, (user) => user === 'user-600');
    server.change('checkout', () => server.overrideSegment('checkout', late, { enabled: false }));
    const killed = await read(provider, 'checkout');
    const undo = provider.planRestore(killed, flag);
    expect(undo.notes).toEqual(['Overrides made since are kept: segment late.']);
    await write(provider, killed, undo);
    expect((await read(provider, 'checkout')).state).toEqual(undo.after);
    expect(await evaluate('checkout', ['user-1', 'user-600', 'user-900'])).toEqual(['on', 'off', 'on']);
    const without = structuredClone(flag);
    const kept = provider.planRestore(
      { ...without, definition: { ...(without.definition as object), identities: [] } },
      flag,
    );
    expect(kept.notes?.[0]).toContain('not made again: identity user-7, identity user-900');
  });
});

describe('Flagsmith: writes', () => {
  it('a plain switch is the documented PATCH of `enabled` alone', async () => {
    const fixture = await start();
    await kill(fixture.provider, 'enable_plain');
    expect(writes(fixture)).toEqual([
      `PATCH /api/v1/environments/prod-key/featurestates/${fixture.server.own('enable_plain').id}/ 200`,
    ]);
    expect(fixture.server.calls.at(-1)?.json).toEqual({ enabled: false });
  });

  it.each([
    ['the environment settings demand it', null],
    ['the server alone says so', 403],
  ])('a change request that is demanded is an approval: %s', async (_, status) => {
    const fixture = await start();
    const { provider, server, snapshot } = fixture;
    const flag = await read(provider, 'checkout');
    const before = await snapshot();
    if (status === null) server.settings.minimum_change_request_approvals = 2;
    else {
      const body = { detail: 'This environment requires change requests.' };
      server.intercept = ({ method }) => (method === 'GET' ? undefined : { status, body });
    }
    const error = await failure(() => write(provider, flag, provider.planKill(flag)));
    expect(error.code).toBe('approval-required');
    if (status === null) {
      expect(error.message).toContain('Production takes changes by change request only, with 2 approvals');
      expect(writes(fixture)).toEqual([]);
      expect(await provider.probe(never)).toMatchObject({ ok: false, canRead: true, canWrite: false });
    }
    expect(await snapshot()).toBe(before);
  });

  it.each([
    ['MANAGE_SEGMENT_OVERRIDES', {}],
    ['UPDATE_FEATURE_STATE', {}],
    ['UPDATE_FEATURE_STATE', { versioning: true, edge: true }],
  ])('a missing permission %s is named, and nothing stays half written', async (permission, options) => {
    const { provider, server, snapshot } = await start(options);
    const flag = await read(provider, 'checkout');
    const before = await snapshot();
    server.denied.add(permission);
    const error = await failure(() => write(provider, flag, provider.planKill(flag)));
    expect(error.code).toBe('credential');
    expect(error.message).toContain(permission);
    expect(await snapshot()).toBe(before);
  });

  it('says how many overrides could not be put back', async () => {
    const { provider, server } = await start();
    const flag = await read(provider, 'checkout');
    let identities = 0;
    server.intercept = ({ method, path }) => {
      if (method === 'PATCH') return { status: 500, body: { detail: 'A server error occurred.' } };
      if (method !== 'PUT' || !path.includes('/identities/')) return undefined;
      identities += 1;
      return identities > 1 ? { status: 500 } : undefined;
    };
    const error = await failure(() => write(provider, flag, provider.planKill(flag)));
    expect(error.code).toBe('provider');
    expect(error.message).toContain('1 of the 1 overrides that were written before it could not be put back');
  });

  it.each([403, 429])('does not pass for a write that did nothing when half of it stays: %i', async (status) => {
    const { provider, server } = await start();
    const flag = await read(provider, 'checkout');
    let identities = 0;
    server.intercept = ({ method, path }) => {
      if (method === 'PATCH') return { status, body: { detail: 'No.' } };
      if (method !== 'PUT' || !path.includes('/identities/')) return undefined;
      identities += 1;
      return identities > 1 ? { status } : undefined;
    };
    const error = await failure(() => write(provider, flag, provider.planKill(flag)));
    expect(error).toMatchObject({ code: 'provider', retryAfterMs: null });
    expect(error.message).toContain('could not be put back');
  });

  it('B16: goes on to its end when its caller gives up half-way, and is not read before', async () => {
    const { provider, server, evaluate } = await start();
    const flag = await read(provider, 'checkout');
    const { write: planned } = provider.planKill(flag);
    const caller = new AbortController();
    const sent = Promise.withResolvers<void>();
    server.intercept = ({ method }) => {
      if (method === 'GET') return undefined;
      caller.abort();
      sent.resolve();
      return undefined;
    };
    const request = { key: 'checkout', environment: 'production', expectRevision: flag.state.revision, comment: 'c' };
    const applied = provider.apply({ ...request, write: JSON.parse(JSON.stringify(planned)) }, caller.signal);
    applied.catch(() => undefined);
    await sent.promise;
    expect((await read(provider, 'checkout')).state.killed).toBe(true);
    await applied;
    expect(new Set(await evaluate('checkout', USERS))).toEqual(new Set(['off']));
  });

  it('a version that is made but not published is no success', async () => {
    const { provider, server } = await start({ versioning: true });
    server.publishes = false;
    const flag = await read(provider, 'enable_plain');
    const error = await failure(() => write(provider, flag, provider.planKill(flag)));
    expect(error.code).toBe('provider');
    expect(error.message).toContain('is not live');
  });

  it('an environment that got feature versioning meanwhile is written by a version', async () => {
    const fixture = await start();
    const flag = await read(fixture.provider, 'enable_plain');
    fixture.server.settings.use_v2_feature_versioning = true;
    await write(fixture.provider, flag, fixture.provider.planKill(flag));
    expect(fixture.server.versions).toHaveLength(1);
    expect(fixture.server.own('enable_plain').enabled).toBe(false);
  });

  it('429 tells when to come back', async () => {
    const { provider, server } = await start();
    server.intercept = () => ({
      status: 429,
      body: { detail: 'Request was throttled. Expected available in 12 seconds.' },
      headers: { 'retry-after': '12' },
    });
    expect(await failure(() => read(provider, 'checkout'))).toMatchObject({
      code: 'rate-limited',
      retryAfterMs: 12_000,
    });
  });
});

describe('Flagsmith: reading', () => {
  it('H4: an idle refresh asks the audit log for its newest entry alone, and believes it for a minute', async () => {
    const { server, changeElsewhere } = await start();
    let aheadMs = 0;
    const provider = connectFlagsmith(server, { url: `${server.url}/api/v1`, aheadMs: () => aheadMs });
    stops.push(() => provider.dispose());
    const { mark } = await provider.readEnvironment('production', never);
    const asked = server.seen.length;
    const changes = () => provider.readChanges?.('production', mark ?? '', never);
    expect(await changes()).toMatchObject({ mark, upserts: [], removals: [] });
    expect(server.seen.slice(asked)).toEqual(['GET /api/v1/projects/7/audit/ 200']);
    aheadMs = 61_000;
    expect(await changes()).toBeNull();
    aheadMs = 0;
    await changeElsewhere('enable_plain');
    expect(await changes()).toBeNull();
  });

  it('without permission for the audit log there is no mark, and no events', async () => {
    const { provider, server } = await start();
    server.denied.add('VIEW_AUDIT_LOG');
    expect((await provider.readEnvironment('production', never)).mark).toBeNull();
    const error = await failure(() => provider.audit?.(0, never));
    expect(error).toMatchObject({ code: 'credential', action: expect.stringContaining('VIEW_AUDIT_LOG') });
  });

  it('H4: follows pages by their number, whatever host Flagsmith names, and asks little more for overrides', async () => {
    const { provider, server, seedMany } = await start();
    await seedMany?.(450);
    const asked = server.seen.length;
    expect((await provider.readEnvironment('production', never)).flags).toHaveLength(455);
    // Five pages of features and of states each; audit, settings, project, identities, segments; two flags' segments.
    expect(server.seen.slice(asked)).toHaveLength(5 + 5 + 5 + 2);
  });

  it('B4: many flags are read by the lists, few by themselves', async () => {
    const { provider, server, seedMany } = await start();
    const keys = (await seedMany?.(40)) ?? [];
    await read(provider, 'checkout');
    let asked = server.seen.length;
    const found = await provider.readFlags?.([...keys, 'checkout', 'gone'], 'production', never);
    expect(found?.size).toBe(41);
    expect(found?.get('checkout')).toEqual(await read(provider, 'checkout'));
    asked = server.seen.length;
    await read(provider, keys[0] ?? '');
    expect(server.seen.slice(asked)).toHaveLength(3);
  });

  it('a list that is shorter than its count is never taken for whole', async () => {
    const { provider, server, seedMany } = await start();
    await seedMany?.(150);
    let lies = 0;
    server.intercept = ({ path, query }) => {
      if (!path.endsWith('/7/features/') || query.get('page') !== '2') return undefined;
      lies += 1;
      return { status: 200, body: { count: 155, next: null, previous: null, results: [] } };
    };
    const error = await failure(() => provider.readEnvironment('production', never));
    expect(error).toMatchObject({ code: 'provider', retryable: true });
    expect(lies).toBe(2);
  });

  it('a feature that was removed and made again under its name is read anew', async () => {
    const { provider, server } = await start();
    await read(provider, 'enable_plain');
    server.remove('enable_plain');
    server.add('enable_plain', { enabled: false });
    expect((await read(provider, 'enable_plain')).state.exposure).toBe('nobody');
  });

  it('E2: sends the key as Api-Key, and a credential with its own word as it is', async () => {
    const { server } = await start();
    const provider = connectFlagsmith(server, { url: `${server.url}/api/v1`, secret: 'Token user-token-77' });
    stops.push(() => provider.dispose());
    const error = await failure(() => read(provider, 'checkout'));
    expect(error.code).toBe('credential');
    expect(error.message).not.toContain('user-token-77');
    expect(server.calls.at(-1)?.headers.authorization).toBe('Token user-token-77');
  });

  it('E1: the probe names an environment that is not there', async () => {
    const { server } = await start();
    const environments = { production: 'Production', test: 'Tset' };
    const provider = connectFlagsmith(server, { url: `${server.url}/api/v1`, environments });
    stops.push(() => provider.dispose());
    const report = await provider.probe(never);
    expect(report).toMatchObject({ ok: false, canRead: false, canWrite: null });
    expect(report.detail).toContain('there is no environment Tset, only Production, Staging');
    expect((await failure(() => provider.readEnvironment('test', never))).code).toBe('not-found');
  });
});

describe('Flagsmith: lines of the audit log (docs.flagsmith.com, audit logs)', () => {
  it.each([
    ['FEATURE', 'New Flag / Remote Config created: new_banner', 'new_banner'],
    ['FEATURE', 'Flag / Remote Config Deleted: new_banner', 'new_banner'],
    ['FEATURE', "Segment overrides re-ordered for feature 'new_banner'.", 'new_banner'],
    ['FEATURE_STATE', 'Flag state updated for feature: new_banner', 'new_banner'],
    [
      'FEATURE_STATE',
      'Flag state / Remote config updated for feature: new_banner by Change Request: off: by me',
      'new_banner',
    ],
    [
      'FEATURE_STATE',
      "Flag state / Remote config value deleted for feature 'new_banner' and segment 'a'",
      'new_banner',
    ],
    [
      'FEATURE_STATE',
      "Remote config value updated for identity override on feature 'new_banner' and identity 'x'.",
      'new_banner',
    ],
    ['EF_VERSION', 'New version published for feature: new_banner', 'new_banner'],
    ['EDGE_IDENTITY', "Feature override created for feature 'new_banner' and identity 'feature: x'", 'new_banner'],
    ['SEGMENT', 'Segment updated: new_banner', null],
    ['ENVIRONMENT', 'Environment updated: Production', null],
    ['CHANGE_REQUEST', 'Change Request: for feature: x created', null],
  ])('%s: %s', (related_object_type, log, key) => {
    expect(flagIn({ log, related_object_type })).toBe(key);
  });
});
