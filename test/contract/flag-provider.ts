import { describe, expect, it } from 'vitest';
import { ScramError } from '../../shared/model/error.ts';
import type { FlagProvider, PlannedWrite, ProviderFlag } from '../../electron/services/flags/provider.ts';

/**
 * A real source with these flags in environment `production`, all boolean unless said otherwise:
 * `enable_rollout` on for 20 % by its rules, `enable_plain` on for everyone, `ops_disable_dep` at false,
 * `layout` with variants `wide` and `narrow` (text, no safe one known).
 */
export interface FlagFixture {
  readonly provider: FlagProvider;
  /** Everything the source holds, for comparing exactly. */
  snapshot(): Promise<string>;
  /** Somebody else changes what this flag serves. */
  changeElsewhere(key: string): Promise<void>;
  removeElsewhere(key: string): Promise<void>;
  /** What services get for each user; null when the code's own default is used. */
  evaluate(key: string, users: readonly string[]): Promise<(string | null)[]>;
  dispose(): Promise<void>;
}

const ENVIRONMENT = 'production';
const USERS = Array.from({ length: 1000 }, (_, index) => `user-${index}`);
const never = new AbortController().signal;

async function failure(run: () => unknown): Promise<ScramError> {
  try {
    await run();
  } catch (error) {
    if (error instanceof ScramError) return error;
    throw error;
  }
  throw new Error('expected a ScramError');
}

async function until(condition: () => boolean, within = 8000): Promise<void> {
  const deadline = Date.now() + within;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('not within its time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What every flag provider must do; the mandatory tests follow from its capabilities. */
export function describeFlagProvider(name: string, makeFixture: () => Promise<FlagFixture>): void {
  async function using(run: (fixture: FlagFixture) => Promise<void>): Promise<void> {
    const fixture = await makeFixture();
    try {
      await run(fixture);
    } finally {
      fixture.provider.dispose();
      await fixture.dispose();
    }
  }
  const read = (fixture: FlagFixture, key: string) => fixture.provider.readFlag(key, ENVIRONMENT, never);
  const write = (fixture: FlagFixture, flag: ProviderFlag, plan: PlannedWrite) =>
    fixture.provider.apply(
      { key: flag.key, environment: ENVIRONMENT, expectRevision: flag.state.revision, write: plan.write },
      never,
    );

  describe(`flag provider ${name}`, () => {
    it('B1: lists and normalises every flag', () =>
      using(async (fixture) => {
        const { flags } = await fixture.provider.readEnvironment(ENVIRONMENT, never);
        const states = Object.fromEntries(flags.map(({ key, state, safeDefault }) => [key, { ...state, safeDefault }]));
        expect(states.enable_rollout).toMatchObject({ exposure: 'some', percentage: 20, killed: false });
        expect(states.enable_plain).toMatchObject({ exposure: 'everyone', percentage: 100, targeting: null });
        expect(states.ops_disable_dep).toMatchObject({ exposure: 'everyone', killed: false });
        expect(states.layout).toMatchObject({ exposure: 'unknown', safeDefault: null });
      }));

    it('reads one flag as the list has it', () =>
      using(async (fixture) => {
        const { flags } = await fixture.provider.readEnvironment(ENVIRONMENT, never);
        expect(await read(fixture, 'enable_rollout')).toEqual(flags.find((flag) => flag.key === 'enable_rollout'));
      }));

    it('tells of a flag that is gone as not found', () =>
      using(async (fixture) => {
        await read(fixture, 'enable_plain');
        await fixture.removeElsewhere('enable_plain');
        expect((await failure(() => read(fixture, 'enable_plain'))).code).toBe('not-found');
      }));

    it('refuses to plan a kill when no safe value is known, and names the setting', () =>
      using(async (fixture) => {
        const flag = await read(fixture, 'layout');
        const error = await failure(() => fixture.provider.planKill(flag));
        expect(error.code).toBe('refused');
        expect(error.action).toContain('flags[].safeDefault');
      }));

    it('B2, B16: a kill beats the rules: the off value is served to each of 1,000 users', () =>
      using(async (fixture) => {
        expect(new Set(await fixture.evaluate('enable_rollout', USERS)).size).toBe(2);
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
        const plan = fixture.provider.planRestore(killed, { definition: flag.definition, state: flag.state });
        await write(fixture, killed, plan);
        expect((await read(fixture, 'enable_rollout')).state).toEqual(flag.state);
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

    it('B2: a change to another flag is no conflict, and is kept', () =>
      using(async (fixture) => {
        const flag = await read(fixture, 'enable_rollout');
        await fixture.changeElsewhere('enable_plain');
        const other = await read(fixture, 'enable_plain');
        await write(fixture, flag, fixture.provider.planKill(flag));
        expect((await read(fixture, 'enable_rollout')).state.killed).toBe(true);
        expect((await read(fixture, 'enable_plain')).state).toEqual(other.state);
      }));

    it('tells of changes made elsewhere, when it says that it watches', () =>
      using(async (fixture) => {
        const seen: string[] = [];
        const watch = fixture.provider.watch((environment) => seen.push(environment));
        if (fixture.provider.capabilities.watch) {
          await fixture.changeElsewhere('enable_plain');
          await until(() => seen.includes(ENVIRONMENT));
        }
        watch.dispose();
        expect(seen.every((environment) => environment === ENVIRONMENT)).toBe(true);
      }));

    it('probes its own access', () =>
      using(async (fixture) => {
        const report = await fixture.provider.probe(never);
        expect(report).toMatchObject({ ok: true, canRead: true, canWrite: true });
        expect(report.latencyMs).toBeGreaterThanOrEqual(0);
      }));

    it('names the environments that it has when asked for another', () =>
      using(async (fixture) => {
        const error = await failure(() => fixture.provider.readFlag('enable_plain', 'nowhere', never));
        expect(error.code).toBe('not-found');
        expect(error.message).toContain(ENVIRONMENT);
      }));
  });
}
