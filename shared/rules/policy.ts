import type { ChangeAction, PolicyDemand } from '../model/change.ts';
import type { Config } from '../model/config/index.ts';
import type { FlagState } from '../model/flag.ts';

export interface PolicyQuestion {
  readonly policy: Config['policy'];
  readonly environment: string;
  readonly flag: { readonly critical: boolean };
  /** Whether fewer users have the feature afterwards: see `takesAway`. */
  readonly takesAway: boolean;
}

type Share = Pick<FlagState, 'killed' | 'percentage'>;

/**
 * True when the change surely takes the feature from users and gives it to none: a kill, an undo that puts a kill back,
 * a share that is lowered. What cannot be told counts as giving.
 */
export function takesAway(change: { action: ChangeAction; before: Share; after: Share }): boolean {
  const { action, before, after } = change;
  if (action === 'kill' || after.killed) return true;
  return before.percentage !== null && after.percentage !== null && after.percentage < before.percentage;
}

/**
 * What policy asks before a change may run (D2). Taking a feature away is one deliberate press, since at 3 a.m. it must
 * not wait, however many services use the flag; a critical flag, and giving a feature to users, ask to type the flag's
 * name. The configuration wins.
 */
export function demandFor(question: PolicyQuestion): PolicyDemand {
  const configured = Object.hasOwn(question.policy, question.environment)
    ? question.policy[question.environment]?.[question.takesAway ? 'kill' : 'restore']
    : undefined;
  return {
    people: configured?.people ?? 1,
    typed: configured?.typed ?? (question.flag.critical || !question.takesAway),
    rationale: configured?.rationale ?? false,
  };
}

/** What several changes that are confirmed as one ask: the most of any, and always to type a name (B3). */
export function demandForAll(demands: readonly PolicyDemand[]): PolicyDemand {
  return {
    people: Math.max(1, ...demands.map(({ people }) => people)),
    typed: demands.length > 1 || demands.some(({ typed }) => typed),
    rationale: demands.some(({ rationale }) => rationale),
  };
}
