import { expect, it } from 'vitest';
import { FIVE, type ManyOptions, many } from './many.ts';
import { flagAt, START, never } from './world.ts';

const FIRST = 'enable_feature_00000';

/** Making so many flags takes longer than reading them. */
const LIMIT_MS = 60_000;

/** CPU time of this process that `run` takes, milliseconds. */
async function cpuMs(run: () => Promise<void> | void): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

async function measured(options: ManyOptions) {
  const world = many(options);
  const service = world.start();
  const rows = service.onRows('production', () => {});
  const firstMs = await cpuMs(() => world.clock.advance(1_000));
  await service.settled();
  const written = world.puts.length;
  for (const provider of world.providers) provider.calls.length = 0;
  const idleMs = await cpuMs(() => world.clock.advance(60_000));
  const calls = world.providers.flatMap((provider) => provider.calls);
  const wrote = world.puts.slice(written);
  return { ...world, service, rows, firstMs, idleMs, calls, wrote };
}

function tell(name: string, numbers: Record<string, number>): void {
  const words = Object.entries(numbers).map(([what, value]) => `${what} ${Math.round(value)}`);
  process.stdout.write(`${name}: ${words.join(', ')}\n`);
}

it(
  'H4: 10,000 flags in 5 environments on one connection: read within a second for 10,000, idle for next to nothing',
  async () => {
    const { service, providers, clock, puts, firstMs, idleMs, calls, wrote } = await measured({ flags: 10_000 });
    expect(service.statuses()[0]).toMatchObject({ items: 10_000, state: 'ready' });
    expect(firstMs).toBeLessThan(5 * 1_000);
    // A minute of looking: every look asks for what changed and nothing is read or written whole.
    expect(new Set(calls)).toEqual(new Set(FIVE.map((name) => `changes ${name}`)));
    expect(calls).toHaveLength(5 * 6);
    expect(idleMs).toBeLessThan(300);
    expect(wrote.every(({ bytes }) => bytes < 100)).toBe(true);

    const before = puts.length;
    providers[0]!.set('production', flagAt(FIRST, 60));
    const oneMs = await cpuMs(() => clock.advance(11_000));
    expect(service.flag({ connection: 'c0', key: FIRST })?.environments.map(({ percentage }) => percentage)).toContain(
      60,
    );
    expect(oneMs).toBeLessThan(300);
    const texts = puts.slice(before).filter(({ key }) => !key.startsWith('flags-read-at/'));
    expect(texts.map(({ key }) => key)).toEqual(['flags-delta/c0/production']);
    expect(texts[0]?.bytes).toBeLessThan(2_000);

    const keys = [...service.held('c0', 'production').flags.keys()].slice(0, 500);
    for (const key of keys) providers[0]!.set('production', flagAt(key, 0));
    const bulkMs = await cpuMs(async () => {
      await service.noteOurChanges(
        keys.map((key) => ({ connection: 'c0', key })),
        'production',
        START,
      );
    });
    tell('10,000 × 5', { firstMs, idleMsOfAMinute: idleMs, oneMs, bulk500Ms: bulkMs });
    service.dispose();
  },
  LIMIT_MS,
);

it(
  'H4: 50,000 flags over ten connections in 5 environments stay within a second for 10,000',
  async () => {
    const { service, firstMs, idleMs, calls } = await measured({ connections: 10, flags: 5_000 });
    expect(service.rows('production')).toHaveLength(50_000);
    expect(service.statuses().every(({ state, items }) => state === 'ready' && items === 5_000)).toBe(true);
    expect(firstMs).toBeLessThan(25 * 1_000);
    expect(calls).toHaveLength(10 * 5 * 6);
    expect(idleMs).toBeLessThan(500);
    tell('50,000 × 5', { firstMs, idleMsOfAMinute: idleMs, heapMB: process.memoryUsage().heapUsed / 1e6 });
    service.dispose();
  },
  LIMIT_MS,
);

it(
  'E1, H4: at the start the status of 20,000 flags in 5 environments waits for none of them to be brought back',
  async () => {
    const first = many({ connections: 10, flags: 2_000 });
    const service = first.start();
    await first.clock.advance(1_000);
    service.dispose();
    const world = many({ connections: 10, flags: 2_000, memory: first.memory });
    const again = world.start();
    const statusMs = await cpuMs(() => {
      expect(again.statuses()).toHaveLength(10);
      for (const status of again.statuses())
        expect(status).toMatchObject({ fromCache: true, items: 2_000, state: 'stale' });
    });
    expect(statusMs).toBeLessThan(50);
    const rowsMs = await cpuMs(() => expect(again.rows('production')).toHaveLength(20_000));
    tell('start from the cache', { statusMs, rowsMs });
    again.dispose();
  },
  LIMIT_MS,
);

it(
  'E1, H4: what changed one by one is there at the next start, and the mark goes on from there',
  async () => {
    const first = many({ flags: 100 });
    const service = first.start();
    await first.clock.advance(1_000);
    first.providers[0]!.set('production', flagAt(FIRST, 60));
    first.providers[0]!.set('production', 'enable_feature_00001');
    await first.clock.advance(11_000);
    service.dispose();
    const world = many({ flags: 100, memory: first.memory });
    world.providers[0]!.log.push(...first.providers[0]!.log);
    world.providers[0]!.flags.set('production', first.providers[0]!.flags.get('production')!);
    world.clock.nowMs = first.clock.nowMs + 5_000;
    const again = world.start();
    const { flags } = again.held('c0', 'production');
    expect(flags.size).toBe(99);
    expect(flags.get(FIRST)?.state.percentage).toBe(60);
    await world.clock.advance(1_000);
    expect(world.providers[0]!.calls).toContain('changes production');
    expect(world.providers[0]!.calls).not.toContain('read production');
    expect(again.statuses()[0]).toMatchObject({ state: 'ready', fromCache: false });
    expect((await again.readNow({ connection: 'c0', key: FIRST }, 'production', never)).state.percentage).toBe(60);
    again.dispose();
  },
  LIMIT_MS,
);
