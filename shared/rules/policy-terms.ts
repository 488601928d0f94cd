import type { Config, PolicyConfig, PolicyRule, PolicyWindow } from '../model/config/index.ts';
import type { FlagType } from '../model/flag.ts';
import type { Role } from '../model/operator.ts';

/** What a rule of the policy can tell flags apart by. */
export interface PolicyFlag {
  readonly key: string;
  readonly type: FlagType;
  readonly critical: boolean;
}

export interface PolicyQuestion {
  readonly policy: Config['policy'];
  readonly environment: string;
  readonly flag: PolicyFlag;
  /** Whether fewer users have the feature afterwards: see `takesAway`. */
  readonly takesAway: boolean;
}

/** What the configuration says of one change; what it leaves open is left out. */
export interface PolicyTerms {
  readonly people?: 1 | 2 | undefined;
  readonly typed?: boolean | undefined;
  readonly rationale?: boolean | undefined;
  readonly roles?: readonly Role[] | undefined;
  readonly approvers?: readonly Role[] | undefined;
  readonly approvalWithin?: number | undefined;
  readonly windows?: readonly PolicyWindow[] | undefined;
}

export type Direction = 'kill' | 'restore';

export function directionOf({ takesAway }: { readonly takesAway: boolean }): Direction {
  return takesAway ? 'kill' : 'restore';
}

/** The policy of an environment; undefined where none is configured. */
export function policyOf(policy: Config['policy'], environment: string): PolicyConfig | undefined {
  return Object.hasOwn(policy, environment) ? policy[environment] : undefined;
}

/** The terms of the direction, and over them those of each rule that fits, setting by setting: the later wins (D2). */
export function termsFor({ policy, environment, flag, takesAway }: PolicyQuestion): PolicyTerms {
  const configured = policyOf(policy, environment);
  if (configured === undefined) return {};
  const direction = directionOf({ takesAway });
  let terms: PolicyTerms = configured[direction] ?? {};
  for (const rule of configured.rules ?? []) if (fits(rule, flag, direction)) terms = over(terms, rule);
  return terms;
}

function over(terms: PolicyTerms, rule: PolicyTerms): PolicyTerms {
  return {
    people: rule.people ?? terms.people,
    typed: rule.typed ?? terms.typed,
    rationale: rule.rationale ?? terms.rationale,
    roles: rule.roles ?? terms.roles,
    approvers: rule.approvers ?? terms.approvers,
    approvalWithin: rule.approvalWithin ?? terms.approvalWithin,
    windows: rule.windows ?? terms.windows,
  };
}

function fits(rule: PolicyRule, flag: PolicyFlag, direction: Direction): boolean {
  if (rule.direction !== undefined && rule.direction !== direction) return false;
  if (rule.types !== undefined && !rule.types.includes(flag.type)) return false;
  if (rule.critical !== undefined && rule.critical !== flag.critical) return false;
  return rule.flags === undefined || rule.flags.some((pattern) => matches(pattern, flag.key));
}

/** True when the whole key fits; `*` stands for any run of characters, and nothing else is special. */
export function matches(pattern: string, key: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return key === pattern;
  if (!key.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = key.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return key.length - last.length >= at && key.endsWith(last);
}
