import type { FlagState, Variant } from '../model/flag.ts';
import type { JsonValue } from '../model/json.ts';
import { sameJson } from './same-json.ts';

/** What an instance uses that has the intended state. Null where its variant cannot tell. */
export type Expectation = { readonly uses: string } | { readonly notOnly: string } | null;

type Side = Pick<FlagState, 'exposure' | 'killed' | 'serves' | 'targeting'>;

/** True when everybody gets the same: a kill in force, or no rule that tells users apart. */
export function isForAll(side: Side): boolean {
  return side.killed || (side.targeting === null && (side.exposure === 'everyone' || side.exposure === 'nobody'));
}

/** The one variant that everybody gets; null when some get another, or when the services' own code decides. */
export function variantForAll(side: Side): string | null {
  return isForAll(side) ? side.serves : null;
}

/**
 * After a change to everyone or to nobody each instance uses the one variant. A feature given back to a share of users
 * shows when an instance uses anything but the variant that everyone had before.
 */
export function expectationOf<S extends Side>({
  before,
  after,
}: {
  readonly before: S;
  readonly after: S;
}): Expectation {
  if (isForAll(after)) return after.serves === null ? null : { uses: after.serves };
  const earlier = variantForAll(before);
  return earlier === null ? null : { notOnly: earlier };
}

/** True when one variant seen in use fits; a variant that could not be told never does. */
export function agreesWith(variant: string | null, expectation: Expectation): boolean {
  if (variant === null || expectation === null) return false;
  return 'uses' in expectation ? variant === expectation.uses : variant !== expectation.notOnly;
}

/** A value that no variant has is shown this long at most. */
const VALUE_LENGTH = 60;

/**
 * Name of the variant that was seen in use. Where the value alone is known, the flag's variants tell its name: the
 * expected one if it has that value. A value that none of them has is itself the name, for surely it is not the expected
 * one; null when nothing can be told.
 */
export function variantInUse(
  seen: { readonly variant: string | null; readonly value?: JsonValue },
  variants: readonly Variant[],
  expected: string | null,
): string | null {
  const { variant, value } = seen;
  if (variant !== null || value === undefined) return variant;
  const known = variants.filter((candidate) => sameJson(candidate.value, value));
  if (known.length > 0) return (known.find(({ name }) => name === expected) ?? known[0])?.name ?? null;
  const comparable = expected === null ? variants.length > 0 : variants.some(({ name }) => name === expected);
  return comparable ? JSON.stringify(value).slice(0, VALUE_LENGTH) : null;
}
