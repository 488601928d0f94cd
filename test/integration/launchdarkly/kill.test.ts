import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FlagProvider, PlannedWrite, ProviderFlag } from '../../../electron/services/flags/provider.ts';
import { never, providerOf, served } from './fixture.ts';
import { type FixtureFlag, newFlag, SHARE_20, standardFlags } from './flags.ts';
import { type LdServer, startLaunchDarkly } from './server.ts';

const USERS = Array.from({ length: 200 }, (_, index) => `user-${index}`);

let server: LdServer;
let provider: FlagProvider;

beforeEach(async () => {
  server = await startLaunchDarkly(standardFlags());
  provider = providerOf(server.url);
});
afterEach(async () => {
  provider.dispose();
  await server.stop();
});

const put = (flag: FixtureFlag) => server.flags.set(flag.key, flag);
const read = (key: string) => provider.readFlag(key, 'production', never);
const config = (key: string) => {
  const { version, lastModified, ...rest } = server.flags.get(key)!.environments.production!;
  return { ...rest, version: version > 0, lastModified: lastModified > 0 };
};
const write = (flag: ProviderFlag, plan: PlannedWrite) =>
  provider.apply(
    { key: flag.key, environment: 'production', expectRevision: flag.state.revision, write: plan.write, comment: 'c' },
    never,
  );

/** Kills and undoes, comparing what is served and what stands at LaunchDarkly. */
async function killAndUndo(key: string, safe: string): Promise<PlannedWrite> {
  const before = structuredClone(config(key));
  const flag = await read(key);
  const plan = provider.planKill(flag);
  await write(flag, plan);
  expect(new Set(served(server, key, USERS))).toEqual(new Set([safe]));
  const killed = await read(key);
  expect(killed.state).toEqual(plan.after);
  expect(killed.state).toMatchObject({ killed: true, exposure: 'nobody', offMeaning: 'off-value', serves: safe });
  await write(killed, provider.planRestore(killed, { definition: flag.definition, state: flag.state }));
  expect(config(key)).toEqual(before);
  expect((await read(key)).state).toEqual(flag.state);
  return plan;
}

describe('B16: what off means at LaunchDarkly', () => {
  it('without an off variation the code decides: a kill sets one, and the undo takes it away again', async () => {
    const flag = newFlag('enable_bare', { fallthrough: SHARE_20 });
    delete flag.environments.production!.offVariation;
    put(flag);
    expect((await read('enable_bare')).state).toMatchObject({ offMeaning: 'code-default', exposure: 'some' });
    const plan = await killAndUndo('enable_bare', 'false');
    expect(plan.notes?.join()).toContain("the code's own default would be served");
    expect(config('enable_bare')).not.toHaveProperty('offVariation');
  });

  it('off with no off variation is shown as left to the code, and not as killed', async () => {
    const flag = newFlag('enable_bare', { on: false });
    delete flag.environments.production!.offVariation;
    put(flag);
    expect((await read('enable_bare')).state).toMatchObject({ exposure: 'code-default', killed: false, serves: null });
    await killAndUndo('enable_bare', 'false');
  });

  it('an off variation that gives the feature is set to the safe one in the same write', async () => {
    put(newFlag('enable_wrong_way', { offVariation: 0 }));
    const plan = await killAndUndo('enable_wrong_way', 'false');
    expect(plan.write).toMatchObject({ set: { on: false, offVariation: 1 } });
    const patches = server.seen.filter(({ method }) => method === 'PATCH');
    expect(patches).toHaveLength(2);
  });

  it('B1: an ops_disable_* flag is killed by serving true as its off variation', async () => {
    const plan = await killAndUndo('ops_disable_dep', 'true');
    expect(plan.notes).toEqual([expect.stringContaining('it was false')]);
  });

  it('beats named users, rules, and prerequisites, says how many, and keeps them', async () => {
    put(
      newFlag('enable_targeted', {
        fallthrough: SHARE_20,
        targets: [{ values: ['user-1', 'user-2'], variation: 0, contextKind: 'user' }],
        rules: [
          {
            _id: 'r1',
            variation: 0,
            clauses: [{ attribute: 'key', op: 'startsWith', values: ['user-1'], negate: false }],
            trackEvents: true,
          },
        ],
        prerequisites: [{ key: 'enable_plain', variation: 0 }],
      }),
    );
    const flag = await read('enable_targeted');
    expect(flag.state).toMatchObject({ exposure: 'some', percentage: 20 });
    expect(flag.state.targeting).toBe(
      'needs enable_plain, else false; 2 named: true; if key startsWith user-1: true; else true 20 %, false 80 %',
    );
    expect(new Set(served(server, 'enable_targeted', USERS))).toEqual(new Set(['true', 'false']));
    const plan = await killAndUndo('enable_targeted', 'false');
    expect(plan.notes).toEqual(['No longer count: 2 named users, 1 rules, 1 prerequisites. They are kept.']);
  });

  it('names the flags that fall with it, since they need it to be on', async () => {
    put(newFlag('enable_child', { prerequisites: [{ key: 'enable_plain', variation: 0 }] }));
    await provider.readEnvironment('production', never);
    const flag = await read('enable_plain');
    const plan = provider.planKill(flag);
    expect(plan.notes?.join()).toContain('enable_child');
    expect(new Set(served(server, 'enable_child', USERS))).toEqual(new Set(['true']));
    await write(flag, plan);
    expect(new Set(served(server, 'enable_child', USERS))).toEqual(new Set(['false']));
  });

  it('a prerequisite that may not be met serves the off variation: that is not everyone', async () => {
    put(newFlag('enable_needy', { prerequisites: [{ key: 'enable_plain', variation: 0 }] }));
    expect((await read('enable_needy')).state).toMatchObject({ exposure: 'some', percentage: null });
  });

  it('a flag whose every way leads to the safe variation is killed already, though it is on', async () => {
    put(newFlag('enable_dark', { fallthrough: { variation: 1 } }));
    expect((await read('enable_dark')).state).toMatchObject({ killed: true, exposure: 'nobody' });
    put(
      newFlag('enable_dark', {
        fallthrough: { variation: 1 },
        targets: [{ values: ['a'], variation: 0, contextKind: 'user' }],
      }),
    );
    expect((await read('enable_dark')).state).toMatchObject({ killed: false, exposure: 'some', percentage: null });
  });
});

describe('B7, B9: shares', () => {
  it('turns the flag on for a first share, keeps what users are told apart by, and leaves rules alone', async () => {
    put(
      newFlag('enable_ramp', {
        on: false,
        fallthrough: { rollout: { ...SHARE_20.rollout!, bucketBy: 'company', seed: 61 } },
        rules: [{ _id: 'r1', variation: 1, clauses: [], trackEvents: false }],
      }),
    );
    const flag = await read('enable_ramp');
    const plan = provider.planRollout!(flag, 2.5);
    await write(flag, plan);
    expect(config('enable_ramp').fallthrough.rollout).toEqual({
      bucketBy: 'company',
      contextKind: 'user',
      seed: 61,
      variations: [
        { variation: 0, weight: 2500 },
        { variation: 1, weight: 97_500 },
      ],
    });
    expect(config('enable_ramp')).toMatchObject({ on: true, rules: [{ _id: 'r1' }] });
    expect(plan.notes).toEqual(['The flag is turned on.', expect.stringContaining('1 rules')]);
  });

  it('raising a share keeps everybody who is in already', async () => {
    const inAt = async (percentage: number) => {
      const flag = await read('enable_rollout');
      await write(flag, provider.planRollout!(flag, percentage));
      const who = served(server, 'enable_rollout', USERS);
      return new Set(USERS.filter((_, index) => who[index] === 'true'));
    };
    const few = await inAt(10);
    const many = await inAt(50);
    expect(few.size).toBeGreaterThan(0);
    for (const user of few) expect(many.has(user)).toBe(true);
  });

  it('refuses a share where an experiment decides, and where it cannot tell which variation is meant', async () => {
    const running = newFlag('enable_tested', { fallthrough: SHARE_20 });
    Object.assign(running.environments.production!.fallthrough.rollout!, {
      experimentAllocation: { canReshuffle: false },
    });
    put(running);
    put(newFlag('enable_three', { fallthrough: { variation: 2 }, on: false }, ['a', 'b', 'off']));
    for (const key of ['enable_tested', 'enable_three']) {
      const flag = await read(key);
      expect(() => provider.planRollout!(flag, 10)).toThrow(expect.objectContaining({ code: 'refused' }));
    }
  });

  it('B7: an undo is refused when the variations are others by now', async () => {
    const flag = await read('enable_plain');
    server.flags.get('enable_plain')!.variations.reverse();
    const now = await read('enable_plain');
    expect(() => provider.planRestore(now, { definition: flag.definition, state: flag.state })).toThrow(
      expect.objectContaining({ code: 'refused' }),
    );
  });
});
