import type { BatchTarget, KillSet } from '../../../shared/model/batch.ts';
import { type Config, isFlagConnection, type KillSetConfig } from '../../../shared/model/config/index.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { flagId } from '../../../shared/model/flag.ts';
import { nearNames } from '../../../shared/rules/naming.ts';
import type { FlagRef, FlagService } from '../flags/api.ts';

export interface TargetPorts {
  readonly flags: Pick<FlagService, 'connection' | 'held' | 'find'>;
  readonly config: Config;
}

/** A flag that was meant and cannot be told, with the reason. */
export interface Unfound {
  readonly key: string;
  readonly problem: ScramError;
}

export interface Targets {
  /** Kill set or service, or the number of flags, in words. */
  readonly name: string;
  /** Each flag once, in the order in which they are killed. */
  readonly items: readonly (FlagRef | Unfound)[];
}

/** The flags that are meant. Throws `not-found` for an unknown service or kill set, with the names that are near. */
export function targetsOf(ports: TargetPorts, environment: string, target: BatchTarget): Targets {
  if (target.by === 'flags') {
    const items = once(target.flags);
    return { name: items.length === 1 ? '1 flag' : `${items.length} flags`, items };
  }
  if (target.by === 'kill-set') {
    const set = named(ports.config.killSets, target.killSet, 'kill set');
    return { name: set.id, items: once(set.flags.map((flag) => found(ports, flag, environment))) };
  }
  const service = named(ports.config.services, target.service, 'service');
  const switches = service.dependencies.flatMap(({ killSwitch }) => killSwitch ?? []);
  return {
    name: service.id,
    items: once([...service.flags, ...switches.map((key) => found(ports, key, environment))]),
  };
}

/** Kill sets with their flags found wherever they are; keys that cannot be told are named (B13). */
export function killSetsOf(ports: TargetPorts): KillSet[] {
  return ports.config.killSets.map(({ id, flags }) => {
    const known: FlagRef[] = [];
    const problems: string[] = [];
    for (const flag of flags) {
      if (typeof flag !== 'string') {
        known.push(flag);
        continue;
      }
      const { owners, unread } = ownersOf(ports, flag, null);
      const [owner] = owners;
      if (owner !== undefined && owners.length === 1) known.push({ connection: owner, key: flag });
      else if (owner !== undefined) problems.push(`flag ${flag} is in ${owners.join(' and ')}: name the connection`);
      // Before every connection has answered, nothing is known of what is not there.
      else if (unread.length === 0) problems.push(`no connection has a flag ${flag}`);
    }
    return { id, flags: known, problems };
  });
}

function found(ports: TargetPorts, flag: KillSetConfig['flags'][number], environment: string): FlagRef | Unfound {
  if (typeof flag !== 'string') return flag;
  const { owners, unread } = ownersOf(ports, flag, environment);
  const [owner] = owners;
  if (owner !== undefined && owners.length === 1) return { connection: owner, key: flag };
  const [silent] = unread;
  // It is there if anywhere: asking for it says what is wrong with the connection.
  if (owner === undefined && silent !== undefined && unread.length === 1) return { connection: silent, key: flag };
  return { key: flag, problem: owner === undefined ? missing(ports, flag, environment) : ambiguous(flag, owners) };
}

function missing({ flags }: TargetPorts, key: string, environment: string): ScramError {
  try {
    const { connection } = flags.find(key);
    return new ScramError('not-found', `flag ${key} of ${connection} is not in ${environment}`);
  } catch (error) {
    if (error instanceof ScramError && error.code === 'not-found') return error;
    return new ScramError('not-found', `flag ${key} is not in ${environment}`, { cause: error });
  }
}

function ambiguous(key: string, owners: readonly string[]): ScramError {
  return new ScramError('conflict', `flag ${key} is in ${owners.join(' and ')}`, {
    action: `name its connection in scram.yaml: { connection: ${owners[0]}, key: ${key} }`,
  });
}

/** Connections that have the key; null: in any environment. `unread`: those that have told nothing yet. */
function ownersOf(
  { flags, config }: TargetPorts,
  key: string,
  environment: string | null,
): { owners: string[]; unread: string[] } {
  const owners: string[] = [];
  const unread: string[] = [];
  for (const { id } of config.connections.filter(isFlagConnection)) {
    const places = flags
      .connection(id)
      .provider.environments.filter((name) => environment === null || name === environment);
    const held = places.map((name) => flags.held(id, name));
    if (held.some((place) => place.flags.has(key))) owners.push(id);
    if (held.some((place) => place.readAtMs === null && place.flags.size === 0)) unread.push(id);
  }
  return { owners, unread };
}

function named<T extends { readonly id: string }>(all: readonly T[], id: string, what: string): T {
  const one = all.find((candidate) => candidate.id === id);
  if (one) return one;
  const ids = all.map((candidate) => candidate.id);
  const near = nearNames(id, ids);
  throw new ScramError('not-found', `there is no ${what} ${id}`, {
    action: near.length > 0 ? `did you mean ${near.join(' or ')}?` : `there are: ${ids.join(', ') || 'none'}`,
  });
}

function once(items: readonly (FlagRef | Unfound)[]): (FlagRef | Unfound)[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const id = 'problem' in item ? JSON.stringify(item.key) : flagId(item);
    if (seen.has(id)) return false;
    seen.add(id);
    return true;
  });
}
