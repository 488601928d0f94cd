import { expect, it } from 'vitest';
import { USERS, COMMENT, never, kept, failure, holdsLayout, type Tools } from './tools.ts';

/** Kills, their undo, and what keeps them from being written. */
export function killingTests({ using, read, requestOf, write }: Tools): void {
  it('refuses to plan a kill when no safe value is known, and names the setting', () =>
    using(async (fixture) => {
      if (!holdsLayout(fixture)) return;
      const flag = await read(fixture, 'layout');
      const error = await failure(() => fixture.provider.planKill(flag));
      expect(error.code).toBe('refused');
      expect(error.action).toContain('flags[].safeDefault');
    }));

  it('B2, B16: a kill beats the rules: the off value is served to each of 1,000 users', () =>
    using(async (fixture) => {
      const served = new Set(await fixture.evaluate('enable_rollout', USERS));
      expect(served.size).toBe(fixture.holds === 'switch' ? 1 : 2);
      const flag = await read(fixture, 'enable_rollout');
      const plan = fixture.provider.planKill(flag);
      await write(fixture, flag, plan);
      const after = await read(fixture, 'enable_rollout');
      expect(after.state).toEqual(plan.after);
      expect(after.definition).toEqual(plan.definitionAfter);
      expect(after.state).toMatchObject({ killed: true, exposure: 'nobody', percentage: 0, offMeaning: 'off-value' });
      expect(new Set(await fixture.evaluate('enable_rollout', USERS))).toEqual(new Set([flag.safeDefault]));
    }));

  it('B1: an ops_disable_* flag is killed by switching it on', () =>
    using(async (fixture) => {
      const flag = await read(fixture, 'ops_disable_dep');
      const plan = fixture.provider.planKill(flag);
      await write(fixture, flag, plan);
      const [served] = await fixture.evaluate('ops_disable_dep', ['user-1']);
      expect(flag.variants.find((variant) => variant.name === served)?.value).toBe(true);
      expect((await read(fixture, 'ops_disable_dep')).state).toMatchObject({ exposure: 'nobody', killed: true });
    }));

  it('B7: an undo puts back the exact earlier state', () =>
    using(async (fixture) => {
      const before = await fixture.snapshot();
      const flag = await read(fixture, 'enable_rollout');
      await write(fixture, flag, fixture.provider.planKill(flag));
      const killed = await read(fixture, 'enable_rollout');
      const earlier = { definition: kept(flag.definition), state: flag.state };
      const plan = fixture.provider.planRestore(killed, earlier);
      expect(plan.after).toEqual(flag.state);
      await write(fixture, killed, plan);
      const restored = await read(fixture, 'enable_rollout');
      expect(restored.state).toEqual(flag.state);
      expect(restored.definition).toEqual(plan.definitionAfter);
      if (fixture.provider.capabilities.restoreExact) expect(await fixture.snapshot()).toBe(before);
    }));

  it('B2: a flag that moved since it was read is a conflict, and nothing is written', () =>
    using(async (fixture) => {
      const flag = await read(fixture, 'enable_rollout');
      const plan = fixture.provider.planKill(flag);
      await fixture.changeElsewhere('enable_rollout');
      const before = await fixture.snapshot();
      expect((await failure(() => write(fixture, flag, plan))).code).toBe('conflict');
      expect(await fixture.snapshot()).toBe(before);
    }));

  it('B2: of two writes to the same state one is done, and the other is a conflict', () =>
    using(async (fixture) => {
      const { provider } = fixture;
      const flag = await read(fixture, 'enable_rollout');
      const plans = [
        provider.planKill(flag),
        provider.capabilities.rollout && provider.planRollout ? provider.planRollout(flag, 5) : provider.planKill(flag),
      ];
      const outcomes = await Promise.allSettled(plans.map((plan) => write(fixture, flag, plan)));
      const done = plans.filter((_, index) => outcomes[index]?.status === 'fulfilled');
      expect(done).toHaveLength(1);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'conflict' });
      }
      expect((await read(fixture, 'enable_rollout')).state).toEqual(done[0]?.after);
    }));

  it('B2: refuses a write that another kind of provider planned, and one for a flag that is gone', () =>
    using(async (fixture) => {
      const flag = await read(fixture, 'enable_plain');
      const plan = fixture.provider.planKill(flag);
      const foreign = { ...requestOf(flag, plan), write: { 'not-of-this': ['provider'] } };
      const before = await fixture.snapshot();
      expect((await failure(() => fixture.provider.apply(foreign, never))).code).toBe('refused');
      expect(await fixture.snapshot()).toBe(before);
      await fixture.removeElsewhere('enable_plain');
      const without = await fixture.snapshot();
      expect((await failure(() => write(fixture, flag, plan))).code).toMatch(/^(not-found|conflict)$/);
      expect(await fixture.snapshot()).toBe(without);
    }));

  it('writes nothing when it was cancelled before', () =>
    using(async (fixture) => {
      const flag = await read(fixture, 'enable_rollout');
      const request = requestOf(flag, fixture.provider.planKill(flag));
      const before = await fixture.snapshot();
      await expect(fixture.provider.apply(request, AbortSignal.abort())).rejects.toThrow();
      expect(await fixture.snapshot()).toBe(before);
    }));

  it('B2: a change to another flag is no conflict, and is kept', () =>
    using(async (fixture) => {
      const flag = await read(fixture, 'enable_rollout');
      await fixture.changeElsewhere('enable_plain');
      const other = await read(fixture, 'enable_plain');
      await write(fixture, flag, fixture.provider.planKill(flag));
      expect((await read(fixture, 'enable_rollout')).state.killed).toBe(true);
      expect((await read(fixture, 'enable_plain')).state).toEqual(other.state);
    }));

  it('keeps the reason of a change, when it says so', () =>
    using(async (fixture) => {
      if (!fixture.provider.capabilities.comment) return;
      const flag = await read(fixture, 'enable_rollout');
      await write(fixture, flag, fixture.provider.planKill(flag));
      expect(await fixture.commentOf!('enable_rollout')).toContain(COMMENT);
    }));
}
