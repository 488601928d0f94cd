import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../electron/platform/clock.ts';
import { createPrometheusSource } from '../../../electron/providers/metrics/prometheus/index.ts';
import type { SliService } from '../../../electron/services/slis/api.ts';
import { createSliService } from '../../../electron/services/slis/sli-service.ts';
import type { SliView } from '../../../shared/contract/slis.ts';
import { configSchema } from '../../../shared/model/config/index.ts';
import type { Series } from '../../../shared/model/sli.ts';
import { checkoutFlags, type RunningCheckout, startCheckout, startLoad } from '../../support/checkout.ts';
import { waitFor } from '../../support/processes.ts';
import { startPrometheus } from '../../support/prometheus.ts';

const RATE = (labels: string) =>
  `histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{${labels}}[3s])))`;
const log = { info() {}, warn() {}, error() {} };
const endings: (() => unknown)[] = [];
let checkout: RunningCheckout;
let service: SliService;
let flagFile: string;
let raisedAtMs = 0;

async function setPercentage(percentage: number): Promise<void> {
  await writeFile(`${flagFile}.new`, checkoutFlags(percentage));
  await rename(`${flagFile}.new`, flagFile);
}

function p99(): SliView {
  const view = service.view('checkout/p99', 'production');
  if (!view) throw new Error('no such SLI');
  return view;
}

const last = (series: Series | undefined) => series?.values.findLast((value) => value !== null) ?? null;

beforeAll(async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'scram-main-job-'));
  endings.push(() => rm(folder, { recursive: true, force: true }));
  flagFile = path.join(folder, 'production.flagd.json');
  await writeFile(flagFile, checkoutFlags(0));
  checkout = await startCheckout({ flagFile });
  endings.push(() => checkout.stop());
  const prometheus = await startPrometheus({ targets: [checkout.target] });
  endings.push(() => prometheus.stop());
  const load = await startLoad(checkout.url, 60, 120);
  endings.push(() => load.stop());
  const source = createPrometheusSource({ url: prometheus.url, timeoutMs: 5000 });
  endings.push(() => source.dispose());
  const config = configSchema.parse({
    version: 1,
    team: 'payments',
    environments: { production: { tone: 'production' } },
    services: [
      {
        id: 'checkout',
        flags: [{ connection: 'local', key: 'enable_new_pricing' }],
        slis: [
          {
            id: 'p99',
            name: 'p99 latency',
            connection: 'prom',
            query: RATE('service="checkout"'),
            unit: 's',
            objective: { below: 0.2 },
            cohort: {
              flag: 'enable_new_pricing',
              query: RATE('service="checkout",variant="$cohort"'),
              on: 'on',
              off: 'off',
            },
          },
        ],
      },
    ],
  });
  service = createSliService({
    config,
    connections: [{ id: 'prom', source, stepMs: 1000 }],
    clock: systemClock(log),
    log,
  });
  endings.push(() => service.dispose());
  service.watch({ environment: 'production' }, () => {});
  await waitFor('a dozen good samples', () => goodSamples() >= 12, {
    deadlineMs: 30_000,
  });
}, 60_000);

afterAll(async () => {
  for (const end of endings.splice(0).reverse()) await end();
}, 20_000);

function goodSamples(): number {
  return p99().series.all?.values.filter((value) => value !== null).length ?? 0;
}

describe('main job on real input', () => {
  it('is calm while the flag is off', async () => {
    expect(p99().status).toMatchObject({ state: 'ok', problem: null });
    expect(last(p99().series.all)).toBeLessThan(0.2);
    expect(last(p99().series.on)).toBeNull();
    expect(service.statuses()[0]).toMatchObject({ state: 'ready', problem: null });
    expect((await checkout.latency('u1')).variant).toBe('off');
  });

  it('A3: the flag goes to 20 % and the breach shows within two scrapes of its effect', async () => {
    await setPercentage(20);
    raisedAtMs = Date.now();
    const told: SliView[] = [];
    const subscription = service.onBreach((breach) => told.push(breach));
    const view = await waitFor('the breach is told', () => told[0]);
    subscription.dispose();
    const sinceMs = view.status.breachedSinceMs ?? 0;
    expect(sinceMs).toBeGreaterThanOrEqual(raisedAtMs - 1000);
    // The flag file is polled at 100 ms and the first slow requests take 250 ms; then come two scrapes, 1 s apart.
    expect(sinceMs - raisedAtMs).toBeLessThanOrEqual(350 + 2000);
    // Two samples in a row make a breach, and a poll each second finds them.
    expect(Date.now() - raisedAtMs).toBeLessThanOrEqual(350 + 2000 + 2500);
    expect(view.baseline?.median).toBeLessThan(0.2);
  }, 20_000);

  it('A6: those with the flag on are slow, those with it off are not', async () => {
    await waitFor('both cohorts have samples', () => (last(p99().series.on) ?? 0) > 0.15 && last(p99().series.off));
    expect(last(p99().series.on)).toBeGreaterThan(0.2);
    expect(last(p99().series.off)).toBeLessThan(0.2);
    const users = await Promise.all(Array.from({ length: 100 }, (_, index) => checkout.latency(`u${index}`)));
    const on = users.filter(({ variant }) => variant === 'on');
    expect(on.length).toBeGreaterThan(8);
    expect(on.length).toBeLessThan(35);
    expect(Math.min(...on.map(({ ms }) => ms))).toBeGreaterThan(240);
  }, 20_000);

  it('A4: off again, the breach ends and the service is fast', async () => {
    await setPercentage(0);
    await waitFor('the breach ends', () => p99().status.breachedSinceMs === null, { deadlineMs: 15_000 });
    expect(p99().status.state).toBe('ok');
    expect(last(p99().series.all)).toBeLessThan(0.2);
    expect((await checkout.latency('u1')).variant).toBe('off');
  }, 20_000);
});
