import { describe, expect, it } from 'vitest';
import { observationsOf } from '../../../electron/services/changes/propagation.ts';
import type { ChangeProgress } from '../../../shared/model/change.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { type Expectation, expectationOf } from '../../../shared/rules/expectation.ts';
import { fakeObserver, KEY, makeWorld, NEVER, START, type WorldOptions } from './world.ts';

const healthy = (count: number): number[] => Array.from({ length: count }, (_, index) => 0.2 + 0.01 * Math.sin(index));
const times = (count: number, value: number | null): (number | null)[] => Array.from({ length: count }, () => value);
const BEFORE = [...healthy(60), ...times(30, 1.9)];

async function killed(options: WorldOptions = {}, prepare: (world: ReturnType<typeof makeWorld>) => void = () => {}) {
  const world = makeWorld(options);
  prepare(world);
  const { hash } = await world.proposeKill();
  const told: ChangeProgress[] = [];
  world.changes.onProgress((progress) => void told.push(progress));
  await world.changes.execute(hash, NEVER);
  const now = () => world.changes.progress(hash)!;
  return { ...world, hash, told, now };
}

describe('propagation (B5, B14)', () => {
  it('B14: is served only when the provider reads back the state that was accepted', async () => {
    const { now, world, clock, told } = await killed({}, ({ world }) => {
      world.afterApply = async () => {
        world.percentage = 30;
      };
    });
    await clock.advance(2_000);
    expect(now()).toMatchObject({ stage: 'accepted', problem: expect.stringContaining('another state') });
    world.percentage = 0;
    await clock.advance(2_000);
    expect(now()).toMatchObject({ stage: 'served', problem: null, propagation: { observers: false, overdue: false } });
    expect(told.map(({ stage }) => stage)).toContain('served');
  });

  it('B5: is observed when every instance of every observer uses the variant', async () => {
    const eu = fakeObserver('eu');
    const us = fakeObserver('us');
    const seen = (instance: string, variant: string | null, atMs: number, region = 'eu') => ({
      instance,
      region,
      variant,
      atMs,
    });
    eu.held.answers = [seen('a', 'on', START), seen('b', 'off', START + 1_000)];
    us.held.answers = [seen('c', 'off', START + 1_000, 'us')];
    const { now, clock, kinds, entries, hash } = await killed({
      observers: [eu.observer, us.observer],
      refreshMs: 15_000,
    });
    await clock.advance(3_000);
    expect(now()).toMatchObject({
      stage: 'served',
      propagation: {
        observers: true,
        observed: 2,
        expected: 3,
        observedAtMs: null,
        worstCaseAtMs: START + 15_000,
        overdue: false,
      },
    });
    us.held.fails = true;
    await clock.advance(1_000);
    eu.held.answers = [seen('a', 'off', START + 4_000), seen('b', 'off', START + 4_000)];
    await clock.advance(1_000);
    expect(now().stage).toBe('served');
    us.held.fails = false;
    await clock.advance(1_000);
    expect(now()).toMatchObject({ stage: 'observed', propagation: { observed: 3, expected: 3 } });
    expect(now().propagation.observedAtMs).toBeGreaterThan(START + 5_000);
    expect(entries('change.observed')).toMatchObject([
      {
        hash,
        observations: [
          { instance: 'a', sinceMs: START + 4_000 },
          { instance: 'b', sinceMs: START + 1_000 },
          { instance: 'c', region: 'us' },
        ],
      },
    ]);
    expect(kinds().indexOf('change.served')).toBeLessThan(kinds().indexOf('change.observed'));
  });

  it('B5: raises the alarm past the environment’s objective, and ends it when observed', async () => {
    const one = fakeObserver('eu');
    one.held.answers = [{ instance: 'a', region: null, variant: 'on', atMs: START + 1 }];
    const { now, clock, told } = await killed({ observers: [one.observer] });
    await clock.advance(30_000);
    expect(now().propagation.overdue).toBe(false);
    told.length = 0;
    await clock.advance(2_000);
    expect(now().propagation.overdue).toBe(true);
    expect(told.at(-1)?.propagation.overdue).toBe(true);
    one.held.answers = [{ instance: 'a', region: null, variant: 'off', atMs: START + 40_000 }];
    await clock.advance(10_000);
    expect(now()).toMatchObject({ stage: 'observed', propagation: { overdue: false } });
  });

  it('B5: is seen within a tenth of a second at first, and looked at ever less often', async () => {
    const eu = fakeObserver('eu');
    const at = (variant: string) => [{ instance: 'a', region: null, variant, atMs: START + 10_000 }];
    eu.held.answers = at('on');
    const { now, clock } = await killed({ observers: [eu.observer] });
    await clock.advance(5_000);
    expect(eu.held.looks.length).toBeGreaterThanOrEqual(50);
    expect(eu.held.looks.length).toBeLessThanOrEqual(55);
    const early = eu.held.looks.length;
    await clock.advance(25_000);
    expect(eu.held.looks.length - early).toBeGreaterThanOrEqual(24);
    expect(eu.held.looks.length - early).toBeLessThanOrEqual(27);
    const late = eu.held.looks.length;
    await clock.advance(30_000);
    expect(eu.held.looks.length - late).toBeLessThanOrEqual(7);
    expect(now().stage).toBe('served');

    const quick = fakeObserver('eu');
    quick.held.answers = at('on');
    const second = await killed({ observers: [quick.observer] });
    await second.clock.advance(1_230);
    quick.held.answers = at('off');
    await second.clock.advance(100);
    expect(second.now().stage).toBe('observed');
    const looks = quick.held.looks.length;
    await second.clock.advance(60_000);
    expect(quick.held.looks.length).toBe(looks);
  });

  it('looks at an observer no oftener than it is worth, and at the provider ever less often', async () => {
    const slow = fakeObserver('eu', { paceMs: 700 });
    slow.held.answers = [{ instance: 'a', region: null, variant: 'on', atMs: START + 10_000 }];
    let reads = 0;
    const { clock } = await killed({ observers: [slow.observer] }, ({ world }) => {
      world.afterApply = async () => {
        world.percentage = 30;
        world.beforeRead = async () => {
          reads += 1;
        };
      };
    });
    await clock.advance(4_200);
    expect(slow.held.looks.length).toBeLessThanOrEqual(7);
    expect(reads).toBeLessThanOrEqual(8);
  });

  it('waits as long as an observer that limits requests asks', async () => {
    let looks = 0;
    const { observer } = fakeObserver('eu', {
      async observe() {
        looks += 1;
        throw new ScramError('rate-limited', 'too many', { retryAfterMs: 20_000 });
      },
    });
    const { clock, now } = await killed({ observers: [observer] });
    await clock.advance(19_000);
    expect(looks).toBe(1);
    expect(now().problem).toBe('eu: too many');
    await clock.advance(2_000);
    expect(looks).toBe(2);
  });

  it('asks only observers that see the environment, and names the variant by its value', async () => {
    const here = fakeObserver('here', { environments: ['production'], refreshMs: 25_000 });
    const there = fakeObserver('there', { environments: ['staging'], refreshMs: 90_000 });
    here.held.answers = [{ instance: 'a', region: null, variant: null, value: false, atMs: START + 100 }];
    const { now, clock } = await killed({ observers: [here.observer, there.observer], refreshMs: 15_000 });
    await clock.advance(300);
    expect(now()).toMatchObject({
      stage: 'observed',
      propagation: { observations: [{ observer: 'here', variant: 'off' }], worstCaseAtMs: START + 25_000 },
    });
    expect(there.held.looks).toEqual([]);
  });

  it('takes no silence for agreement', async () => {
    const none = fakeObserver('eu');
    const { now, clock } = await killed({ observers: [none.observer] });
    await clock.advance(20_000);
    expect(now()).toMatchObject({ stage: 'served', propagation: { observers: true, observed: 0, expected: 0 } });
  });

  it('stops reading after ten minutes', async () => {
    const { world, clock } = await killed({}, ({ world }) => {
      world.afterApply = async () => {
        world.beforeRead = async () => {
          throw new ScramError('unreachable', 'down');
        };
      };
    });
    await clock.advance(11 * 60_000);
    let reads = 0;
    world.beforeRead = async () => {
      reads += 1;
    };
    await clock.advance(60_000);
    expect(reads).toBe(0);
  });

  it('expects the one variant of a kill, anything else than it of a share given back, and nothing where it cannot tell', async () => {
    const { payload } = (await makeWorld().previewKill())!;
    const { before, after } = payload;
    expect(expectationOf({ before, after })).toEqual({ uses: 'off' });
    expect(expectationOf({ before: after, after: before })).toEqual({ notOnly: 'off' });
    expect(expectationOf({ before, after: { ...before, percentage: 40 } })).toBeNull();
  });

  it('believes no instance that last answered before the change, nor one that still uses both variants', () => {
    const both = [
      { key: KEY, instance: 'a', region: null, variant: 'on', atMs: 20 },
      { key: KEY, instance: 'a', region: null, variant: 'off', atMs: 20 },
      { key: KEY, instance: 'b', region: null, variant: 'off', atMs: 9 },
      { key: KEY, instance: 'c', region: null, variant: null, atMs: 20 },
    ];
    const agreeing = (expectation: Expectation) =>
      observationsOf('eu', both, { expectation }, 10, []).map(({ instance, variant, agrees }) => [
        instance,
        variant,
        agrees,
      ]);
    expect(agreeing({ uses: 'off' })).toEqual([
      ['a', 'on', false],
      ['b', 'off', false],
      ['c', null, false],
    ]);
    expect(agreeing({ notOnly: 'off' })).toEqual([
      ['a', 'on', true],
      ['b', 'off', false],
      ['c', null, false],
    ]);
  });
});

describe('recovery watch (A4)', () => {
  const breached = (world: ReturnType<typeof makeWorld>): void => world.samples('checkout/p99', BEFORE);

  it('A4: says recovered with the time it took, journals it once, and lets the SLI go', async () => {
    const { now, clock, samples, entries, watched, told } = await killed({}, breached);
    expect(watched).toEqual(['checkout']);
    expect(now().recoveries).toMatchObject([{ sli: 'checkout/p99', verdict: 'watching' }]);
    await clock.advance(3_000);
    samples('checkout/p99', [...BEFORE, 1.8, 0.2, 0.2]);
    await clock.advance(3_000);
    expect(now().recoveries).toMatchObject([{ verdict: 'watching', goodSamples: 2 }]);
    samples('checkout/p99', [...BEFORE, 1.8, ...times(5, 0.2)]);
    await clock.advance(1_000);
    expect(now().recoveries).toMatchObject([{ verdict: 'recovered', tookMs: 2_000, recoveredAtMs: START + 2_000 }]);
    await clock.advance(10_000);
    expect(entries('change.recovery')).toHaveLength(1);
    expect(watched).toEqual([]);
    expect(told.some(({ recoveries }) => recoveries[0]?.verdict === 'recovered')).toBe(true);
  });

  it('A4: says not recovered when the time is over and it is still breached', async () => {
    const { now, clock, samples } = await killed({}, breached);
    for (let seconds = 10; seconds <= 600; seconds += 10) {
      await clock.advance(9_900);
      samples('checkout/p99', [...BEFORE, ...times(seconds, 1.9)]);
      await clock.advance(100);
    }
    await clock.advance(1_000);
    expect(now().recoveries).toMatchObject([{ verdict: 'not-recovered', reason: { id: 'recovery.still-breached' } }]);
  });

  it('A4: says cannot tell when no samples came', async () => {
    const { now, clock, entries } = await killed({}, breached);
    await clock.advance(10 * 60_000 + 1_000);
    expect(now().recoveries).toMatchObject([{ verdict: 'cannot-tell', reason: { id: 'recovery.too-few-samples' } }]);
    expect(entries('change.recovery')).toHaveLength(1);
  });

  it('ends without proof when the change is undone meanwhile', async () => {
    const { now, clock, hash, changes, proposeUndo, watched } = await killed({}, breached);
    await clock.advance(2_000);
    const undo = await proposeUndo(hash);
    await changes.execute(undo.hash, NEVER);
    expect(now().recoveries).toMatchObject([{ verdict: 'cannot-tell', reason: { id: 'recovery.change-undone' } }]);
    expect(watched).toEqual([]);
    expect(changes.progress(undo.hash)?.recoveries).toEqual([]);
  });

  it('goes on after a restart, and comes to the same verdict', async () => {
    const { hash, clock, changes, samples, restart, entries } = await killed({}, breached);
    changes.dispose();
    const next = restart();
    await next.reconcile(NEVER);
    await clock.advance(6_000);
    samples('checkout/p99', [...BEFORE, 1.8, ...times(5, 0.2)]);
    await clock.advance(1_000);
    expect(next.progress(hash)?.recoveries).toMatchObject([{ verdict: 'recovered', tookMs: 2_000 }]);
    expect(entries('change.recovery')).toHaveLength(1);
    next.dispose();
  });

  it('after a restart past the deadline waits for the samples before it judges', async () => {
    const { hash, clock, changes, samples, views, restart } = await killed({}, breached);
    changes.dispose();
    views.clear();
    await clock.advance(11 * 60_000);
    const next = restart();
    await next.reconcile(NEVER);
    await clock.advance(5_000);
    expect(next.progress(hash)?.recoveries).toMatchObject([{ verdict: 'watching' }]);
    samples('checkout/p99', [...BEFORE, ...times(665, 0.2)]);
    await clock.advance(1_000);
    expect(next.progress(hash)?.recoveries).toMatchObject([{ verdict: 'recovered' }]);
  });
});
