import type { ObserverConfigOf } from '../../../../shared/model/config/index.ts';
import { ScramError } from '../../../../shared/model/error.ts';
import type { FlagObservation, FlagObserver } from '../../../services/flags/observer.ts';
import type { Clock } from '../../../services/ports.ts';
import type { MetricSource } from '../../../services/slis/source.ts';
import type { ObserverFactory } from '../context.ts';

export interface MetricObserverOptions {
  readonly source: MetricSource;
  /** Id of the metric connection, for the observer's name. */
  readonly connection: string;
  /** `$flag` stands for the flag's key, `$environment` for the environment. */
  readonly query: string;
  readonly instanceLabel: string;
  readonly variantLabel: string;
  readonly regionLabel: string;
  readonly clock: Clock;
}

/** Metrics are scraped: looking more often shows nothing newer. */
const PACE_MS = 1_000;

export const metricObserver: ObserverFactory<ObserverConfigOf<'metric'>> = (config, { metricSource, clock }) => {
  const source = metricSource(config.connection);
  if (source === null) throw new ScramError('config-invalid', `there is no metric connection ${config.connection}`);
  return createMetricObserver({ ...config, source, clock });
};

/** A key within a double-quoted matcher of the query, where a quote or a backslash would end it. */
function quoted(text: string): string {
  return text.replace(/[\\"]/g, (letter) => `\\${letter}`).replace(/\n/g, '\\n');
}

/**
 * What running instances use, told by a metric (B5): series with a value above zero say which variant an instance
 * serves. An instance that serves two has both told, so that one that still uses the old variant never looks done.
 */
export function createMetricObserver(options: MetricObserverOptions): FlagObserver {
  const { source, clock, instanceLabel, variantLabel, regionLabel } = options;

  async function observeOne(key: string, environment: string, signal: AbortSignal): Promise<FlagObservation[]> {
    const query = options.query
      .replaceAll('$flag', () => quoted(key))
      .replaceAll('$environment', () => quoted(environment));
    const { series } = await source.instant(query, clock.now(), signal);
    const used: FlagObservation[] = [];
    const idle = new Map<string, FlagObservation>();
    for (const { labels, samples } of series) {
      const last = samples.at(-1);
      const instance = labels[instanceLabel];
      if (!last || instance === undefined || instance === '') continue;
      const region = labels[regionLabel] ?? null;
      if (last.value > 0) used.push({ key, instance, region, variant: labels[variantLabel] ?? null, atMs: last.atMs });
      else idle.set(`${region}\n${instance}`, { key, instance, region, variant: null, atMs: last.atMs });
    }
    // An instance that is there and serves nobody cannot tell which variant it would use.
    for (const { instance, region } of used) idle.delete(`${region}\n${instance}`);
    return [...used, ...idle.values()];
  }

  return {
    id: `metric:${options.connection}`,
    environments: null,
    paceMs: PACE_MS,
    async observe(keys, environment, signal) {
      const answers: FlagObservation[] = [];
      for (const key of keys) answers.push(...(await observeOne(key, environment, signal)));
      return answers;
    },
    dispose() {},
  };
}
