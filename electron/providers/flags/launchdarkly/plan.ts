import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { ScramError } from '../../../../shared/model/error.ts';
import type { FlagState } from '../../../../shared/model/flag.ts';
import type { JsonObject, JsonValue } from '../../../../shared/model/json.ts';
import type { PlannedWrite, ProviderFlag } from '../../../services/flags/provider.ts';
import { noSafeVariant } from '../shared/safe-variant.ts';
import { type Definition, readDefinition } from './normalise.ts';
import { type Targeting, targetingSchema } from './schema.ts';
import { indexOfVariant, individuals, stateOf, WHOLE } from './state.ts';

/** Fields of one environment that a change sets; each is left alone when absent. */
export const writeSchema = z.strictObject({
  set: z.strictObject({
    on: z.boolean().optional(),
    offVariation: z.number().int().nonnegative().nullable().optional(),
    fallthrough: z.record(z.string(), z.json()).optional(),
    targets: z.array(z.json()).optional(),
    contextTargets: z.array(z.json()).optional(),
    rules: z.array(z.json()).optional(),
    prerequisites: z.array(z.json()).optional(),
  }),
  /** Is done although a pending scheduled change or approval request of the flag will then fail. */
  overPending: z.boolean(),
});
export type Write = z.infer<typeof writeSchema>;

const FIELDS = ['on', 'offVariation', 'fallthrough', 'targets', 'contextTargets', 'rules', 'prerequisites'] as const;

function planned(flag: ProviderFlag, before: Definition, set: JsonObject, overPending: boolean): PlannedWrite {
  const targeting: JsonObject = { ...before.targeting, ...set };
  const kept = flag.definition;
  const variations = typeof kept === 'object' && kept !== null && !Array.isArray(kept) ? kept.variations : undefined;
  return {
    write: { set, overPending },
    after: stateOf(targeting, before.variations, flag.safeDefault),
    definitionAfter: { variations: variations ?? [], targeting },
  };
}

/**
 * Turns the flag off, which beats targets, rules and prerequisites, with the safe variation as what is served then. Where
 * the off variation is another one, or none so that the code's own default is served (B16), it is set in the same write.
 */
export function planKill(flag: ProviderFlag, dependents: readonly string[]): PlannedWrite {
  if (flag.safeDefault === null) throw noSafeVariant(flag.key, flag.variants);
  const before = readDefinition(flag.definition, flag.key);
  const targeting = targetingSchema.parse(before.targeting);
  const names = flag.variants.map(({ name }) => name);
  const safe = indexOfVariant(names, flag.safeDefault);
  const { offVariation } = targeting;
  const fits =
    offVariation !== null && isDeepStrictEqual(before.variations[offVariation]?.value, before.variations[safe]?.value);
  const plan = planned(flag, before, fits ? { on: false } : { on: false, offVariation: safe }, true);
  return {
    ...plan,
    notes: notesOfKill(flag, targeting, fits ? null : (names[offVariation ?? -1] ?? null), fits, dependents),
  };
}

function notesOfKill(
  flag: ProviderFlag,
  targeting: Targeting,
  earlierOff: string | null,
  fits: boolean,
  dependents: readonly string[],
): string[] {
  const notes: string[] = [];
  if (!fits) {
    const earlier =
      earlierOff === null ? "none was set: the code's own default would be served" : `it was ${earlierOff}`;
    notes.push(`The off variation is set to ${flag.safeDefault} as well (${earlier}); the undo puts it back.`);
  }
  const named = individuals(targeting).reduce((sum, { values }) => sum + values.length, 0);
  const beaten = [
    ...(named > 0 ? [`${named} named users`] : []),
    ...(targeting.rules.length > 0 ? [`${targeting.rules.length} rules`] : []),
    ...(targeting.prerequisites.length > 0 ? [`${targeting.prerequisites.length} prerequisites`] : []),
  ];
  if (targeting.on && beaten.length > 0) notes.push(`No longer count: ${beaten.join(', ')}. They are kept.`);
  if (dependents.length > 0) {
    // A flag that is off fails as a prerequisite, whatever it serves (launchdarkly.com/docs, Flag prerequisites).
    notes.push(`Serve their off variations too, as they need this flag to be on: ${dependents.join(', ')}.`);
  }
  return notes;
}

/** Puts back every field that is other than it was; the variations themselves must still be the same. */
export function planRestore(flag: ProviderFlag, earlier: { definition: JsonValue; state: FlagState }): PlannedWrite {
  const before = readDefinition(flag.definition, flag.key);
  const wanted = readDefinition(earlier.definition, flag.key);
  const values = ({ variations }: Definition) => variations.map(({ value, _id }) => [value, _id ?? null]);
  if (!isDeepStrictEqual(values(before), values(wanted))) {
    throw new ScramError(
      'refused',
      `the variations of ${flag.key} are other than they were: its rules mean others now`,
      {
        action: 'Set the flag in LaunchDarkly by hand; the earlier state is in the record of the change.',
      },
    );
  }
  const set: JsonObject = {};
  for (const field of FIELDS) {
    const value = wanted.targeting[field] ?? null;
    if (!isDeepStrictEqual(before.targeting[field] ?? null, value)) set[field] = value;
  }
  return planned(flag, before, set, false);
}

/** Sets the share of the fallthrough: whom no target and no rule singles out. Turns the flag on when it is off. */
export function planRollout(flag: ProviderFlag, percentage: number): PlannedWrite {
  if (!(percentage >= 0 && percentage <= 100)) {
    throw new ScramError('invalid-input', `${percentage} is not a share of users: 0 to 100 per cent`);
  }
  if (flag.safeDefault === null) throw noSafeVariant(flag.key, flag.variants);
  const before = readDefinition(flag.definition, flag.key);
  const targeting = targetingSchema.parse(before.targeting);
  const { rollout } = targeting.fallthrough;
  if (rollout?.experimentAllocation) {
    throw new ScramError('refused', `an experiment decides who gets which variation of ${flag.key}`, {
      action: 'Stop the experiment in LaunchDarkly first, or kill the flag.',
    });
  }
  const safe = indexOfVariant(
    flag.variants.map(({ name }) => name),
    flag.safeDefault,
  );
  const feature = featureIndex(flag, before, targeting, safe);
  const weight = Math.round(percentage * 1000);
  const weights = before.variations.map((_, variation) => ({
    variation,
    weight: variation === feature ? weight : variation === safe ? WHOLE - weight : 0,
  }));
  // What users are told apart by stays, so that a larger share keeps those who are in already (B9).
  const set: JsonObject = { fallthrough: { rollout: { ...plain(rollout ?? {}), variations: weights } } };
  const plan = planned(flag, before, targeting.on ? set : { on: true, ...set }, false);
  const deciding = targeting.rules.length + individuals(targeting).length;
  const notes = [
    ...(targeting.on ? [] : ['The flag is turned on.']),
    ...(deciding > 0 ? [`${deciding} rules and lists of named users go on deciding for those whom they match.`] : []),
  ];
  return { ...plan, notes };
}

/** The variation that is the feature: what is served now beside the safe one, else the only other one. */
function featureIndex(flag: ProviderFlag, before: Definition, { fallthrough }: Targeting, safe: number): number {
  const other = (at: number): boolean =>
    !isDeepStrictEqual(before.variations[at]?.value, before.variations[safe]?.value);
  const served = [
    ...(typeof fallthrough.variation === 'number' ? [fallthrough.variation] : []),
    ...(fallthrough.rollout?.variations ?? []).filter(({ weight }) => weight > 0).map(({ variation }) => variation),
  ].filter(other);
  const candidates = served.length > 0 ? served : before.variations.map((_, index) => index).filter(other);
  const [only, ...more] = new Set(candidates);
  if (only !== undefined && more.length === 0) return only;
  throw new ScramError('refused', `${flag.key} has several variations beside ${flag.safeDefault}: a share of which?`, {
    action: 'Set the rollout in LaunchDarkly.',
  });
}

/** What was read as JSON is JSON: the schema kept fields that it does not know. */
const plain = (value: object): JsonObject => JSON.parse(JSON.stringify(value));
