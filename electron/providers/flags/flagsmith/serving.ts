import type { FlagState } from '../../../../shared/model/flag.ts';
import type { JsonObject } from '../../../../shared/model/json.ts';
import { type Definition, type Held, isMultivariate, type Scalar } from './definition.ts';

type Served = Omit<FlagState, 'revision'>;

const LONGEST = 200;

/** A value's name: Flagsmith's values have none. */
export const nameOf = (value: Scalar): string => (value === null ? 'no value' : String(value));

/**
 * Values by name. A standard feature is on or off; a multivariate one has its control value (the environment's, and the
 * one that the feature began with) and its options.
 */
export function variantsOf(definition: Definition): JsonObject {
  if (!isMultivariate(definition)) return { on: true, off: false };
  const { feature, environment } = definition;
  const initial = feature.initial === null || feature.initial === '' ? [] : [feature.initial];
  const values = [environment.value, ...initial, ...feature.options.map(({ value }) => value)];
  return Object.fromEntries(values.map((value) => [nameOf(value), value]));
}

/** Share of users by the variant's name, 0 to 100; null: services use their code's default. */
function outcomesOf(held: Held, definition: Definition): Map<string | null, number> {
  if (!isMultivariate(definition)) return new Map([[held.enabled ? 'on' : 'off', 100]]);
  if (!held.enabled) return new Map([[null, 100]]);
  const outcomes = new Map<string | null, number>();
  let rest = 100;
  for (const { option, percentage } of held.shares) {
    const found = definition.feature.options.find(({ id }) => id === option);
    if (percentage <= 0 || !found) continue;
    const name = nameOf(found.value);
    outcomes.set(name, (outcomes.get(name) ?? 0) + percentage);
    rest -= percentage;
  }
  // The control value is also what services get that ask without an identity, however the shares are.
  const control = nameOf(held.value);
  outcomes.set(control, (outcomes.get(control) ?? 0) + Math.max(0, rest));
  return outcomes;
}

/**
 * What Flagsmith serves: an identity's override, else the first segment override that holds for it, else the
 * environment's state (Flagsmith/flagsmith, api/environments/identities/models.py, get_all_feature_states).
 */
export function servedOf(definition: Definition, safe: string | null): Served {
  const { environment, segments, identities } = definition;
  const own = outcomesOf(environment, definition);
  const all = [environment, ...segments, ...identities].map((held) => outcomesOf(held, definition));
  const names = new Set(all.flatMap((outcomes) => [...outcomes.keys()]));
  const shared = isMultivariate(definition) && environment.enabled && environment.shares.some(hasUsers);
  const state = {
    serves: isMultivariate(definition)
      ? environment.enabled
        ? nameOf(environment.value)
        : null
      : ([...own.keys()][0] ?? null),
    targeting: targetingOf(definition, shared),
    killed: false,
    offMeaning: own.has(null) ? ('code-default' as const) : ('off-value' as const),
  };
  if (names.size === 1 && names.has(null)) return { ...state, exposure: 'code-default', percentage: null };
  if (safe === null || names.has(null)) return { ...state, exposure: 'unknown', percentage: null };
  if (!names.has(safe)) return { ...state, exposure: 'everyone', percentage: 100 };
  if (names.size === 1) return { ...state, exposure: 'nobody', percentage: 0, killed: true };
  const percentage = percentageOf(definition, (held) => 100 - (outcomesOf(held, definition).get(safe) ?? 0));
  // All or nothing among the others would deny the overrides, which are the reason why it is some.
  return { ...state, exposure: 'some', percentage: percentage === 0 || percentage === 100 ? null : percentage };
}

/** Share of users with the feature among those who have no override of their own; null where segments do not tell. */
function percentageOf({ environment, segments }: Definition, on: (held: Held) => number): number | null {
  const [segment, ...more] = segments;
  if (segment === undefined) return rounded(on(environment));
  if (segment.share === null || more.length > 0) return null;
  return rounded((segment.share * on(segment) + (100 - segment.share) * on(environment)) / 100);
}

const rounded = (share: number): number => Math.round(share * 100) / 100;
const hasUsers = ({ percentage }: Held['shares'][number]): boolean => percentage > 0;

function targetingOf(definition: Definition, shared: boolean): string | null {
  const { environment, segments, identities } = definition;
  const parts = segments.map((held) => {
    const share = held.share === null ? '' : ` (${held.share} %)`;
    return `segment ${held.name}${share}: ${heldWords(held, definition)}`;
  });
  const byWords = Map.groupBy(identities, (held) => heldWords(held, definition));
  for (const [words, group] of byWords) {
    const [first] = group;
    parts.push(`${group.length === 1 ? `identity ${first?.identifier}` : `${group.length} identities`}: ${words}`);
  }
  if (shared) parts.push(heldWords(environment, definition));
  if (parts.length === 0) return null;
  const line = parts.join('; ');
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST)}…`;
}

export function heldWords(held: Held, definition: Definition): string {
  const outcomes = [...outcomesOf(held, definition)].filter(([, share]) => share > 0);
  const [first] = outcomes;
  if (outcomes.length === 1 && first) return first[0] ?? 'disabled';
  return outcomes.map(([name, share]) => `${name} ${rounded(share)} %`).join(', ');
}
