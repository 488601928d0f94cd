import { expect, it } from 'vitest';
import { createMetricObserver } from '../../../electron/providers/flags/observers/metric.ts';
import type { MetricSource } from '../../../electron/services/slis/source.ts';
import { never, StandingClock } from './world.ts';

it('B5: tells which variant each instance uses, both when it uses two, none when it is idle', async () => {
  const asked: string[] = [];
  const at = (labels: Record<string, string>, value: number) => ({ labels, samples: [{ atMs: 5, value }] });
  const source: MetricSource = {
    kind: 'fake',
    instant: async (query) => {
      asked.push(query);
      return {
        series: [
          at({ instance: 'a', variant: 'off', region: 'eu' }, 3),
          at({ instance: 'b', variant: 'off', region: 'us' }, 2),
          at({ instance: 'b', variant: 'on', region: 'us' }, 0.1),
          at({ instance: 'c', variant: 'on' }, 0),
          at({ variant: 'on' }, 9),
          { labels: { instance: 'd' }, samples: [] },
          at({ instance: 'a', variant: 'on', region: 'eu' }, 0),
        ],
        warnings: [],
        notNumbers: 0,
        clockSkewMs: null,
      };
    },
    range: () => Promise.reject(new Error('not asked for')),
    probe: () => Promise.reject(new Error('not asked for')),
    dispose() {},
  };
  const observer = createMetricObserver({
    source,
    connection: 'prom',
    query: 'sum by (instance, variant) (rate(evaluations_total{flag="$flag"}[5s]))',
    instanceLabel: 'instance',
    variantLabel: 'variant',
    regionLabel: 'region',
    clock: new StandingClock(),
  });
  const seen = await observer.observe(['a"$&'], 'production', never);
  expect(asked[0]).toContain('{flag="a\\"$&"}');
  expect(seen).toEqual([
    { key: 'a"$&', instance: 'a', region: 'eu', variant: 'off', atMs: 5 },
    { key: 'a"$&', instance: 'b', region: 'us', variant: 'off', atMs: 5 },
    { key: 'a"$&', instance: 'b', region: 'us', variant: 'on', atMs: 5 },
    { key: 'a"$&', instance: 'c', region: null, variant: null, atMs: 5 },
  ]);
});
