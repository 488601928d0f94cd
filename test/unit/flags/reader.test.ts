import { describe, expect, it } from 'vitest';
import type { RowsDelta } from '../../../electron/services/flags/api.ts';
import { statusOf } from '../../../electron/services/flags/status.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { acceptChange, ledgerOn } from '../drift/world.ts';
import { breathe, FIVE, type ManyOptions, many } from './many.ts';
import { flagAt, never, START, StandingClock } from './world.ts';

const [FIRST, SECOND, THIRD] = [0, 1, 2].map((index) => `enable_feature_0000${index}`) as [string, string, string];
const REF = { connection: 'c0', key: FIRST };

async function ready(options: ManyOptions = {}) {
  const world = many(options);
  const service = world.start();
  await world.clock.advance(0);
  await service.settled();
  const [provider] = world.providers as [(typeof world.providers)[0]];
  const percentage = (key = FIRST) => service.held('c0', 'production').flags.get(key)?.state.percentage;
  return { ...world, service, provider, percentage };
}

/** Promises that a test opens by hand. */
function gates() {
  const open: (() => void)[] = [];
  return { wait: () => new Promise<void>((resolve) => open.push(resolve)), open };
}

describe('order of reading', () => {
  it('H4: four connections at once, one environment of each, production before everything else', async () => {
    const { wait, open } = gates();
    const started: string[] = [];
    const world = many({
      connections: 6,
      prepare: (provider, index) => {
        provider.gate = (environment) => {
          started.push(`${index} ${environment}`);
          return wait();
        };
      },
    });
    const service = world.start();
    await world.clock.advance(0);
    expect(started).toEqual(['0 production', '1 production', '2 production', '3 production']);
    for (const next of open.splice(0)) next();
    await breathe();
    expect(started.slice(4)).toHaveLength(4);
    expect(started.slice(4)).toEqual(expect.arrayContaining(['4 production', '5 production']));
    while (open.length > 0) {
      for (const next of open.splice(0)) next();
      await breathe();
    }
    await service.settled();
    expect(new Set(started).size).toBe(6 * 5);
    expect(world.providers.every(({ mostRunning }) => mostRunning === 1)).toBe(true);
    service.dispose();
  });

  it('H4: connections that do not answer keep no others waiting', async () => {
    const world = many({
      connections: 6,
      prepare: (provider, index) => {
        if (index < 4) provider.gate = () => new Promise(() => {});
      },
    });
    const service = world.start();
    await world.clock.advance(1_000);
    expect(service.statuses().map(({ state }) => state)).not.toContain('ready');
    await world.clock.advance(2_000);
    expect(service.statuses().map(({ state }) => state)).toEqual([
      ...['not-ready', 'not-ready', 'not-ready', 'not-ready'],
      ...['ready', 'ready'],
    ]);
    service.dispose();
  });

  it('H4: environments of a provider that shares its requests are asked for together', async () => {
    const { mostRunning } = (
      await ready({
        prepare: (provider) => {
          provider.extra = { sharesReads: true };
          provider.gate = () => breathe(1);
        },
      })
    ).provider;
    expect(mostRunning).toBe(FIVE.length);
  });
});

describe('changes by mark', () => {
  it('H4, A3: what moved since the mark is taken in by itself, with its marker', async () => {
    const { service, provider, clock, percentage } = await ready();
    const deltas: RowsDelta[] = [];
    service.onRows('production', (delta) => deltas.push(delta));
    provider.calls.length = 0;
    provider.set('production', flagAt(FIRST, 75));
    provider.set('production', SECOND);
    await clock.advance(11_000);
    expect(provider.calls).not.toContain('read production');
    expect(deltas).toHaveLength(1);
    expect(deltas[0]?.upserts).toMatchObject([{ key: FIRST, percentage: 75 }]);
    expect(deltas[0]?.removals).toEqual([{ connection: 'c0', key: SECOND }]);
    expect(service.markers({ environment: 'production' })).toMatchObject([
      { subject: FIRST, fromPercentage: 0, toPercentage: 75, ours: false, approximate: true },
      { subject: SECOND, fromPercentage: 25, toPercentage: null },
    ]);
    expect(percentage(THIRD)).toBe(50);
    expect(service.statuses()[0]).toMatchObject({ items: 3, lastReadAtMs: START + 10_000 });
    await clock.advance(10_000);
    expect(deltas).toHaveLength(1);
    service.dispose();
  });

  it('H4: the whole is read where the mark does not tell', async () => {
    const { service, provider, clock, percentage } = await ready();
    provider.set('production', flagAt(FIRST, 75));
    provider.forgets = provider.log.length;
    provider.calls.length = 0;
    await clock.advance(11_000);
    expect(provider.calls).toContain('read production');
    expect(percentage()).toBe(75);
    service.dispose();
  });

  it("A3, D6: the provider's own word on when and by whom counts before the time of the look", async () => {
    const { service, provider, clock } = await ready();
    provider.set('production', { ...flagAt(FIRST, 75), changedAtMs: START + 4_000, changedBy: 'ana' });
    await clock.advance(11_000);
    expect(service.markers({ flag: REF })).toMatchObject([{ atMs: START + 4_000, approximate: false, by: 'ana' }]);
    // A clock that is ahead of ours tells who, not when.
    provider.set('production', { ...flagAt(FIRST, 80), changedAtMs: START + 999_000, changedBy: 'ben' });
    await clock.advance(10_000);
    expect(service.markers({ flag: REF }).at(-1)).toMatchObject({ atMs: START + 20_000, approximate: true, by: 'ben' });
    service.dispose();
  });
});

describe('lists and single flags', () => {
  it('B2: a list that was asked for before a kill does not take its state back', async () => {
    const { service, provider, clock, percentage } = await ready({ environments: ['production'] });
    provider.set('production', flagAt(FIRST, 60));
    await clock.advance(10_000);
    const { wait, open } = gates();
    provider.gate = wait;
    const retried = service.retry('c0');
    await breathe();
    provider.set('production', flagAt(FIRST, 0));
    await service.noteOurChange(REF, 'production', clock.nowMs);
    expect(percentage()).toBe(0);
    open[0]?.();
    await retried;
    expect(percentage()).toBe(0);
    expect(service.markers({ flag: REF }).map(({ toPercentage, ours }) => [toPercentage, ours])).toEqual([
      [60, false],
      [0, true],
    ]);
    await clock.advance(10_000);
    expect(percentage()).toBe(0);
    service.dispose();
  });

  it('B2: a flag that was read by itself is made sure of when the source then says that nothing moved', async () => {
    const { service, provider, clock, percentage } = await ready({ environments: ['production'] });
    const flags = provider.flags.get('production')!;
    // As with an entity tag: there and back again between two looks leaves no trace in the mark.
    flags.set(FIRST, flagAt(FIRST, 75));
    expect((await service.readNow(REF, 'production', never)).state.percentage).toBe(75);
    flags.set(FIRST, flagAt(FIRST, 0));
    await clock.advance(11_000);
    expect(percentage()).toBe(0);
    expect(provider.calls.filter((call) => call === 'read production')).toHaveLength(1);
    await clock.advance(10_000);
    const asked = provider.calls.length;
    await clock.advance(10_000);
    expect(provider.calls.slice(asked)).toEqual(['changes production']);
    service.dispose();
  });

  it('B4: several are read at once, past the cache, with one refresh; those that are gone are absent', async () => {
    const { service, provider } = await ready();
    const deltas: RowsDelta[] = [];
    service.onRows('production', (delta) => deltas.push(delta));
    provider.flags.get('production')?.set(FIRST, flagAt(FIRST, 30));
    provider.flags.get('production')?.set(SECOND, flagAt(SECOND, 40));
    provider.flags.get('production')?.delete(THIRD);
    const read = await service.readManyNow('c0', [FIRST, SECOND, THIRD, FIRST], 'production', never);
    expect([...read].map(([key, flag]) => [key, flag.state.percentage])).toEqual([
      [FIRST, 30],
      [SECOND, 40],
    ]);
    expect(deltas).toHaveLength(1);
    expect(deltas[0]?.upserts.map(({ key }) => key)).toEqual([FIRST, SECOND]);
    expect(deltas[0]?.removals).toEqual([{ connection: 'c0', key: THIRD }]);
    provider.error = new ScramError('unreachable', 'gone');
    await expect(service.readManyNow('c0', [FIRST, SECOND], 'production', never)).rejects.toThrow('gone');
    await expect(service.readManyNow('c0', [FIRST], 'nowhere', never)).rejects.toMatchObject({ code: 'not-found' });
    service.dispose();
  });

  it('D6: our change is ours also where a list or a preview sees it before anybody says so, each change once', async () => {
    const clock = new StandingClock();
    const ledger = ledgerOn(clock);
    const { service, provider, percentage } = await ready({ environments: ['production'], clock, ledger });
    provider.set('production', flagAt(SECOND, 100));
    await clock.advance(10_000);
    const [on, off] = [flagAt(SECOND, 100), flagAt(SECOND, 0)];
    const seen = () =>
      service.markers({ flag: { connection: 'c0', key: SECOND } }).map((one) => [one.toPercentage, one.ours]);
    expect(seen()).toEqual([[100, false]]);
    await clock.advance(1_000);
    acceptChange(ledger, SECOND, on.state, off.state);
    provider.set('production', off);
    await service.readNow({ connection: 'c0', key: SECOND }, 'production', never);
    await clock.advance(1_000);
    acceptChange(ledger, SECOND, off.state, on.state, 'undo');
    provider.set('production', on);
    await clock.advance(10_000);
    expect(percentage(SECOND)).toBe(100);
    provider.set('production', off);
    await clock.advance(10_000);
    expect(seen().slice(1)).toEqual([
      [0, true],
      [100, true],
      [0, false],
    ]);
    service.dispose();
  });

  it("B4: the provider's own read of several is used where it has one", async () => {
    const asked: (readonly string[])[] = [];
    const { service, provider } = await ready({
      prepare: (own) => {
        own.extra = {
          readFlags: async (keys) => {
            asked.push(keys);
            return new Map(keys.filter((key) => key !== THIRD).map((key) => [key, flagAt(key, 10)]));
          },
        };
      },
    });
    provider.calls.length = 0;
    const read = await service.readManyNow('c0', [FIRST, SECOND, THIRD], 'production', never);
    expect([...read.keys()]).toEqual([FIRST, SECOND]);
    expect(asked).toEqual([[FIRST, SECOND, THIRD]]);
    expect(provider.calls).toEqual([]);
    service.dispose();
  });

  it('B4, D6: our changes to several flags of two connections are all ours, also those that a watcher saw first', async () => {
    const { service, providers, clock, ledger } = await ready({ connections: 2, flags: 60 });
    const keys = [...service.held('c0', 'production').flags].flatMap(([key, { state }]) =>
      state.percentage === 0 ? [] : [key],
    );
    const refs = ['c0', 'c1'].flatMap((connection) => keys.map((key) => ({ connection, key })));
    for (const provider of providers) for (const key of keys) provider.set('production', flagAt(key, 0));
    const atMs = clock.nowMs - 900;
    // The first connection is looked at before the answers of the bulk write are in; not all of it is written yet.
    await service.retry('c0');
    expect(service.markers({ environment: 'production' }).length).toBeLessThan(keys.length);
    await service.noteOurChanges(refs, 'production', atMs);
    await clock.advance(1_000);
    const markers = service.markers({ environment: 'production' });
    expect(markers).toHaveLength(refs.length);
    expect(markers.every(({ ours, by, approximate }) => ours && by === ledger.device && !approximate)).toBe(true);
    expect(service.flag(refs[0]!)?.environments.find(({ environment }) => environment === 'production')).toMatchObject({
      killed: true,
      changedBy: ledger.device,
      changedAtMs: atMs,
    });
    service.dispose();
  });
});

describe('status', () => {
  it('a source that asks to be left alone is left alone until then, and what it said stays good while it is young', async () => {
    const { service, provider, clock } = await ready({ environments: ['production'] });
    provider.error = new ScramError('rate-limited', 'too many requests', { retryAfterMs: 25_000 });
    await clock.advance(11_000);
    expect(service.statuses()[0]).toMatchObject({ state: 'ready', problem: 'too many requests' });
    const asked = provider.calls.length;
    await clock.advance(20_000);
    expect(provider.calls).toHaveLength(asked);
    expect(service.statuses()[0]?.state).toBe('stale');
    provider.error = null;
    await clock.advance(5_000);
    expect(service.statuses()[0]).toMatchObject({ state: 'ready', problem: null });
    service.dispose();
  });

  it('a source that asked to be left alone is asked when a person wants it', async () => {
    const { service, provider, clock } = await ready({ environments: ['production'] });
    provider.error = new ScramError('rate-limited', 'too many requests', { retryAfterMs: 600_000 });
    await clock.advance(11_000);
    provider.error = null;
    await service.retry('c0');
    expect(service.statuses()[0]).toMatchObject({ state: 'ready', problem: null });
    service.dispose();
  });

  it("a limit is the whole connection's: its other environments are left alone too, and nobody waits for them", async () => {
    const world = many({
      prepare: (provider) => {
        provider.error = new ScramError('rate-limited', 'too many requests', { retryAfterMs: 60_000 });
      },
    });
    const service = world.start();
    await world.clock.advance(0);
    await service.settled();
    const [provider] = world.providers as [(typeof world.providers)[0]];
    expect(provider.calls).toEqual(['read production']);
    expect(service.statuses()[0]).toMatchObject({ state: 'error', problem: 'too many requests' });
    provider.error = null;
    await world.clock.advance(59_000);
    expect(provider.calls).toHaveLength(1);
    await world.clock.advance(12_000);
    expect(service.statuses()[0]).toMatchObject({ state: 'ready', items: 3 });
    service.dispose();
  });

  it('H3: what only a person can mend is told as such, each error before the age', () => {
    const facts = (code: ConstructorParameters<typeof ScramError>[0] | null, readAtMs: number | null = 0) =>
      statusOf([{ readAtMs, cachedAtMs: null, error: code && new ScramError(code, 'said so') }], 1_000, 5_000).state;
    expect(facts('credential')).toBe('fatal');
    expect(facts('approval-required')).toBe('fatal');
    expect(facts('unreachable')).toBe('error');
    expect(facts('rate-limited')).toBe('ready');
    expect(facts('rate-limited', null)).toBe('error');
    expect(facts(null, -9_000)).toBe('stale');
  });

  it("B3: the provider's name of an environment is known also where it has no flags", async () => {
    const { service } = await ready({
      flags: 0,
      environments: FIVE,
      prepare: (provider) => {
        provider.extra = { providerEnvironment: (environment) => `theirs-${environment}` };
      },
    });
    expect(service.statuses()[0]?.environments).toContainEqual({ name: 'production', theirs: 'theirs-production' });
    service.dispose();
  });
});
