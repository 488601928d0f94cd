import type { FlagState, FlagType } from '../../../../shared/model/flag.ts';
import type { FlagHints, ProviderFlag } from '../../../services/flags/provider.ts';
import { safeVariant } from '../shared/safe-variant.ts';
import { type Definition, revisionOf } from './definition.ts';
import { servingOf, summarise } from './serving.ts';

/** Every Unleash flag is on or off for a user; a variant is something that a flag which is on may have besides. */
const VALUES = { off: false, on: true } as const;
const VARIANTS = Object.entries(VALUES).map(([name, value]) => ({ name, value }));

const TYPES: Readonly<Record<string, FlagType>> = {
  release: 'release',
  sunset: 'release',
  experiment: 'experiment',
  permission: 'permission',
  operational: 'ops',
  'kill-switch': 'ops',
};

/** What Unleash says of a flag beside its state, the same in every environment. */
export interface Meta {
  readonly type: string | null;
  readonly description: string | null;
  readonly stale: boolean;
  readonly owner: string | null;
  readonly tags: readonly string[];
}

/** A flag in one environment, as it was read. */
export interface Held {
  readonly definition: Definition;
  readonly revision: string;
  readonly lastSeenAtMs: number | null;
}

export interface LastChange {
  readonly atMs: number;
  readonly by: string | null;
}

export function held(definition: Definition, lastSeenAtMs: number | null): Held {
  return { definition, revision: revisionOf(definition), lastSeenAtMs };
}

export function safeOf(hints: FlagHints): 'on' | 'off' | null {
  const safe = safeVariant({ ...VALUES }, hints);
  return safe === 'on' || safe === 'off' ? safe : null;
}

export function stateOf(
  definition: Definition,
  safe: 'on' | 'off' | null,
  revision: string,
  nameOf: (segment: number) => string,
): FlagState {
  const serving = servingOf(definition);
  const { partial, certain } = serving;
  const share = serving.percentage === null || safe !== 'on' ? serving.percentage : 100 - serving.percentage;
  const state = {
    serves: serving.percentage === 100 && !partial ? 'on' : 'off',
    targeting: summarise(definition, nameOf),
    offMeaning: 'off-value' as const,
    revision,
  };
  if (safe === null) return { ...state, exposure: 'unknown', percentage: null, killed: false };
  const killed = safe === 'on' ? certain : !definition.enabled;
  if (share === null || partial) return { ...state, exposure: 'some', percentage: share, killed };
  return {
    ...state,
    exposure: share === 0 ? 'nobody' : share === 100 ? 'everyone' : 'some',
    percentage: share,
    killed,
  };
}

export interface Place {
  readonly environment: string;
  readonly providerEnvironment: string;
  readonly hints: FlagHints;
  readonly nameOf: (segment: number) => string;
}

export function normalise(key: string, read: Held, meta: Meta, last: LastChange | null, place: Place): ProviderFlag {
  const safe = safeOf(place.hints);
  return {
    key,
    environment: place.environment,
    providerEnvironment: place.providerEnvironment,
    state: stateOf(read.definition, safe, read.revision, place.nameOf),
    variants: VARIANTS,
    safeDefault: safe,
    description: meta.description,
    type: TYPES[meta.type ?? ''] ?? null,
    owner: meta.owner,
    tags: meta.tags,
    stale: meta.stale,
    lastSeenAtMs: read.lastSeenAtMs,
    changedAtMs: last?.atMs ?? null,
    changedBy: last?.by ?? null,
    definition: read.definition,
  };
}
