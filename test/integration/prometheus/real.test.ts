import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPrometheusSource } from '../../../electron/providers/metrics/prometheus/index.ts';
import type { MetricSource } from '../../../electron/services/slis/source.ts';
import { type FaultServer, startFaultServer } from '../../support/fault-server.ts';
import { waitFor } from '../../support/processes.ts';
import { type RunningPrometheus, startPrometheus } from '../../support/prometheus.ts';

const signal = new AbortController().signal;
let exporter: FaultServer;
let prometheus: RunningPrometheus;
let source: MetricSource;

beforeAll(async () => {
  exporter = await startFaultServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
    response.end('answer 42\nodd{kind="nan"} NaN\nodd{kind="inf"} +Inf\nodd{kind="fine"} 1\n');
  });
  prometheus = await startPrometheus({ targets: [new URL(exporter.url).host] });
  source = createPrometheusSource({ url: prometheus.url, timeoutMs: 5000 });
  await waitFor('two scrapes', async () => {
    const answer = await source.instant('count_over_time(answer[1m])', Date.now(), signal);
    return (answer.series[0]?.samples[0]?.value ?? 0) >= 2;
  });
}, 40_000);

afterAll(async () => {
  source?.dispose();
  await prometheus?.stop();
  await exporter?.stop();
});

describe('a real Prometheus', () => {
  it('answers a vector, a scalar and a matrix', async () => {
    const nowMs = Date.now();
    const vector = await source.instant('answer', nowMs, signal);
    expect(vector.series[0]).toMatchObject({ labels: { __name__: 'answer', job: 'app' }, samples: [{ value: 42 }] });
    expect(vector.clockSkewMs).toBe(0);
    const scalar = await source.instant('1 + 1', nowMs, signal);
    expect(scalar.series).toEqual([{ labels: {}, samples: [{ atMs: nowMs, value: 2 }] }]);
    const end = Math.floor(nowMs / 1000) * 1000;
    const matrix = await source.range('answer', end - 600_000, end, 1000, signal);
    const samples = matrix.series[0]?.samples ?? [];
    expect(samples.at(-1)).toEqual({ atMs: end, value: 42 });
    expect(samples.length).toBeLessThan(60);
  });

  it('F3: NaN and Inf are counted, not drawn; nothing is an empty answer', async () => {
    const answer = await source.instant('odd', Date.now(), signal);
    expect(answer.notNumbers).toBe(2);
    expect(answer.series.flatMap(({ samples }) => samples.map(({ value }) => value))).toEqual([1]);
    expect((await source.instant('not_there', Date.now(), signal)).series).toEqual([]);
  });

  it('a bad query is told in its own words, with the place', async () => {
    const asked = source.range('rate(answer[1m]', Date.now() - 5000, Date.now(), 1000, signal);
    await expect(asked).rejects.toMatchObject({
      code: 'provider',
      retryable: false,
      message: expect.stringMatching(/line 1, column \d+ of the query.*unclosed left parenthesis/),
    });
  });

  it('a range past 11,000 steps is split and answered', async () => {
    const end = Math.floor(Date.now() / 1000) * 1000;
    const answer = await source.range('answer', end - 12_000_000, end, 1000, signal);
    expect(answer.series[0]?.samples.at(-1)?.atMs).toBe(end);
  });

  it('its probe tells the clock to the millisecond', async () => {
    const report = await source.probe(signal);
    expect(report.ok).toBe(true);
    expect(Math.abs(report.clockSkewMs ?? 9999)).toBeLessThan(500);
  });

  it('a cancelled query is cancelled', async () => {
    const controller = new AbortController();
    const asked = source.instant('answer', Date.now(), controller.signal);
    controller.abort();
    await expect(asked).rejects.toMatchObject({ code: 'cancelled' });
  });
});
