import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { freePort, startProcess, waitFor } from './processes.ts';

export interface PrometheusOptions {
  /** What it scrapes: `host:port`, at /metrics. */
  readonly targets: readonly string[];
  /** As Prometheus writes it; 1s by default. */
  readonly scrapeInterval?: string;
  readonly queryTimeout?: string;
}

export interface RunningPrometheus {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts a real Prometheus (Debian package `prometheus`) on a free port with a folder of its own. */
export async function startPrometheus(options: PrometheusOptions): Promise<RunningPrometheus> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'scram-prometheus-'));
  const interval = options.scrapeInterval ?? '1s';
  const config = {
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    scrape_configs: [{ job_name: 'app', static_configs: [{ targets: options.targets }] }],
  };
  const configFile = path.join(folder, 'prometheus.yml');
  await writeFile(configFile, JSON.stringify(config));
  const port = await freePort();
  const server = startProcess('prometheus', [
    `--config.file=${configFile}`,
    `--storage.tsdb.path=${path.join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    `--query.timeout=${options.queryTimeout ?? '10s'}`,
    '--storage.tsdb.retention.time=2h',
  ]);
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await waitFor('Prometheus is ready', async () => (await fetch(`${url}/-/ready`)).ok, { deadlineMs: 20_000 });
  } catch (error) {
    await stop();
    throw new Error(`Prometheus did not start; install it with apt-get install prometheus. ${server.output()}`, {
      cause: error,
    });
  }
  return { url, pid: server.pid, stop };
}
