import { expect, it } from 'vitest';
import type { ScramError } from '../../../shared/model/error.ts';
import { never, kept, failure, type Tools } from './tools.ts';

/** Shares of users, and several flags in one write. */
export function sharingTests({ using, read, requestOf, write, shareOf }: Tools): void {
  it('B7: sets the share of users, keeps everything else, and its undo is exact', () =>
    using(async (fixture) => {
      const { provider } = fixture;
      if (!provider.capabilities.rollout) return expect(provider.planRollout).toBeUndefined();
      const before = await fixture.snapshot();
      const flag = await read(fixture, 'enable_rollout');
      const plan = provider.planRollout!(flag, 5);
      await write(fixture, flag, plan);
      const after = await read(fixture, 'enable_rollout');
      expect(after.state).toEqual(plan.after);
      expect(after.definition).toEqual(plan.definitionAfter);
      expect(after.state).toMatchObject({ exposure: 'some', percentage: 5, killed: false });
      const { key, variants, safeDefault, description, type, owner, tags } = flag;
      expect(after).toMatchObject({ key, variants, safeDefault, description, type, owner, tags });
      const share = await shareOf(fixture, flag);
      expect(share).toBeGreaterThan(1);
      expect(share).toBeLessThan(10);

      const undo = provider.planRestore(after, { definition: kept(flag.definition), state: flag.state });
      await write(fixture, after, undo);
      expect((await read(fixture, 'enable_rollout')).state).toEqual(flag.state);
      if (provider.capabilities.restoreExact) expect(await fixture.snapshot()).toBe(before);
    }));

  it.each([0, 100])('B1: a share of %i percent is nobody or everyone', (percentage) =>
    using(async (fixture) => {
      const { provider } = fixture;
      if (!provider.capabilities.rollout) return;
      const flag = await read(fixture, 'enable_rollout');
      await write(fixture, flag, provider.planRollout!(flag, percentage));
      const exposure = percentage === 0 ? 'nobody' : 'everyone';
      expect((await read(fixture, 'enable_rollout')).state).toMatchObject({ exposure, percentage });
      expect(await shareOf(fixture, flag)).toBe(percentage);
    }),
  );

  it('refuses a share that is none', () =>
    using(async (fixture) => {
      const { provider } = fixture;
      if (!provider.capabilities.rollout) return;
      const flag = await read(fixture, 'enable_rollout');
      for (const percentage of [-1, 101, Number.NaN]) {
        const error = await failure(() => provider.planRollout!(flag, percentage));
        expect(error.code).toMatch(/^(refused|invalid-input)$/);
      }
    }));

  it('B4: a bulk write gives one answer per flag, and goes on past a conflict', () =>
    using(async (fixture) => {
      const { provider } = fixture;
      const { bulk } = provider.capabilities;
      if (bulk === null) return expect(provider.applyAll).toBeUndefined();
      const keys = ['enable_rollout', 'enable_plain', 'ops_disable_dep'];
      const flags = await Promise.all(keys.map((key) => read(fixture, key)));
      const plans = flags.map((flag) => provider.planKill(flag));
      await fixture.changeElsewhere('enable_plain');
      const moved = await read(fixture, 'enable_plain');
      const requests = flags.map((flag, index) => requestOf(flag, plans[index]!));
      const answers = await provider.applyAll!(requests, never);
      expect(answers.map((answer) => (answer === null ? null : (answer as ScramError).code))).toEqual([
        null,
        'conflict',
        null,
      ]);
      expect((await read(fixture, 'enable_rollout')).state).toEqual(plans[0]?.after);
      expect((await read(fixture, 'enable_plain')).state).toEqual(moved.state);
      expect((await read(fixture, 'ops_disable_dep')).state).toEqual(plans[2]?.after);
    }));

  it('B4: refuses a bulk write that is larger than it says it can do, whole', () =>
    using(async (fixture) => {
      const { provider } = fixture;
      const { bulk } = provider.capabilities;
      if (bulk === null) return;
      const flag = await read(fixture, 'enable_rollout');
      const request = requestOf(flag, provider.planKill(flag));
      const others = Array.from({ length: bulk }, (_, index) => ({ ...request, key: `no_such_flag_${index}` }));
      const before = await fixture.snapshot();
      expect((await failure(() => provider.applyAll!([request, ...others], never))).code).toBe('refused');
      expect(await fixture.snapshot()).toBe(before);
    }));
}
