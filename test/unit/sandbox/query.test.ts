import { describe, expect, it } from 'vitest';
import { createSandboxSource } from '../../../electron/providers/metrics/sandbox/index.ts';
import { parseQuery } from '../../../electron/providers/metrics/sandbox/query.ts';
import type { Clock } from '../../../electron/services/ports.ts';

const none = { dispose() {} };
const clock: Clock = { now: () => 10_000, after: () => none, every: () => none };
const signal = new AbortController().signal;

describe('parseQuery', () => {
  it('reads a metric and its labels', () => {
    expect(parseQuery(' p99 { service = "checkout", environment="production",variant="on", } ')).toEqual({
      metric: 'p99',
      service: 'checkout',
      environment: 'production',
      region: null,
      instance: null,
      variant: 'on',
    });
  });

  it.each([
    ['', 'write a metric'],
    ['p99', 'write a metric'],
    ['p98{service="a",environment="b"}', 'no metric p98; there are p50, p99, errors, rate'],
    ['p99{environment="b"}', 'label service is missing'],
    ['p99{service="a"}', 'label environment is missing'],
    ['p99{service="a",service="a",environment="b"}', 'service is there twice'],
    ['p99{servce="a",environment="b"}', 'no label servce'],
    ['p99{service=a,environment="b"}', 'label=\\"value\\" is expected at'.replaceAll('\\', '')],
    ['p99{service="a" environment="b"}', 'is expected at'],
    ['p99{service="a",,environment="b"}', 'is expected at'],
    ['p99{service="a",environment="b",variant="maybe"}', 'variant is on or off, not maybe'],
    ['sum(p99{service="a",environment="b"})', 'write a metric'],
    ['p99{service="a",environment="b"} > 1', 'write a metric'],
  ])('refuses %s', (text, why) => {
    expect(() => parseQuery(text)).toThrow(why);
    expect(() => parseQuery(text)).toThrow(expect.objectContaining({ code: 'provider' }));
  });
});

describe('the sandbox source', () => {
  const source = createSandboxSource({ value: (_query, atMs) => (atMs === 3_000 ? null : atMs / 1000) }, clock);
  const QUERY = 'rate{service="a",environment="b"}';

  it('answers on the grid, with gaps left out and nothing from the future', async () => {
    const answer = await source.range(QUERY, 1_000, 12_000, 2_000, signal);
    expect(answer.series).toEqual([
      {
        labels: { service: 'a', environment: 'b' },
        samples: [1, 5, 7, 9].map((value) => ({ atMs: value * 1000, value })),
      },
    ]);
    expect((await source.instant(QUERY, 3_000, signal)).series).toEqual([]);
    expect((await source.instant(QUERY, 4_000, signal)).series[0]?.samples).toEqual([{ atMs: 4_000, value: 4 }]);
    expect((await source.instant(QUERY, 10_001, signal)).series).toEqual([]);
  });

  it.each([
    [1_000, 0, 1_000],
    [0, 1_000, 0],
    [0, 1_000, Number.NaN],
    [0, 20_000_000, 1],
  ])('refuses the range %i to %i by %i', async (start, end, step) => {
    await expect(source.range(QUERY, start, end, step, signal)).rejects.toMatchObject({ code: 'provider' });
  });

  it('stops when cancelled', async () => {
    await expect(source.instant(QUERY, 1, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
  });
});
