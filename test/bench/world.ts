import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

const ENVIRONMENTS = ['production', 'staging', 'development', 'canary', 'load'] as const;

/** A flagd file with `count` flags of mixed kinds; flag 7,321, which is on, is the one that the benchmarks look for. */
export function flagdFile(count: number): string {
  const flags: Record<string, unknown> = {};
  for (let index = 0; index < count; index += 1) {
    const partly = index % 3 === 0;
    flags[`enable_feature_${String(index).padStart(5, '0')}`] = {
      state: 'ENABLED',
      variants: { on: true, off: false },
      defaultVariant: index % 2 === 1 ? 'on' : 'off',
      ...(partly
        ? {
            targeting: {
              fractional: [
                ['on', 20],
                ['off', 80],
              ],
            },
          }
        : {}),
      metadata: { owner: `team-${index % 17}`, description: `Feature ${index}` },
    };
  }
  return `${JSON.stringify({ $schema: 'https://flagd.dev/schema/v0/flags.json', flags }, null, 2)}\n`;
}

export const NAMED_FLAG = 'enable_feature_07321';

export interface BenchWorld {
  readonly dataDir: string;
  readonly config: string;
  remove(): Promise<void>;
}

/** A folder with a configuration of `flags` flags in five environments and `charts` SLIs. */
export async function makeWorld(options: {
  flags: number;
  charts: number;
  metricsUrl: string | null;
}): Promise<BenchWorld> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'scram-bench-'));
  const dataDir = path.join(folder, 'data');
  await mkdir(dataDir);
  const text = flagdFile(options.flags);
  for (const name of ENVIRONMENTS) await writeFile(path.join(folder, `${name}.json`), text);
  const slis = Array.from({ length: options.charts }, (_, index) => ({
    id: `sli${index}`,
    name: `latency ${index}`,
    connection: 'prom',
    query: `bench_latency_${index}`,
    unit: 's',
    objective: { below: 0.6 },
  }));
  const config = {
    version: 1,
    team: 'bench',
    environments: Object.fromEntries(
      ENVIRONMENTS.map((name) => [name, name === 'production' ? { tone: 'production' } : {}]),
    ),
    connections: [
      { id: 'local', kind: 'flagd', files: Object.fromEntries(ENVIRONMENTS.map((name) => [name, `./${name}.json`])) },
      ...(options.metricsUrl === null
        ? []
        : [{ id: 'prom', kind: 'prometheus', url: options.metricsUrl, refresh: '1s' }]),
    ],
    services: [{ id: 'checkout', flags: [{ connection: 'local', key: NAMED_FLAG }], slis }],
  };
  const file = path.join(folder, 'scram.yaml');
  await writeFile(file, JSON.stringify(config));
  return { dataDir, config: file, remove: () => rm(folder, { recursive: true, force: true }) };
}
