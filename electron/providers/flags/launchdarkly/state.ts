import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { FlagState } from '../../../../shared/model/flag.ts';
import type { JsonObject } from '../../../../shared/model/json.ts';
import { revisionOfJson } from '../shared/revision.ts';
import { type Rule, type Serving, type Targeting, targetingSchema, type Variation } from './schema.ts';

/** Weights of a rollout add up to this: thousandths of a percent. */
export const WHOLE = 100_000;

const LONGEST = 200;

/**
 * Names of a flag's variations, in order, each once: the name that people gave, else the value itself. An index is all
 * that LaunchDarkly tells variations apart by in rules.
 */
export function variantNames(variations: readonly Variation[]): string[] {
  const taken = new Set<string>();
  return variations.map(({ name, value }, index) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    const wanted = name?.trim() || (text.length <= 60 ? text : `${text.slice(0, 60)}…`) || `variation ${index}`;
    const own = taken.has(wanted) ? `${wanted} (${index})` : wanted;
    taken.add(own);
    return own;
  });
}

/** Variations that something may serve, with their weights; null stands for the caller's own default. */
function sharesOf({ variation, rollout }: Serving): Map<number | null, number> {
  if (typeof variation === 'number') return new Map([[variation, WHOLE]]);
  const shares = new Map<number | null, number>();
  for (const one of rollout?.variations ?? []) {
    if (one.weight > 0) shares.set(one.variation, (shares.get(one.variation) ?? 0) + one.weight);
  }
  return shares.size === 0 ? new Map([[null, WHOLE]]) : shares;
}

/** Everything that a flag may serve to somebody, in the order in which it is decided. */
function outcomes(targeting: Targeting): Set<number | null> {
  const { on, offVariation, fallthrough, rules, prerequisites } = targeting;
  if (!on) return new Set([offVariation]);
  return new Set<number | null>([
    // A prerequisite that is not met serves the off variation.
    ...(prerequisites.length > 0 ? [offVariation] : []),
    ...individuals(targeting).map(({ variation }) => variation),
    ...rules.flatMap((rule) => [...sharesOf(rule).keys()]),
    ...sharesOf(fallthrough).keys(),
  ]);
}

/** Targets of single users or contexts. Those of users stand in `targets`, with an empty stand-in in the other list. */
export function individuals({ targets, contextTargets }: Targeting): Targeting['targets'] {
  return [...targets, ...contextTargets].filter(({ values }) => values.length > 0);
}

/**
 * Hash of what decides the serving: not of versions and times, so that an exact undo is the earlier state again (B2). The
 * variations belong to it: a change writes the index of one, which serves another value once they are others.
 */
export function revisionOf(definition: JsonObject, variations: readonly Variation[]): string {
  const values = variations.map(({ _id, name, value }) => [_id ?? null, name ?? null, value]);
  return revisionOfJson([definition, values]);
}

/** Index of the variation of this name; -1 when there is none. */
export const indexOfVariant = (names: readonly string[], name: string | null): number =>
  name === null ? -1 : names.indexOf(name);

/** `read` is what the schema makes of `definition`, where that is known. */
export function stateOf(
  definition: JsonObject,
  variations: readonly Variation[],
  safe: string | null,
  read?: Targeting,
): FlagState {
  const targeting = read ?? targetingSchema.parse(definition);
  const names = variantNames(variations);
  const { on, offVariation, fallthrough, rules, prerequisites } = targeting;
  const rest = on ? sharesOf(fallthrough) : new Map([[offVariation, WHOLE]]);
  const [served] = [...rest].sort(([, a], [, b]) => b - a)[0] ?? [null];
  const base = {
    serves: nameAt(names, served),
    targeting: on ? summarise(targeting, names) : null,
    killed: false,
    offMeaning: offVariation === null ? ('code-default' as const) : ('off-value' as const),
    revision: revisionOf(definition, variations),
  };
  const possible = outcomes(targeting);
  const safeValue = variations[indexOfVariant(names, safe)]?.value;
  const isSafe = (at: number | null): boolean => at !== null && isDeepStrictEqual(variations[at]?.value, safeValue);
  if (possible.size === 1 && possible.has(null)) return { ...base, exposure: 'code-default', percentage: null };
  if (safeValue === undefined || possible.has(null)) return { ...base, exposure: 'unknown', percentage: null };
  if ([...possible].every(isSafe)) return { ...base, exposure: 'nobody', percentage: 0, killed: true };
  if (![...possible].some(isSafe)) return { ...base, exposure: 'everyone', percentage: 100 };
  const exceptions = rules.length + prerequisites.length + individuals(targeting).length;
  // Rules and targets single out users: their share is not known, that of the rest is.
  if (exceptions > 0 && !fallthrough.rollout) return { ...base, exposure: 'some', percentage: null };
  const share = [...rest].reduce((sum, [at, weight]) => sum + (isSafe(at) ? 0 : weight), 0);
  return { ...base, exposure: 'some', percentage: share / 1000 };
}

const nameAt = (names: readonly string[], at: number | null | undefined): string | null =>
  typeof at === 'number' ? (names[at] ?? `variation ${at}`) : null;

/** The rules on one line; null when there are none, and everyone gets one variation. */
function summarise(targeting: Targeting, names: readonly string[]): string | null {
  const { fallthrough, rules, prerequisites, offVariation } = targeting;
  const parts = [
    ...prerequisites.map(({ key }) => `needs ${key}, else ${nameAt(names, offVariation) ?? "the code's default"}`),
    ...individuals(targeting).map(({ values, variation }) => `${values.length} named: ${nameAt(names, variation)}`),
    ...rules.map((rule) => `if ${conditions(rule)}: ${words(rule, names)}`),
  ];
  if (parts.length === 0 && !fallthrough.rollout) return null;
  const line = [...parts, `${parts.length > 0 ? 'else ' : ''}${words(fallthrough, names)}`].join('; ');
  // Two long rules that begin alike are still told apart.
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST)}… #${hash('sha256', line).slice(0, 6)}`;
}

function conditions({ clauses, description }: Rule): string {
  if (description) return description;
  const texts = clauses.map(({ attribute, op, values, negate }) => {
    const list = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(', ');
    return `${attribute || 'segment'} ${negate ? 'not ' : ''}${op} ${list}`;
  });
  return texts.length === 0 ? 'anyone' : texts.join(' and ');
}

function words(serving: Serving, names: readonly string[]): string {
  const shares = [...sharesOf(serving)];
  const [only] = shares;
  if (shares.length === 1 && only) return nameAt(names, only[0]) ?? "the code's default";
  return shares.map(([at, weight]) => `${nameAt(names, at)} ${weight / 1000} %`).join(', ');
}
