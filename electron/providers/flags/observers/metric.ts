import type { FlagObserver, InstanceObservation } from '../../../services/flags/provider.ts';
import type { Clock } from '../../../services/ports.ts';
import type { MetricSource } from '../../../services/slis/source.ts';

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
  return {
    id: `metric:${options.connection}`,
    async observe(flag, signal) {
      const query = options.query
        .replaceAll('$flag', () => quoted(flag.key))
        .replaceAll('$environment', () => quoted(flag.environment));
      const { series } = await source.instant(query, clock.now(), signal);
      const used: InstanceObservation[] = [];
      const idle = new Map<string, InstanceObservation>();
      for (const { labels, samples } of series) {
        const last = samples.at(-1);
        const instance = labels[instanceLabel];
        if (!last || instance === undefined || instance === '') continue;
        const region = labels[regionLabel] ?? null;
        if (last.value > 0) used.push({ instance, region, variant: labels[variantLabel] ?? null, atMs: last.atMs });
        else idle.set(`${region}\n${instance}`, { instance, region, variant: null, atMs: last.atMs });
      }
      // An instance that is there and serves nobody cannot tell which variant it would use.
      for (const { instance, region } of used) idle.delete(`${region}\n${instance}`);
      return [...used, ...idle.values()];
    },
    dispose() {},
  };
}
