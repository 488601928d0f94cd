import type { SeriesName } from '../../../shared/model/sli.ts';
import type { Config, SliConfig } from '../../../shared/model/config/index.ts';
import { flagId } from '../../../shared/model/flag.ts';
import type { Sli } from '../../../shared/model/sli.ts';

/** An SLI of one environment, with the query of each of its lines. */
export interface PlacedSli {
  readonly sli: Sli;
  readonly queries: ReadonlyMap<SeriesName, string>;
  /** Flags of its service, as `key` and as `connection/key`, and the flag of its cohorts. */
  readonly flags: ReadonlySet<string>;
}

/**
 * Where each SLI belongs. A query with `$environment` is one SLI in every environment; one without belongs to the
 * environment that it names, else to the first that looks like production, else to the first.
 */
export function placeSlis(config: Config): PlacedSli[] {
  const environments = Object.entries(config.environments);
  const home = (environments.find(([, { tone }]) => tone === 'production') ?? environments[0])?.[0] ?? '';
  return config.services.flatMap((service) =>
    service.slis.flatMap((sli) => {
      const everywhere = sli.query.includes('$environment');
      const places = everywhere ? environments.map(([name]) => name) : [sli.environment ?? home];
      const flags = new Set(service.flags.flatMap((ref) => [ref.key, flagId(ref)]));
      if (sli.cohort) flags.add(sli.cohort.flag);
      return places.map((environment) => ({
        sli: describe(service.id, sli, environment),
        queries: queriesOf(sli, environment),
        flags,
      }));
    }),
  );
}

function describe(service: string, config: SliConfig, environment: string): Sli {
  return {
    id: `${service}/${config.id}`,
    service,
    name: config.name,
    unit: config.unit,
    objective: config.objective ?? null,
    connection: config.connection,
    environment,
    cohortFlag: config.cohort?.flag ?? null,
  };
}

function queriesOf(config: SliConfig, environment: string): Map<SeriesName, string> {
  const queries = new Map<SeriesName, string>([['all', fill(config.query, 'environment', environment)]]);
  if (config.cohort) {
    const query = fill(config.cohort.query, 'environment', environment);
    queries.set('on', fill(query, 'cohort', config.cohort.on));
    queries.set('off', fill(query, 'cohort', config.cohort.off));
  }
  return queries;
}

/** The value stands inside a quoted PromQL string, so a quote or backslash of its own must not end it. */
function fill(query: string, name: string, value: string): string {
  const quoted = value.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  return query.replaceAll(`$${name}`, () => quoted);
}
