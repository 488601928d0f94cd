import { describe, expect, it } from 'vitest';
import type { FlagObserver } from '../../../electron/services/flags/observer.ts';
import { assessSli } from '../../../shared/rules/breach.ts';
import { NEVER, START } from '../changes/world.ts';
import { type BatchWorldOptions, ENV, FakeSystem, makeBatchWorld, manyFlags } from './world.ts';

const COUNT = 500;

function observer(bulk: boolean) {
  const looks: (readonly string[])[] = [];
  const state = { variant: 'on' };
  const made: FlagObserver = {
    id: bulk ? 'relay' : 'metric',
    environments: null,
    paceMs: 100,
    bulk,
    async observe(keys) {
      looks.push(keys);
      return keys.map((key) => ({ key, instance: 'a', region: null, variant: state.variant, atMs: START + 60_000 }));
    },
    dispose() {},
  };
  return { made, looks, state };
}

async function killAll(bulk: boolean, options: Partial<BatchWorldOptions> = {}) {
  const eu = new FakeSystem('eu', manyFlags(COUNT));
  const seen = observer(bulk);
  const world = await makeBatchWorld({ systems: [eu], bulk: 100, observers: [seen.made], ...options });
  const flags = [...eu.shares.keys()].map((key) => ({ connection: 'eu', key }));
  const preview = await world.batches.preview(ENV, { by: 'flags', flags }, NEVER);
  const { hash } = world.batches.propose(preview.hash, 'INC-1');
  eu.reads.length = 0;
  let told = 0;
  world.batches.onProgress(() => {
    told += 1;
  });
  await world.batches.execute(hash, NEVER);
  const items = () => world.batches.progress(hash)?.items ?? [];
  return { ...world, eu, seen, items, told: () => told };
}

describe('propagation of many (B5, B14)', () => {
  it(`B14: ${COUNT} accepted kills are read back and looked at together, and journalled one by one`, async () => {
    const { clock, eu, seen, items, entries, told } = await killAll(true);
    await clock.advance(1_000);
    expect(items().every(({ servedAtMs }) => servedAtMs !== null)).toBe(true);
    expect(eu.reads.length).toBeLessThan(20);
    expect(seen.looks.length).toBeLessThan(20);
    expect(Math.max(...seen.looks.map((keys) => keys.length))).toBe(COUNT);
    seen.state.variant = 'off';
    await clock.advance(200);
    expect(items().every(({ stage }) => stage === 'observed')).toBe(true);
    expect(entries('change.observed')).toHaveLength(COUNT);
    expect(told()).toBeLessThan(20);
    const looks = seen.looks.length;
    await clock.advance(60_000);
    expect(seen.looks.length).toBe(looks);
  });

  it('A4: the recovery of a service is judged once for all of them, and proven for each', async () => {
    const sli = { id: 'shop/p99', service: 'shop', name: 'p99', unit: 's' as const, objective: { below: 0.6 } };
    const flags = Object.keys(manyFlags(COUNT)).map((key) => ({ connection: 'eu', key }));
    const healthy = Array.from({ length: 60 }, () => 0.2);
    const breached = Array.from({ length: 30 }, () => 1.9);
    let [views, watches, later] = [0, 0, [] as number[]];
    const { clock, entries } = await killAll(true, {
      config: { services: [{ id: 'shop', flags }] },
      slis: {
        slis: () => [{ ...sli, connection: 'prom', environment: ENV, cohortFlag: null }],
        view() {
          views += 1;
          const values = [...healthy, ...breached, ...later];
          const series = { startMs: START - 89_000, stepMs: 1_000, values };
          const status = assessSli(series, sli.objective, START);
          const known = { ...sli, connection: 'prom', environment: ENV, cohortFlag: null };
          return { sli: known, status, baseline: null, series: { all: series } };
        },
        watch() {
          watches += 1;
          return {
            dispose() {
              watches -= 1;
            },
          };
        },
      },
    });
    await clock.advance(2_000);
    expect(watches).toBe(1);
    later = Array.from({ length: 10 }, () => 0.2);
    views = 0;
    await clock.advance(10_000);
    expect(views).toBeLessThan(20);
    expect(entries('change.recovery').map(({ recovery }) => recovery.verdict)).toEqual(
      Array.from({ length: COUNT }, () => 'recovered'),
    );
    expect(watches).toBe(0);
  });

  it('an observer that each flag costs a request is asked for a part at a time, each in its turn', async () => {
    const { clock, seen, items } = await killAll(false);
    seen.state.variant = 'off';
    await clock.advance(2_000);
    expect(items().every(({ stage }) => stage === 'observed')).toBe(true);
    expect(Math.max(...seen.looks.map((keys) => keys.length))).toBe(50);
    expect(new Set(seen.looks.flat()).size).toBe(COUNT);
  });
});
