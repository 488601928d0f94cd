import { expect, it } from 'vitest';
import { probeReportSchema } from '../../../shared/model/probe.ts';
import { ENVIRONMENT, MANY, never, kept, failure, holdsLayout, type Tools } from './tools.ts';

/** What is read, one and all. */
export function readingTests({ using, read }: Tools): void {
  it('B1: lists and normalises every flag', () =>
    using(async (fixture) => {
      const { flags } = await fixture.provider.readEnvironment(ENVIRONMENT, never);
      const states = Object.fromEntries(flags.map(({ key, state, safeDefault }) => [key, { ...state, safeDefault }]));
      expect(states.enable_rollout).toMatchObject(
        fixture.holds === 'switch'
          ? { exposure: 'everyone', percentage: 100, killed: false }
          : { exposure: 'some', percentage: 20, killed: false },
      );
      expect(states.enable_plain).toMatchObject({ exposure: 'everyone', percentage: 100, targeting: null });
      expect(states.ops_disable_dep).toMatchObject({ exposure: 'everyone', killed: false });
      expect(Object.keys(states)).toHaveLength(holdsLayout(fixture) ? 4 : 3);
      if (holdsLayout(fixture)) expect(states.layout).toMatchObject({ exposure: 'unknown', safeDefault: null });
      for (const flag of flags) {
        expect(flag.environment).toBe(ENVIRONMENT);
        expect(flag.providerEnvironment).not.toBe('');
        expect(kept(flag.definition)).toStrictEqual(flag.definition);
      }
    }));

  it('lists every flag once, however many pages there are', () =>
    using(async (fixture) => {
      if (fixture.seedMany === undefined) return;
      const before = (await fixture.provider.readEnvironment(ENVIRONMENT, never)).flags.map((flag) => flag.key);
      const added = await fixture.seedMany(MANY);
      expect(new Set(added).size).toBe(MANY);
      const { flags } = await fixture.provider.readEnvironment(ENVIRONMENT, never);
      expect(flags.map((flag) => flag.key).sort()).toEqual([...before, ...added].sort());
    }));

  it('reads one flag as the list has it', () =>
    using(async (fixture) => {
      const { flags } = await fixture.provider.readEnvironment(ENVIRONMENT, never);
      expect(await read(fixture, 'enable_rollout')).toEqual(flags.find((flag) => flag.key === 'enable_rollout'));
    }));

  it('reads several flags as it reads each, and leaves out what is gone', () =>
    using(async (fixture) => {
      if (fixture.provider.readFlags === undefined) return;
      await fixture.removeElsewhere('enable_plain');
      const keys = ['ops_disable_dep', 'enable_plain', 'enable_rollout'];
      const found = await fixture.provider.readFlags(keys, ENVIRONMENT, never);
      expect([...found.keys()].sort()).toEqual(['enable_rollout', 'ops_disable_dep']);
      for (const [key, flag] of found) expect(flag).toEqual(await read(fixture, key));
    }));

  it('tells of a flag that is gone as not found', () =>
    using(async (fixture) => {
      await read(fixture, 'enable_plain');
      await fixture.removeElsewhere('enable_plain');
      expect((await failure(() => read(fixture, 'enable_plain'))).code).toBe('not-found');
    }));

  it('probes its own access', () =>
    using(async (fixture) => {
      const report = await fixture.provider.probe(never);
      expect(probeReportSchema.parse(report)).toEqual(report);
      expect(report).toMatchObject({ ok: true, canRead: true });
      expect([true, null]).toContain(report.canWrite);
      expect(report.detail).not.toBe('');
      expect(report.fields.filter((field) => field.problem !== null)).toEqual([]);
      if (report.clockSkewMs !== null) expect(Math.abs(report.clockSkewMs)).toBeLessThan(5000);
    }));

  it('names the environments that it has when asked for another', () =>
    using(async (fixture) => {
      const error = await failure(() => fixture.provider.readFlag('enable_plain', 'nowhere', never));
      expect(error.code).toBe('not-found');
      expect(error.message).toContain(ENVIRONMENT);
    }));
}
