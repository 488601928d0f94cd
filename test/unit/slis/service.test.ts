import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SliService, SliUpdate } from '../../../electron/services/slis/api.ts';
import { createSliService } from '../../../electron/services/slis/sli-service.ts';
import type { SliView } from '../../../shared/contract/slis.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { quietLog, TestClock, TestSource, testConfig } from './world.ts';

const T0 = 1_795_189_200_000;
const HOUR = 3_600_000;
let clock: TestClock;
let source: TestSource;
let service: SliService;

function start(stepMs = 1000): SliService {
  service = createSliService({
    config: testConfig(),
    connections: [{ id: 'prom', source, stepMs }],
    clock,
    log: quietLog,
  });
  return service;
}

beforeEach(() => {
  clock = new TestClock(T0 + 300);
  source = new TestSource();
});
afterEach(() => service.dispose());

const p99 = (environment = 'production'): SliView => {
  const view = service.view('checkout/p99', environment);
  if (!view) throw new Error('no view');
  return view;
};
const askedFor = (query: string) => source.asked.filter((asked) => asked.query === query);
const PROD = 'p99{env="production"}';

describe('where an SLI belongs', () => {
  it('$environment makes one in each; otherwise its environment, else the first production one', () => {
    start();
    expect(service.slis('production').map(({ id }) => id)).toEqual(['checkout/p99', 'checkout/errors']);
    expect(service.slis('staging').map(({ id }) => id)).toEqual(['checkout/p99', 'search/rate']);
  });

  it('A6: cohorts are their own queries, with the value safe inside its quotes', () => {
    start();
    const queries = new Set(source.asked.map(({ query }) => query));
    expect(queries).toContain('p99{env="production",variant="a\\"b"}');
    expect(queries).toContain('p99{env="staging",variant="no"}');
  });

  it('a flag selects the SLIs of the services that use it', () => {
    start();
    const ids = (flag: string) => service.views({ environment: 'production', flag }).map(({ sli }) => sli.id);
    expect(ids('enable_new_pricing')).toEqual(['checkout/p99', 'checkout/errors']);
    expect(ids('flags/enable_new_pricing')).toEqual(['checkout/p99', 'checkout/errors']);
    expect(ids('other')).toEqual([]);
    expect(service.views({ environment: 'staging', service: 'search' }).map(({ sli }) => sli.id)).toEqual([
      'search/rate',
    ]);
  });
});

describe('polling', () => {
  it('A3: an hour at first, then only the new part with two steps of overlap, each step while watched', async () => {
    start();
    service.watch({ environment: 'production' }, () => {});
    await clock.advance(3000);
    const [first, second, third, fourth] = askedFor(PROD);
    expect(first).toMatchObject({ startMs: T0 - HOUR, endMs: T0, stepMs: 1000 });
    expect(second).toMatchObject({ startMs: T0 - 2000, endMs: T0 + 1000 });
    expect(third).toMatchObject({ startMs: T0 - 1000, endMs: T0 + 2000 });
    expect(fourth).toMatchObject({ endMs: T0 + 3000 });
    expect(p99().series.all).toMatchObject({ startMs: T0 - HOUR + 3000, stepMs: 1000 });
    expect(p99().series.all?.values).toHaveLength(3601);
  });

  it('what nobody looks at is polled every 15 s', async () => {
    start();
    await clock.advance(31_000);
    expect(askedFor(PROD)).toHaveLength(3);
    const subscription = service.watch({ environment: 'production' }, () => {});
    await clock.advance(5000);
    expect(askedFor(PROD).length).toBeGreaterThanOrEqual(7);
    subscription.dispose();
    const before = askedFor(PROD).length;
    await clock.advance(10_000);
    expect(askedFor(PROD).length - before).toBeLessThanOrEqual(1);
  });

  it('at most six queries at a time, and never two of one line', async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    source.trouble = () => held;
    start();
    service.watch({ environment: 'production' }, () => {});
    await clock.advance(3000);
    expect(source.mostRunning).toBe(6);
    expect(askedFor(PROD)).toHaveLength(1);
    release();
    await clock.advance(2000);
    expect(source.running).toBe(0);
    expect(source.mostRunning).toBe(6);
    expect(p99().status.state).toBe('breached');
  });

  it('a slow line is not asked again before it has answered', async () => {
    source.trouble = ({ query }) =>
      query === PROD ? new Promise<void>((resolve) => void clock.after(4500, resolve)) : Promise.resolve();
    start();
    service.watch({ environment: 'production' }, () => {});
    await clock.advance(4000);
    expect(askedFor(PROD)).toHaveLength(1);
    expect(askedFor('errors')).toHaveLength(5);
    await clock.advance(5000);
    expect(askedFor(PROD)).toHaveLength(2);
  });

  it('a line that hangs is given up after its limit, and holds up no other', async () => {
    source.trouble = ({ query }) => (query === PROD ? new Promise<void>(() => {}) : Promise.resolve());
    start();
    await clock.advance(12_000);
    expect(p99().status).toMatchObject({ state: 'error', problem: expect.stringMatching(/no answer within 10000 ms/) });
    expect(askedFor(PROD)[0]?.signal.aborted).toBe(true);
    expect(p99('staging').status.state).toBe('breached');
    expect(service.statuses()[0]?.state).toBe('ready');
  });

  it('samples that come late are still taken', async () => {
    source.value = (_, atMs) => (atMs > clock.now() - 30_000 ? null : 0.2);
    start();
    service.watch({ environment: 'production' }, () => {});
    await clock.advance(40_000);
    const values = p99().series.all?.values ?? [];
    expect(values.slice(-29).every((value) => value === null)).toBe(true);
    expect(values.slice(0, -32).every((value) => value === 0.2)).toBe(true);
  });

  it('disposing leaves no timer and aborts what runs', async () => {
    source.trouble = () => new Promise<void>(() => {});
    start();
    await clock.advance(100);
    service.dispose();
    await clock.advance(0);
    expect(source.asked.every(({ signal }) => signal.aborted)).toBe(true);
    expect(clock.pending).toBe(0);
  });
});

describe('what watchers are told', () => {
  it('only the samples that follow, which put together are the view', async () => {
    source.value = (_, atMs) => ((atMs / 1000) % 7 === 0 ? null : 0.2 + (atMs % 10_000) / 100_000);
    start();
    await clock.advance(500);
    const held = [...(p99().series.all?.values ?? [])];
    const startMs = p99().series.all?.startMs ?? 0;
    const updates: SliUpdate[] = [];
    service.watch({ environment: 'production', service: 'checkout' }, (update) => updates.push(update));
    await clock.advance(10_000);
    let most = 0;
    for (const { updates: deltas } of updates) {
      for (const { append } of deltas.filter(({ sli }) => sli === 'checkout/p99')) {
        most = Math.max(most, append.all?.values.length ?? 0);
        append.all?.values.forEach((value, index) => {
          held[(append.all!.fromMs - startMs) / 1000 + index] = value;
        });
      }
    }
    expect(most).toBeLessThanOrEqual(3);
    expect(held.slice(-3601)).toEqual(p99().series.all?.values);
    expect(held).toContain(null);
  });

  it('F3: gaps stay gaps, and a query that yields nothing is no data', async () => {
    source.value = () => null;
    start();
    await clock.advance(500);
    expect(p99().status).toMatchObject({ state: 'no-data', latest: null });
    expect(p99().series.all?.values.every((value) => value === null)).toBe(true);
  });

  it('lines that answer within moments of one another come in one frame', async () => {
    start();
    await clock.advance(500);
    const delays = [5, 10, 15, 20];
    source.trouble = () => new Promise<void>((resolve) => void clock.after(delays.pop() ?? 0, resolve));
    const updates: SliUpdate[] = [];
    service.watch({ environment: 'production' }, (update) => updates.push(update));
    await clock.advance(900);
    expect(updates).toHaveLength(1);
    expect(updates[0]?.updates.map(({ sli }) => sli).sort()).toEqual(['checkout/errors', 'checkout/p99']);
    expect(Object.keys(updates[0]?.updates.find(({ sli }) => sli === 'checkout/p99')?.append ?? {}).sort()).toEqual([
      'all',
      'off',
      'on',
    ]);
  });
});

describe('breaches', () => {
  it('begin after two bad samples and end after two good ones, each told once', async () => {
    const since = T0 + 5000;
    source.value = (_, atMs) => (atMs >= since && atMs < since + 10_000 ? 0.9 : 0.2);
    start();
    const told: [number, number | null][] = [];
    service.onBreach((view) => {
      if (view.sli.id === 'checkout/p99' && view.sli.environment === 'production')
        told.push([clock.now() - T0, view.status.breachedSinceMs]);
    });
    service.watch({ environment: 'production', flag: 'enable_new_pricing' }, () => {});
    await clock.advance(6500);
    expect(told).toEqual([[6300, since]]);
    expect(p99().baseline).toMatchObject({ median: 0.2, toMs: since - 1000 });
    await clock.advance(14_000);
    expect(told).toEqual([
      [6300, since],
      [16_300, null],
    ]);
  });

  it('A4: a second breach soon after the first keeps the baseline of before the first', async () => {
    const bad = [5000, 9000, 20_000, 60_000].map((ms) => T0 + ms) as [number, number, number, number];
    source.value = (_, atMs) => {
      const isBad = (atMs >= bad[0] && atMs < bad[1]) || (atMs >= bad[2] && atMs < bad[3]);
      return isBad ? 0.9 : atMs < bad[0] ? 0.2 : 0.3;
    };
    start();
    service.watch({ environment: 'production' }, () => {});
    await clock.advance(40_000);
    expect(p99().status.breachedSinceMs).toBe(bad[2]);
    expect(p99().baseline).toMatchObject({ median: 0.2, toMs: bad[0] - 1000 });
    await clock.advance(12 * 60_000);
    expect(p99().baseline?.toMs).toBeGreaterThan(bad[3]);
  });

  it('A4: a breach in the first samples does not leave the next one without a baseline', async () => {
    source.value = (_, atMs) => (atMs < T0 - 20_000 ? null : atMs < T0 - 15_000 || atMs >= T0 + 10_000 ? 0.9 : 0.2);
    start();
    service.watch({ environment: 'production' }, () => {});
    await clock.advance(15_000);
    expect(p99().status.breachedSinceMs).toBe(T0 + 10_000);
    expect(p99().baseline).toMatchObject({ median: 0.2 });
  });

  it('a breach does not end because its source fell silent', async () => {
    source.value = () => 0.9;
    start();
    const told: string[] = [];
    service.onBreach((view) => told.push(`${view.sli.id} ${view.status.breachedSinceMs !== null}`));
    await clock.advance(500);
    source.trouble = () => Promise.reject(new ScramError('unreachable', 'refused at 127.0.0.1'));
    service.watch({ environment: 'production' }, () => {});
    await clock.advance(5000);
    expect(p99().status).toMatchObject({ state: 'breached', problem: 'refused at 127.0.0.1' });
    await clock.advance(60_000);
    expect(p99().status).toMatchObject({ state: 'error', problem: 'refused at 127.0.0.1' });
    expect(p99().status.breachedSinceMs).not.toBeNull();
    expect(told.filter((line) => line.endsWith('false'))).toEqual([]);
  });
});

describe('connection status', () => {
  it('unreachable: error with the words, fewer queries; back again: the gap is filled', async () => {
    source.value = () => 0.2;
    start();
    service.watch({ environment: 'production' }, () => {});
    await clock.advance(2000);
    expect(service.statuses()[0]).toMatchObject({
      id: 'prom',
      role: 'metrics',
      state: 'ready',
      problem: null,
      items: 4,
    });
    source.trouble = () => Promise.reject(new ScramError('unreachable', 'refused', { action: 'Start it' }));
    await clock.advance(1500);
    expect(service.statuses()[0]).toMatchObject({ state: 'error', problem: 'refused. Start it' });
    const before = source.asked.length;
    await clock.advance(60_000);
    expect(source.asked.length - before).toBeLessThan(20);
    expect(p99().status.state).toBe('error');
    source.trouble = null;
    await clock.advance(7000);
    expect(service.statuses()[0]).toMatchObject({ state: 'ready', problem: null });
    expect(p99().status.state).toBe('ok');
    expect(p99().series.all?.values).not.toContain(null);
  });

  it('a refused credential is fatal until a person retries', async () => {
    source.trouble = () => Promise.reject(new ScramError('credential', 'not accepted (401)'));
    start();
    const changes: string[] = [];
    service.onStatus(() => changes.push(service.statuses()[0]?.state ?? ''));
    await clock.advance(5000);
    expect(service.statuses()[0]?.state).toBe('fatal');
    source.trouble = null;
    const retried = service.retry('prom');
    await clock.advance(100);
    await retried;
    expect(service.statuses()[0]?.state).toBe('ready');
    expect(changes.at(-1)).toBe('ready');
    await expect(service.retry('nope')).rejects.toMatchObject({ code: 'not-found', action: 'There are: prom.' });
  });

  it('a bad query is the SLI’s error, not the connection’s', async () => {
    source.trouble = ({ query }) =>
      query === 'errors' ? Promise.reject(new ScramError('provider', 'parse error')) : Promise.resolve();
    start();
    await clock.advance(500);
    expect(service.view('checkout/errors', 'production')?.status).toMatchObject({
      state: 'error',
      problem: 'parse error',
    });
    expect(service.statuses()[0]?.state).toBe('ready');
  });

  it('several series are refused with what to do; warnings are shown', async () => {
    source.value = () => 0.2;
    source.seriesPerAnswer = 3;
    start();
    await clock.advance(500);
    expect(p99().status).toMatchObject({ state: 'error', problem: expect.stringMatching(/3 series.*aggregate/) });
    source.seriesPerAnswer = 1;
    source.warnings = ['partial'];
    await clock.advance(16_000);
    expect(p99().status).toMatchObject({ state: 'ok', problem: 'partial' });
  });

  it('a clock an hour ahead: asked in its time, shown in ours, said aloud, watchers reset', async () => {
    source.clockSkewMs = HOUR;
    // The source knows nothing of its own future, and of the world's past hour everything.
    source.value = (_, atMs) => (atMs <= clock.now() + HOUR && atMs > clock.now() ? 0.2 : null);
    start();
    const updates: SliUpdate[] = [];
    service.watch({ environment: 'production' }, (update) => updates.push(update));
    await clock.advance(3000);
    expect(askedFor(PROD).at(-1)).toMatchObject({ endMs: T0 + HOUR + 3000 });
    expect(p99().status).toMatchObject({ state: 'ok', latest: { atMs: T0 + 3000, value: 0.2 } });
    expect(service.statuses()[0]).toMatchObject({ state: 'ready', problem: expect.stringMatching(/1 h ahead/) });
    expect(updates.some(({ reset }) => reset !== undefined)).toBe(true);
    source.clockSkewMs = 0;
    source.value = () => 0.2;
    await clock.advance(3000);
    expect(askedFor(PROD).at(-1)).toMatchObject({ endMs: T0 + 6000 });
    expect(service.statuses()[0]?.problem).toBeNull();
  });
});
