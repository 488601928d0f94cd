import type { Config, FlagFacts } from '../../../shared/model/config/index.ts';
import type { FlagType, Polarity } from '../../../shared/model/flag.ts';
import { polarityByName, typeByName } from '../../../shared/rules/naming.ts';
import type { FlagHints, FlagHintsOf } from './provider.ts';

/** What the configuration says of one flag (B1). */
export interface KnownFacts {
  readonly polarity: Polarity;
  /** Null where neither the configuration nor the name tells; the provider may. */
  readonly type: FlagType | null;
  readonly facts: FlagFacts | null;
  readonly services: readonly string[];
}

export type FactsOf = (connection: string, key: string) => KnownFacts;

/** Looks up a flag's facts and services; a flag that is named without a connection counts for each of them. */
export function factsOf(config: Config): FactsOf {
  const byKey = new Map<string, FlagFacts>();
  for (const facts of config.flags) byKey.set(`${facts.connection ?? ''}/${facts.key}`, facts);
  const services = new Map<string, string[]>();
  const use = (id: string, service: string): void => {
    const users = services.get(id) ?? [];
    if (!users.includes(service)) services.set(id, [...users, service]);
  };
  for (const service of config.services) {
    for (const flag of service.flags) use(`${flag.connection}/${flag.key}`, service.id);
    for (const dependency of service.dependencies) {
      if (dependency.killSwitch !== undefined) use(`/${dependency.killSwitch}`, service.id);
    }
  }
  const none: readonly string[] = [];
  return (connection, key) => {
    const facts = byKey.get(`${connection}/${key}`) ?? byKey.get(`/${key}`) ?? null;
    const direct = services.get(`${connection}/${key}`);
    const guarded = services.get(`/${key}`);
    return {
      polarity: facts?.polarity ?? polarityByName(key),
      type: facts?.type ?? typeByName(key),
      facts,
      services: direct && guarded ? [...new Set([...direct, ...guarded])] : (direct ?? guarded ?? none),
    };
  };
}

/** What an adapter must know of a flag beside its own answer: give it to the adapter's constructor. */
export function flagHintsOf(config: Config, connection: string): FlagHintsOf {
  const lookup = factsOf(config);
  return (key): FlagHints => {
    const { polarity, facts } = lookup(connection, key);
    return { polarity, safeDefault: facts?.safeDefault ?? null };
  };
}

/** Changes when what adapters are told changes: a cache that was read under other hints says other things. */
export function hintsDigest(config: Config): string {
  return JSON.stringify(
    config.flags.map(({ connection, key, polarity, safeDefault }) => [connection, key, polarity, safeDefault]),
  );
}
