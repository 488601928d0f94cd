import type { Flag, FlagEnvironment, FlagRow } from '../../../shared/model/flag.ts';
import type { Cell } from './cell.ts';
import type { KnownFacts } from './facts.ts';

/** One line of the Flags view. The configuration wins over what the provider says (B1). */
export function rowOf(connection: string, key: string, cell: Cell, known: KnownFacts, nowMs: number): FlagRow {
  const { facts } = known;
  return {
    connection,
    key,
    type: known.facts?.type ?? cell.type ?? known.type ?? 'release',
    polarity: known.polarity,
    owner: facts?.owner ?? cell.owner,
    critical: facts?.critical ?? false,
    stale: cell.stale || isStale(known, nowMs),
    services: [...known.services],
    exposure: cell.state.exposure,
    percentage: cell.state.percentage,
    serves: cell.state.serves,
    targeting: cell.state.targeting,
    killed: cell.state.killed,
    killable: cell.safeDefault !== null,
    changedAtMs: cell.changedAtMs,
  };
}

export interface PlacedCell {
  readonly environment: string;
  readonly providerEnvironment: string;
  readonly cell: Cell;
}

/** The whole flag, or null when no environment has it. What environments share is taken from the first that has it. */
export function flagOf(
  connection: string,
  key: string,
  places: readonly PlacedCell[],
  known: KnownFacts,
  nowMs: number,
): Flag | null {
  const first = places[0]?.cell;
  if (!first) return null;
  const { facts } = known;
  return {
    connection,
    key,
    description: places.find(({ cell }) => cell.description !== null)?.cell.description ?? null,
    type: facts?.type ?? first.type ?? known.type ?? 'release',
    polarity: known.polarity,
    variants: [...first.variants],
    owner: facts?.owner ?? places.find(({ cell }) => cell.owner !== null)?.cell.owner ?? null,
    expiresAtMs: facts?.expires ?? null,
    safeDefault: first.safeDefault,
    fallback: facts?.fallback ?? null,
    failState: facts?.failState ?? null,
    critical: facts?.critical ?? false,
    stale: first.stale || isStale(known, nowMs),
    lastDrillAtMs: null,
    tags: [...new Set([...(facts?.tags ?? []), ...first.tags])],
    services: [...known.services],
    environments: places.map(
      ({ environment, providerEnvironment, cell }): FlagEnvironment => ({
        ...cell.state,
        environment,
        providerEnvironment,
        changedAtMs: cell.changedAtMs,
        changedBy: cell.changedBy,
        lastSeenAtMs: cell.lastSeenAtMs,
      }),
    ),
  };
}

function isStale({ facts }: KnownFacts, nowMs: number): boolean {
  return facts?.expires !== undefined && facts.expires < nowMs;
}
