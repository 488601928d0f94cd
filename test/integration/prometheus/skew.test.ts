import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../electron/platform/clock.ts';
import { createPrometheusSource } from '../../../electron/providers/metrics/prometheus/index.ts';
import { createSliService } from '../../../electron/services/slis/sli-service.ts';
import { configSchema } from '../../../shared/model/config/index.ts';
import { matrix, startFaultServer } from '../../support/fault-server.ts';
import { waitFor } from '../../support/processes.ts';

const HOUR = 3_600_000;
const log = { info() {}, warn() {}, error() {} };
const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

const config = configSchema.parse({
  version: 1,
  team: 'payments',
  environments: { production: { tone: 'production' } },
  services: [{ id: 'checkout', slis: [{ id: 'up', name: 'up', connection: 'prom', query: 'up', unit: 'count' }] }],
});

describe('a Prometheus whose clock is wrong', () => {
  for (const [name, skewMs, words] of [
    ['an hour ahead', HOUR, /1 h ahead of/],
    ['an hour behind', -HOUR, /(1 h|59 min 5\d s|1 h 1 s) behind/],
  ] as const) {
    it(`${name}: live samples at this console's time, and the connection says so`, async () => {
      // It has samples of its last ten minutes, by its own clock.
      const server = await startFaultServer((request, response) => {
        const serverNow = (Date.now() + skewMs) / 1000;
        const [start, end, step] = ['start', 'end', 'step'].map((key) => Number(request.form.get(key)));
        const values: [number, string][] = [];
        for (let at = start ?? 0; at <= (end ?? 0); at += step ?? 1) {
          if (at <= serverNow && at > serverNow - 600) values.push([at, '1']);
        }
        response.writeHead(200, { 'content-type': 'application/json', date: new Date(serverNow * 1000).toUTCString() });
        response.end(JSON.stringify(matrix(values)));
      });
      endings.push(() => server.stop());
      const source = createPrometheusSource({ url: server.url, timeoutMs: 2000 });
      endings.push(() => source.dispose());
      const connections = [{ id: 'prom', source, stepMs: 1000 }];
      const service = createSliService({ config, connections, clock: systemClock(log), log });
      endings.push(() => service.dispose());
      service.watch({ environment: 'production' }, () => {});
      const status = await waitFor('live samples', () => {
        const found = service.view('checkout/up', 'production')?.status;
        return found?.state === 'ok' ? found : null;
      });
      expect(Math.abs(Date.now() - (status.latest?.atMs ?? 0))).toBeLessThan(4000);
      expect(service.statuses()[0]).toMatchObject({ state: 'ready', problem: expect.stringMatching(words) });
    });
  }
});
