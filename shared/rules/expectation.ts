import type { FlagState } from '../model/flag.ts';

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
export function expectationOf({ before, after }: { readonly before: Side; readonly after: Side }): Expectation {
  if (isForAll(after)) return after.serves === null ? null : { uses: after.serves };
  const earlier = variantForAll(before);
  return earlier === null ? null : { notOnly: earlier };
}

/** True when one variant seen in use fits; a variant that could not be told never does. */
export function agreesWith(variant: string | null, expectation: Expectation): boolean {
  if (variant === null || expectation === null) return false;
  return 'uses' in expectation ? variant === expectation.uses : variant !== expectation.notOnly;
}
