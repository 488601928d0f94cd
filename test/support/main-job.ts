import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { checkoutFlags, type RunningCheckout, startCheckout, startLoad } from './checkout.ts';
import { type RunningPrometheus, startPrometheus } from './prometheus.ts';

const FLAG = 'enable_new_pricing';
const duration = (matchers: string) =>
  `histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{service="checkout"${matchers}}[5s])))`;

/** The configuration of the main job on real input: a flagd file, a real Prometheus, one service. */
export function mainJobConfig(prometheusUrl: string): string {
  return `version: 1
team: payments
environments:
  production: { tone: production, propagationObjective: 30s }
  staging: {}
connections:
  - id: local
    kind: flagd
    files: { production: ./production.flagd.json, staging: ./staging.flagd.json }
    refresh: 1s
    observers:
      - kind: metric
        connection: prom
        query: sum by (instance, variant) (rate(http_requests_total{service="checkout"}[2s]))
  - { id: prom, kind: prometheus, url: ${prometheusUrl}, refresh: 1s }
services:
  - id: checkout
    owner: payments
    flags: [ { connection: local, key: ${FLAG} } ]
    slis:
      - id: p99
        name: p99 latency
        connection: prom
        query: ${duration('')}
        unit: s
        objective: { below: 0.1 }
        cohort:
          flag: ${FLAG}
          query: ${duration(',variant="$cohort"')}
          on: "on"
          off: "off"
`;
}

export interface MainJob {
  readonly folder: string;
  readonly dataDir: string;
  readonly config: string;
  readonly flagFile: string;
  readonly checkout: RunningCheckout;
  readonly prometheus: RunningPrometheus;
  /** Gives the feature to this share of the users, as someone else's release would. */
  setPercentage(percentage: number): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the service, its load and Prometheus, with the flag off. */
export async function startMainJob(): Promise<MainJob> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'scram-main-job-'));
  const dataDir = path.join(folder, 'data');
  await mkdir(dataDir);
  const flagFile = path.join(folder, 'production.flagd.json');
  await writeFile(flagFile, checkoutFlags(0));
  await writeFile(path.join(folder, 'staging.flagd.json'), checkoutFlags(0));
  const checkout = await startCheckout({ flagFile });
  const load = await startLoad(checkout.url, 60);
  const prometheus = await startPrometheus({ targets: [checkout.target] });
  const config = path.join(folder, 'scram.yaml');
  await writeFile(config, mainJobConfig(prometheus.url));
  return {
    folder,
    dataDir,
    config,
    flagFile,
    checkout,
    prometheus,
    setPercentage: (percentage) => writeFile(flagFile, checkoutFlags(percentage)),
    async stop() {
      await load.stop();
      await prometheus.stop();
      await checkout.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
