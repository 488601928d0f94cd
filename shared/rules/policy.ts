import type { ChangeAction, PolicyDemand } from '../model/change.ts';
import type { Config } from '../model/config/index.ts';

export interface PolicyQuestion {
  readonly policy: Config['policy'];
  readonly environment: string;
  readonly action: ChangeAction;
  readonly flag: { readonly critical: boolean };
  /** True when the change leaves the flag killed: an undo may put a kill back, and is then as safe as one. */
  readonly killsAfter: boolean;
}

/**
 * What policy asks before a change may run (D2). Taking a feature away is one deliberate press, since at 3 a.m. it must
 * not wait; a critical flag, and giving a feature back to users, ask to type the flag's name. The configuration wins.
 */
export function demandFor(question: PolicyQuestion): PolicyDemand {
  const takesAway = question.action === 'kill' || question.killsAfter;
  const configured = Object.hasOwn(question.policy, question.environment)
    ? question.policy[question.environment]?.[takesAway ? 'kill' : 'restore']
    : undefined;
  return {
    people: configured?.people ?? 1,
    typed: configured?.typed ?? (question.flag.critical || !takesAway),
    rationale: configured?.rationale ?? false,
  };
}
