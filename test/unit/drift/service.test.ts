import { describe, expect, it } from 'vitest';
import { ScramError } from '../../../shared/model/error.ts';
import { driftSchema, observerStatusSchema } from '../../../shared/model/drift.ts';
import { flagAt, START } from '../flags/world.ts';
import { acceptChange, driftWorld, everybody, PRODUCTION, Region } from './world.ts';

const ON = everybody('a', 'on').state;
const OFF = everybody('a', 'off').state;

/** Two regions that use what is meant, looked at once. */
async function steady(options: Parameters<typeof driftWorld>[0] = {}) {
  const eu = new Region('eu');
  const us = new Region('us');
  for (const region of [eu, us]) for (const key of options.keys ?? ['a', 'b']) region.uses.set(key, 'on');
  const world = await driftWorld({ regions: [eu, us], ...options });
  await world.clock.advance(2_000);
  return { ...world, eu, us };
}

type Steady = Awaited<ReturnType<typeof steady>>;

/** Kills flag `a` here: written, accepted, read back. */
async function kill({ provider, flags, ledger, clock }: Steady): Promise<string> {
  provider.set(PRODUCTION, everybody('a', 'off'));
  const hash = acceptChange(ledger, 'a', ON, OFF);
  await flags.noteOurChange({ connection: 'c0', key: 'a' }, PRODUCTION, clock.nowMs);
  return hash;
}

describe('what services use', () => {
  it('B6: a region that falls out of step is listed with since when, alarmed past the objective, and taken off', async () => {
    const { drift, list, clock, us, eu, entries } = await steady();
    expect(list()).toEqual([]);
    let told = 0;
    drift.onChange((environment) => {
      if (environment === PRODUCTION) told += 1;
    });
    us.uses.set('a', { 1: 'on', 2: 'off' });
    await clock.advance(20_000);
    expect(list().map((item) => driftSchema.parse(item))).toMatchObject([
      {
        connection: 'c0',
        flag: 'a',
        intended: { source: 'provider', change: null, variant: 'on', percentage: 100 },
        disagreeing: 1,
        sinceMs: START + 10_000,
        overdue: false,
        providerDiffers: false,
      },
    ]);
    expect(
      list()[0]?.places.map(({ region, instance, variant, agrees }) => [region, instance, variant, agrees]),
    ).toEqual([
      ['us', '2', 'off', false],
      ['eu', '1', 'on', true],
      ['eu', '2', 'on', true],
      ['us', '1', 'on', true],
    ]);
    expect(told).toBeGreaterThan(0);
    await clock.advance(20_000);
    expect(list()).toMatchObject([{ overdue: true, sinceMs: START + 10_000 }]);
    expect(entries()).toMatchObject([
      { kind: 'drift.began', flag: 'a', detail: 'on is intended, 1 of 4 places use something else: off at us 2' },
    ]);
    us.uses.set('a', 'on');
    await clock.advance(10_000);
    expect(list()).toEqual([]);
    expect(entries().map(({ kind }) => kind)).toEqual(['drift.began', 'drift.ended']);
    expect(eu.asked.length).toBeGreaterThan(3);
    drift.dispose();
  });

  it('B14, B6: after a kill, services have their grace; those that are late then drift from the kill', async () => {
    const world = await steady();
    const { list, clock, eu } = world;
    const hash = await kill(world);
    eu.uses.set('a', 'off');
    await clock.advance(29_000);
    expect(list()).toEqual([]);
    await clock.advance(6_000);
    expect(list()).toMatchObject([
      { flag: 'a', intended: { source: 'change', change: hash, variant: 'off' }, disagreeing: 2, overdue: false },
    ]);
    // The first look after the kill that disagreed, not the end of the grace.
    expect(list()[0]?.sinceMs).toBe(START + 10_000);
    await clock.advance(10_000);
    expect(list()).toMatchObject([{ overdue: true }]);
    world.drift.dispose();
  });

  it('B5: SDKs that refresh more slowly than the objective have the time of their refresh', async () => {
    const world = await steady({ refreshMs: 60_000 });
    await kill(world);
    await world.clock.advance(55_000);
    expect(world.list()).toEqual([]);
    await world.clock.advance(15_000);
    expect(world.list()).toMatchObject([{ disagreeing: 4, overdue: true }]);
    world.drift.dispose();
  });

  it('B6: a change at the provider that services saw first is no drift', async () => {
    const { list, clock, provider, eu, us, drift, entries } = await steady({ staleAfterMs: 45_000 });
    await clock.advance(1_500);
    provider.set(PRODUCTION, everybody('a', 'off'));
    for (const region of [eu, us]) region.uses.set('a', 'off');
    for (let second = 0; second < 60; second += 1) {
      await clock.advance(1_000);
      expect(list()).toEqual([]);
    }
    expect(entries()).toEqual([]);
    drift.dispose();
  });

  it('B6: what only some users get is not held against services, nor what the code decides', async () => {
    const { list, clock, provider, us, drift } = await steady();
    provider.set(PRODUCTION, flagAt('a', 20));
    provider.set(PRODUCTION, everybody('b', 'off', { serves: null }));
    us.uses.set('a', 'off');
    us.uses.set('b', 'off');
    await clock.advance(90_000);
    expect(list()).toEqual([]);
    drift.dispose();
  });
});

describe('observers that do not tell', () => {
  it('B6: one that fails is a problem and never drift; what it saw before is not taken for agreement', async () => {
    const { drift, list, clock, us, eu, entries } = await steady();
    us.error = new ScramError('unreachable', 'us does not answer', { action: 'Look at its relay.' });
    await clock.advance(60_000);
    expect(list()).toEqual([]);
    expect(drift.observers(PRODUCTION).map((status) => observerStatusSchema.parse(status))).toMatchObject([
      { connection: 'c0', observer: 'metric:eu', region: 'eu', problem: null },
      {
        observer: 'metric:us',
        region: 'us',
        problem: 'us does not answer. Look at its relay.',
        lastSeenAtMs: START + 1_000,
      },
    ]);
    us.error = null;
    us.uses.set('a', 'off');
    await clock.advance(20_000);
    expect(list()).toHaveLength(1);
    us.error = new ScramError('timeout', 'no answer');
    await clock.advance(90_000);
    expect(list()).toMatchObject([{ flag: 'a', disagreeing: 0, overdue: true }]);
    expect(list()[0]?.places.filter(({ unknown }) => unknown)).toHaveLength(2);
    expect(entries().map(({ kind }) => kind)).toEqual(['drift.began']);
    us.error = null;
    us.uses.set('a', 'on');
    await clock.advance(20_000);
    expect(entries().map(({ kind }) => kind)).toEqual(['drift.began', 'drift.ended']);
    expect(eu.asked.length).toBeGreaterThan(10);
    drift.dispose();
  });

  it('B6: one that hangs keeps no other from telling', async () => {
    const { drift, list, clock, us, eu } = await steady();
    us.hangs = true;
    eu.uses.set('a', 'off');
    await clock.advance(30_000);
    expect(list()).toMatchObject([{ flag: 'a', disagreeing: 2 }]);
    expect(drift.observers(PRODUCTION)[1]?.problem).toBe('no answer within 9 s');
    drift.dispose();
  });

  it('B6: an observer that is slow in one environment tells of the others meanwhile, and is asked once at a time', async () => {
    const eu = new Region('eu');
    eu.hangs = true;
    const { drift, clock } = await driftWorld({ regions: [eu], environments: [PRODUCTION, 'staging'] });
    for (const key of ['a', 'b']) eu.uses.set(key, 'on');
    await clock.advance(5_000);
    expect(eu.asked).toHaveLength(2);
    await clock.advance(4_000);
    expect(eu.asked).toHaveLength(2);
    expect(drift.observers('staging')).toMatchObject([{ problem: null, lastSeenAtMs: null }]);
    await clock.advance(1_500);
    expect(drift.observers('staging')[0]?.problem).toBe('no answer within 9 s');
    eu.hangs = false;
    await clock.advance(20_000);
    expect(drift.observers('staging')).toMatchObject([{ problem: null, region: 'eu' }]);
    drift.dispose();
  });

  it('B6: what is older than three looks tells neither way', async () => {
    const { drift, list, clock, us } = await steady();
    us.lagMs = 31_000;
    us.uses.set('a', 'off');
    await clock.advance(60_000);
    expect(list()).toEqual([]);
    us.lagMs = 5_000;
    await clock.advance(20_000);
    expect(list()).toHaveLength(1);
    drift.dispose();
  });

  it('B6: instances that tell no variant tell nothing', async () => {
    const { drift, list, clock, us } = await steady();
    us.uses.set('a', null);
    await clock.advance(60_000);
    expect(list()).toEqual([]);
    drift.dispose();
  });

  it('B6: two observers of one name are told apart', async () => {
    const [one, two] = [new Region('eu', 'metric:prom'), new Region('us', 'metric:prom')];
    one.uses.set('a', 'on');
    two.uses.set('a', 'off');
    const { drift, list, clock } = await driftWorld({ regions: [one, two] });
    await clock.advance(20_000);
    expect(drift.observers(PRODUCTION).map(({ observer }) => observer)).toEqual(['metric:prom', 'metric:prom (2)']);
    expect(list()[0]?.places.map(({ observer }) => observer)).toEqual([
      ...['metric:prom (2)', 'metric:prom (2)'],
      ...['metric:prom', 'metric:prom'],
    ]);
    drift.dispose();
  });
});

describe('the provider itself', () => {
  it('B6: somebody turns a killed flag on again: told at once, with who and when, until it is killed again', async () => {
    const world = await steady();
    const { list, clock, provider, us, eu, entries } = world;
    for (const region of [eu, us]) region.uses.set('a', 'off');
    await kill(world);
    await clock.advance(30_000);
    expect(list()).toEqual([]);
    provider.set(PRODUCTION, { ...everybody('a', 'on'), changedAtMs: clock.nowMs + 1_000, changedBy: 'ana' });
    await clock.advance(11_000);
    expect(list()).toMatchObject([
      {
        providerDiffers: true,
        disagreeing: 0,
        intended: { source: 'change', variant: 'off' },
        actual: { variant: 'on', changedBy: 'ana', changedAtMs: START + 33_000 },
        sinceMs: START + 33_000,
      },
    ]);
    expect(entries()).toMatchObject([{ detail: 'off is intended, the provider holds on, changed by ana' }]);
    await kill(world);
    await clock.advance(5_000);
    expect(list()).toEqual([]);
    expect(entries().map(({ kind }) => kind)).toEqual(['drift.began', 'drift.ended']);
    world.drift.dispose();
  });

  it('B6: an undo is meant in its turn', async () => {
    const world = await steady();
    const { list, clock, provider, flags, ledger } = world;
    await kill(world);
    await clock.advance(20_000);
    provider.set(PRODUCTION, everybody('a', 'on'));
    const undo = acceptChange(ledger, 'a', OFF, ON, 'undo');
    await flags.noteOurChange({ connection: 'c0', key: 'a' }, PRODUCTION, clock.nowMs);
    await clock.advance(90_000);
    expect(list()).toEqual([]);
    world.us.uses.set('a', 'off');
    await clock.advance(20_000);
    expect(list()).toMatchObject([{ intended: { source: 'change', change: undo, variant: 'on' } }]);
    world.drift.dispose();
  });

  it('B6: without an observer the provider is held against the kill all the same', async () => {
    const world = { ...(await driftWorld()), eu: new Region('eu'), us: new Region('us') };
    await kill(world);
    world.provider.set(PRODUCTION, everybody('a', 'on'));
    await world.clock.advance(11_000);
    expect(world.list()).toMatchObject([{ providerDiffers: true, places: [], disagreeing: 0 }]);
    world.provider.set(PRODUCTION, 'a');
    await world.clock.advance(16_000);
    expect(world.list()).toEqual([]);
    expect(world.entries().map(({ kind }) => kind)).toEqual(['drift.began', 'drift.ended']);
    world.drift.dispose();
  });
});

describe('over runs', () => {
  it('D6, B6: a drift that began in an earlier run goes on, is not told again, and keeps its since', async () => {
    const first = await steady();
    first.us.uses.set('a', 'off');
    await first.clock.advance(20_000);
    const [known] = first.list();
    first.drift.dispose();
    await first.clock.advance(600_000);
    const second = first.open();
    await first.clock.advance(12_000);
    const [again] = second.drifts(PRODUCTION);
    expect(again).toMatchObject({ flag: 'a', overdue: true });
    expect(Math.abs((again?.sinceMs ?? 0) - (known?.sinceMs ?? 0))).toBeLessThanOrEqual(10_000);
    expect(first.entries()).toHaveLength(1);
    second.dispose();
    first.us.error = new ScramError('unreachable', 'gone');
    const third = first.open();
    await first.clock.advance(30_000);
    expect(first.entries()).toHaveLength(1);
    first.us.error = null;
    first.us.uses.set('a', 'on');
    await first.clock.advance(30_000);
    expect(first.entries().map(({ kind }) => kind)).toEqual(['drift.began', 'drift.ended']);
    third.dispose();
  });

  it('nothing runs on after it is disposed', async () => {
    const { drift, clock, us, eu } = await steady();
    drift.dispose();
    const asked = us.asked.length + eu.asked.length;
    await clock.advance(60_000);
    expect(us.asked.length + eu.asked.length).toBe(asked);
  });
});

describe('many flags', () => {
  const keys = Array.from({ length: 1_000 }, (_, index) => `f${String(index).padStart(4, '0')}`);

  it('H4, B6: an observer that answers in bulk is asked for all of them in one look', async () => {
    const eu = new Region('eu');
    for (const key of keys) eu.uses.set(key, 'on');
    const { clock, list, drift } = await driftWorld({ regions: [eu], keys });
    await clock.advance(2_000);
    expect(eu.asked).toEqual([keys]);
    for (const key of keys.slice(0, 600)) eu.uses.set(key, 'off');
    await clock.advance(20_000);
    expect(list()).toHaveLength(500);
    drift.dispose();
  });

  it('H4: watching 10,000 flags through an observer costs a hundredth of the time', async () => {
    const eu = new Region('eu');
    const all = Array.from({ length: 10_000 }, (_, index) => `f${index}`);
    for (const key of all) eu.uses.set(key, 'on');
    const { clock, list, drift } = await driftWorld({ regions: [eu], keys: all });
    await clock.advance(2_000);
    const before = process.cpuUsage();
    await clock.advance(60_000);
    const { user, system } = process.cpuUsage(before);
    const usedMs = (user + system) / 1_000;
    process.stdout.write(`10,000 flags watched for a minute: ${Math.round(usedMs)} ms\n`);
    expect(eu.asked).toHaveLength(7);
    expect(usedMs).toBeLessThan(1_500);
    expect(list()).toEqual([]);
    drift.dispose();
  });

  it('H4, B6: one that costs a request a flag is asked for fifty: listed, changed lately or drifting, by turns', async () => {
    const eu = new Region('eu');
    eu.bulk = false;
    const listed = keys.slice(0, 120);
    const { clock, list, provider, drift } = await driftWorld({
      regions: [eu],
      keys,
      config: { services: [{ id: 'shop', flags: listed.map((key) => ({ connection: 'c0', key })) }] },
    });
    for (const key of keys) eu.uses.set(key, 'on');
    await clock.advance(30_000);
    expect(eu.asked.every((asked) => asked.length <= 50)).toBe(true);
    expect(new Set(eu.asked.flat())).toEqual(new Set(listed));
    // Not listed, but changed: looked at from then on in each look.
    const [changed] = keys.slice(900) as [string];
    provider.set(PRODUCTION, everybody(changed, 'off'));
    await clock.advance(60_000);
    expect(eu.asked.slice(-3).every((asked) => asked.includes(changed))).toBe(true);
    expect(list()).toMatchObject([{ flag: changed, disagreeing: 2, overdue: true }]);
    eu.uses.set(changed, 'off');
    await clock.advance(10_000);
    expect(list()).toEqual([]);
    drift.dispose();
  });
});
