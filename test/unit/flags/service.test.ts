import { describe, expect, it } from 'vitest';
import type { RowsDelta } from '../../../electron/services/flags/api.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { flagSchema, flagRowSchema } from '../../../shared/model/flag.ts';
import type { Marker } from '../../../shared/model/marker.ts';
import { memoryLedger } from '../../support/ledger.ts';
import { CONFIG, flagAt, makeWorld, never, START } from './world.ts';

const REF = { connection: 'local', key: 'enable_new' };

async function ready(world = makeWorld()) {
  world.provider.flags = [flagAt('enable_new', 20), flagAt('ops_disable_recs', 100)];
  const service = world.start();
  await world.clock.advance(0);
  await service.settled();
  return { ...world, service };
}

const stateOf = (service: { statuses(): { state: string }[] }) => service.statuses()[0]?.state;

describe('normalising', () => {
  it('B1: the configuration completes what the provider tells', async () => {
    const { service } = await ready();
    const flag = flagSchema.parse(service.flag(REF));
    expect(flag).toMatchObject({
      type: 'experiment',
      polarity: 'enables',
      owner: 'payments',
      critical: true,
      stale: true,
      fallback: 'old pricing',
      safeDefault: 'off',
      tags: ['eu'],
      services: ['checkout'],
    });
    const recs = service.rows('production').find((row) => row.key === 'ops_disable_recs');
    expect(flagRowSchema.parse(recs)).toMatchObject({
      type: 'ops',
      polarity: 'disables',
      owner: 'provider-team',
      services: ['checkout'],
      killable: true,
      stale: false,
    });
    expect(service.flag({ connection: 'local', key: 'nope' })).toBeNull();
  });

  it('finds a flag by its key and names near ones', async () => {
    const { service } = await ready();
    expect(service.find('enable_new')).toEqual(REF);
    expect(() => service.find('enable_nwe')).toThrow(ScramError);
    try {
      service.find('enable_nwe');
    } catch (error) {
      expect(error).toMatchObject({ code: 'not-found', action: 'Did you mean enable_new?' });
    }
    expect(() => service.connection('nowhere')).toThrow(/there are local/);
  });
});

describe('status', () => {
  it('goes from not ready to ready, stale when nothing is heard, and ready again', async () => {
    const world = makeWorld();
    world.provider.flags = [flagAt('enable_new', 20)];
    const service = world.start();
    let told = 0;
    service.onStatus(() => {
      told += 1;
    });
    expect(service.statuses()[0]).toMatchObject({ state: 'not-ready', lastReadAtMs: null, items: 0, fromCache: false });
    await world.clock.advance(0);
    expect(service.statuses()[0]).toMatchObject({ state: 'ready', lastReadAtMs: START, items: 1 });
    expect(told).toBe(1);
    world.clock.nowMs += 31_000;
    expect(stateOf(service)).toBe('stale');
    await world.clock.advance(1);
    expect(stateOf(service)).toBe('ready');
  });

  it('H3: a failed read keeps what was last known, says why, and is tried again at growing distances', async () => {
    const { service, provider, clock } = await ready();
    provider.error = new ScramError('provider', 'x.json:3:1: invalid JSON', { action: 'Correct the file.' });
    provider.tell();
    await clock.advance(1);
    expect(service.statuses()[0]).toMatchObject({
      state: 'error',
      problem: 'x.json:3:1: invalid JSON. Correct the file.',
      items: 2,
    });
    expect(service.rows('production')).toHaveLength(2);
    const before = provider.reads;
    await clock.advance(3_500);
    expect(provider.reads - before).toBe(2);
    provider.error = null;
    await service.retry('local');
    expect(service.statuses()[0]).toMatchObject({ state: 'ready', problem: null });
  });

  it('a refused credential is fatal', async () => {
    const { service, provider, clock } = await ready();
    provider.error = new ScramError('credential', 'no permission');
    provider.tell();
    await clock.advance(1);
    expect(stateOf(service)).toBe('fatal');
  });

  it('looks at an unchanged source without reading it', async () => {
    const world = makeWorld();
    world.provider.mark = 'm1';
    const { service, provider, clock } = await ready(world);
    await clock.advance(25_000);
    expect(provider.reads).toBe(1);
    expect(service.statuses()[0]?.lastReadAtMs).toBeGreaterThan(START + 15_000);
  });
});

describe('changes seen', () => {
  it('A3, D6: a change becomes a delta, a marker and a ledger entry', async () => {
    const { service, provider, clock, ledgerWorld } = await ready();
    const deltas: RowsDelta[] = [];
    const markers: Marker[] = [];
    let whole = 0;
    service.onRows('production', (delta) => deltas.push(delta));
    service.onMarker((marker) => markers.push(marker));
    service.onFlag(REF, () => {
      whole += 1;
    });
    await clock.advance(5_000);
    provider.flags = [flagAt('enable_new', 50), flagAt('ops_disable_recs', 100)];
    provider.sourceChangedAtMs = clock.nowMs - 40;
    provider.tell();
    await clock.advance(1);
    expect(deltas.map((delta) => delta.upserts.map((row) => row.percentage))).toEqual([[50]]);
    expect(markers).toMatchObject([
      {
        subject: 'enable_new',
        fromPercentage: 20,
        toPercentage: 50,
        approximate: false,
        ours: false,
        atMs: START + 4_960,
        services: ['checkout'],
      },
    ]);
    expect(whole).toBe(1);
    expect(service.flag(REF)?.environments[0]).toMatchObject({ changedAtMs: START + 4_960, changedBy: null });
    expect([...ledgerWorld.ledger.all()].filter((entry) => entry.body.data.kind === 'flag.seen-changed')).toHaveLength(
      1,
    );
    provider.flags = [flagAt('enable_new', 50)];
    provider.tell();
    await clock.advance(1);
    expect(deltas.at(-1)).toEqual({ upserts: [], removals: [{ connection: 'local', key: 'ops_disable_recs' }] });
  });

  it('a file that was only laid out anew is no change on the time axis', async () => {
    const { service, provider, clock } = await ready();
    provider.flags = provider.flags.map((flag) => ({ ...flag, state: { ...flag.state, revision: 'other' } }));
    provider.tell();
    await clock.advance(1);
    expect(service.markers({})).toEqual([]);
    expect(service.flag(REF)?.environments[0]?.revision).toBe('other');
  });

  it('E1: starts from the cache with its age, and what changed meanwhile is marked as approximate', async () => {
    const first = await ready();
    await first.clock.advance(1_000);
    first.service.dispose();
    const world = makeWorld(first.memory, first.ledgerWorld);
    world.clock.nowMs = START + 3_600_000;
    world.provider.flags = [flagAt('enable_new', 80), flagAt('ops_disable_recs', 100)];
    world.provider.sourceChangedAtMs = START + 1_800_000;
    const service = world.start();
    expect(service.rows('production').map((row) => row.percentage)).toEqual([20, 100]);
    expect(service.statuses()[0]).toMatchObject({ state: 'stale', fromCache: true, items: 2 });
    await world.clock.advance(0);
    expect(service.statuses()[0]).toMatchObject({ state: 'ready', fromCache: false });
    expect(service.markers({ flag: REF })).toMatchObject([
      { approximate: true, fromPercentage: 20, toPercentage: 80, atMs: START + 1_800_000 },
    ]);
    service.dispose();
    const again = makeWorld(world.memory, world.ledgerWorld).start();
    expect(again.markers({ environment: 'production' })).toHaveLength(1);
  });

  it('B1: without a cache, the last change of a flag is the newest one that the ledger tells of', async () => {
    const first = await ready();
    await first.clock.advance(1_000);
    first.provider.flags = [flagAt('enable_new', 80), flagAt('ops_disable_recs', 100)];
    first.provider.tell();
    await first.clock.advance(1_000);
    const [marker] = first.service.markers({ flag: REF });
    expect(marker).toBeDefined();
    first.service.dispose();
    const world = makeWorld(undefined, first.ledgerWorld);
    world.provider.flags = [...first.provider.flags];
    const service = world.start();
    await world.clock.advance(1_000);
    const dated = service.rows('production').map((row) => [row.key, row.changedAtMs]);
    expect(dated).toEqual([
      ['enable_new', marker?.atMs],
      ['ops_disable_recs', null],
    ]);
    service.dispose();
  });

  it('a cache that is damaged, or was read under other hints, is not used', async () => {
    const first = await ready();
    await first.clock.advance(1_000);
    const [key, text] = [...first.memory].find(([name]) => name.startsWith('flags/'))!;
    const others = { ...CONFIG, flags: [{ key: 'enable_new', polarity: 'disables' }] };
    expect(
      makeWorld(new Map([[key, text]]), memoryLedger(1), others)
        .start()
        .rows('production'),
    ).toEqual([]);
    for (const damaged of [text.slice(0, 50), text.replace('"off"', '7'), '', '{}']) {
      expect(
        makeWorld(new Map([[key, damaged]]))
          .start()
          .rows('production'),
      ).toEqual([]);
    }
    expect(
      makeWorld(new Map([[key, text]]))
        .start()
        .rows('production'),
    ).toHaveLength(2);
  });

  it('our own change is marked as ours, also when the watcher was faster', async () => {
    for (const watcherFirst of [false, true]) {
      const { service, provider, clock, ledgerWorld } = await ready();
      const atMs = clock.nowMs;
      provider.flags = [flagAt('enable_new', 0), flagAt('ops_disable_recs', 100)];
      if (watcherFirst) {
        provider.tell();
        await clock.advance(50);
      }
      await service.noteOurChange(REF, 'production', atMs);
      expect(service.markers({ flag: REF })).toMatchObject([
        { ours: true, by: ledgerWorld.ledger.device, toPercentage: 0, atMs },
      ]);
      expect(service.flag(REF)?.environments[0]).toMatchObject({ killed: true, changedBy: ledgerWorld.ledger.device });
      provider.tell();
      await clock.advance(50);
      expect(service.markers({ flag: REF })).toHaveLength(1);
      service.dispose();
    }
  });

  it('a read of one flag refreshes its row, and takes it out when it is gone', async () => {
    const { service, provider } = await ready();
    provider.flags = [flagAt('enable_new', 30)];
    expect((await service.readNow(REF, 'production', never)).state.percentage).toBe(30);
    expect(service.rows('production')[0]?.percentage).toBe(30);
    await expect(service.readNow({ ...REF, key: 'ops_disable_recs' }, 'production', never)).rejects.toThrow(/no flag/);
    expect(service.rows('production').map((row) => row.key)).toEqual(['enable_new']);
  });

  it('a file in which everything changed does not stop the console: entries are written a handful at a time', async () => {
    const { service, provider, clock } = await ready();
    provider.flags = Array.from({ length: 100 }, (_, index) => flagAt(`f${index}`, 10));
    provider.tell();
    for (let round = 0; round < 5; round += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(service.markers({})).toHaveLength(20);
    await clock.advance(100);
    expect(service.markers({})).toHaveLength(102);
  });
});
