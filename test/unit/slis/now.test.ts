import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createNowService } from '../../../electron/services/now/now-service.ts';
import type { NowService } from '../../../electron/services/now/api.ts';
import { createSliService } from '../../../electron/services/slis/sli-service.ts';
import type { Now } from '../../../shared/contract/slis.ts';
import type { Marker } from '../../../shared/model/marker.ts';
import { quietLog, TestClock, TestSource, testConfig } from './world.ts';

const T0 = 1_795_189_200_000;
const ENVIRONMENTS = ['staging', 'production'].map((name) => ({
  name,
  tone: 'neutral' as const,
  propagationObjectiveMs: 30_000,
}));

/** The flag service's side that Now listens to. */
class Flags {
  all: Marker[] = [];
  readonly #listeners = new Set<(marker: Marker) => void>();
  markers({ environment }: { environment?: string }): Marker[] {
    return this.all.filter((marker) => marker.environment === environment);
  }
  onMarker(listener: (marker: Marker) => void) {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  }
  onRows() {
    return { dispose() {} };
  }
  add(subject: string, atMs: number, services: string[]): void {
    const marker: Marker = {
      id: `${subject}-${atMs}`,
      kind: 'flag',
      atMs,
      approximate: false,
      environment: 'production',
      connection: 'flags',
      subject,
      services,
      fromPercentage: 0,
      toPercentage: 20,
      ours: false,
      by: null,
    };
    this.all.push(marker);
    for (const listener of this.#listeners) listener(marker);
  }
}

let clock: TestClock;
let source: TestSource;
let flags: Flags;
let now: NowService;
let end: () => void;

beforeEach(() => {
  clock = new TestClock(T0 + 300);
  source = new TestSource();
  source.value = () => 0.01;
  flags = new Flags();
  const config = testConfig();
  const slis = createSliService({ config, connections: [{ id: 'prom', source, stepMs: 1000 }], clock, log: quietLog });
  slis.watch({ environment: 'production' }, () => {});
  now = createNowService({ flags, slis, environments: ENVIRONMENTS, clock });
  end = () => {
    now.dispose();
    slis.dispose();
  };
});
afterEach(() => end());

describe('Now', () => {
  it('A7: the worst breach first, with the flag that its cohort convicts before a later change', async () => {
    const since = T0 + 60_000;
    source.value = (query, atMs) => {
      if (query === 'errors') return atMs >= since ? 0.06 : 0.01;
      return atMs >= since && !query.includes('"no"') ? 1.8 : 0.2;
    };
    await clock.advance(30_000);
    flags.add('enable_new_pricing', clock.now(), ['checkout']);
    await clock.advance(5000);
    flags.add('enable_other', clock.now(), ['search']);
    await clock.advance(40_000);
    const { breaches, markers } = now.now('production');
    expect(breaches.map(({ sli }) => sli.id)).toEqual(['checkout/p99', 'checkout/errors']);
    expect(breaches[0]).toMatchObject({ value: 1.8, sinceMs: since });
    expect(breaches[0]?.suspects.map(({ marker }) => marker.subject)).toEqual(['enable_new_pricing', 'enable_other']);
    expect(breaches[0]?.suspects[0]?.reasons.map(({ id }) => id)).toContain('suspect.cohort-separated');
    expect(markers).toHaveLength(2);
    expect(now.now('staging').markers).toEqual([]);
  });

  it('tells a breach and a marker that come together once, and nothing when nothing changed', async () => {
    source.value = (_, atMs) => (atMs >= T0 + 20_000 ? 0.9 : 0.01);
    const told: Now[] = [];
    now.onChange('production', (value) => told.push(value));
    flags.add('a', T0, []);
    flags.add('b', T0, []);
    await clock.advance(150);
    expect(told).toHaveLength(1);
    expect(told[0]?.markers).toHaveLength(2);
    await clock.advance(19_000);
    expect(told).toHaveLength(1);
    await clock.advance(2500);
    expect(told).toHaveLength(2);
    expect(told[1]?.breaches).toHaveLength(2);
  });

  it('changes older than an hour are not news', async () => {
    flags.add('a', T0 - 3_590_000, []);
    const told: Now[] = [];
    now.onChange('production', (value) => told.push(value));
    await clock.advance(9000);
    expect(now.now('production').markers).toHaveLength(1);
    await clock.advance(6000);
    expect(now.now('production').markers).toHaveLength(0);
    expect(told.at(-1)?.markers).toEqual([]);
  });
});
