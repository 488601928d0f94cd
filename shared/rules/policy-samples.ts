import type { PolicyConfig } from '../model/config/index.ts';
import { flagTypeSchema } from '../model/flag.ts';
import type { PolicyFlag } from './policy-terms.ts';

/** Stands in no key and in no pattern: from Unicode's private use. */
const FRESH = '\uE000';

/**
 * Flags of every kind that the rules of a policy tell apart, so that what holds for each of these holds for any flag.
 * Every type, critical and not; a key that no rule names; and for each pattern a key that only patterns fit which cover
 * it whole. The rule that decides a setting for any flag thereby decides it for one of these. Keys that two patterns fit
 * are there as far as putting the one into the other finds them.
 */
export function sampleFlags(policy: PolicyConfig | undefined): PolicyFlag[] {
  const patterns = [...new Set((policy?.rules ?? []).flatMap(({ flags }) => flags ?? []))];
  const single = patterns.map((pattern) => pattern.replaceAll('*', FRESH));
  const both = patterns
    .filter((pattern) => pattern.includes('*'))
    .flatMap((pattern) => single.map((key) => pattern.replace('*', () => key).replaceAll('*', FRESH)));
  const keys = new Set([FRESH, ...single, ...both]);
  return [...keys].flatMap((key) =>
    flagTypeSchema.options.flatMap((type) => [true, false].map((critical): PolicyFlag => ({ key, type, critical }))),
  );
}
