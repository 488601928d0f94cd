import type { ChangeAction, PolicyDemand } from '../model/change.ts';
import type { FlagState } from '../model/flag.ts';
import type { Role } from '../model/operator.ts';
import { type PolicyQuestion, termsFor } from './policy-terms.ts';
import { APPROVERS, MAKERS } from './roles.ts';

export type { PolicyFlag, PolicyQuestion } from './policy-terms.ts';

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
 * name. The configuration wins. What it leaves open is left out, so that a change keeps its hash.
 */
export function demandFor(question: PolicyQuestion): PolicyDemand {
  const { people, typed, rationale, roles, approvers, approvalWithin } = termsFor(question);
  return {
    people: people ?? 1,
    typed: typed ?? (question.flag.critical || !question.takesAway),
    rationale: rationale ?? false,
    ...(roles === undefined ? {} : { roles: [...roles] }),
    ...(approvers === undefined ? {} : { approvers: [...approvers] }),
    ...(approvalWithin === undefined ? {} : { approvalWithinMs: approvalWithin }),
  };
}

/** What several changes that are confirmed as one ask: as much as any of them, and always to type a name (B3). */
export function demandForAll(demands: readonly PolicyDemand[]): PolicyDemand {
  const demand = strictest(demands);
  return { ...demand, typed: demands.length > 1 || demand.typed };
}

/** Satisfies all of them: the most of any, and only roles that are in each. None may be left: then nobody may. */
export function strictest(demands: readonly PolicyDemand[]): PolicyDemand {
  const roles = inEach(demands, (demand) => demand.roles, MAKERS);
  const approvers = inEach(demands, (demand) => demand.approvers, APPROVERS);
  const within = demands.flatMap(({ approvalWithinMs }) => approvalWithinMs ?? []);
  return {
    people: Math.max(1, ...demands.map(({ people }) => people)),
    typed: demands.some(({ typed }) => typed),
    rationale: demands.some(({ rationale }) => rationale),
    ...(roles === null ? {} : { roles }),
    ...(approvers === null ? {} : { approvers }),
    ...(within.length === 0 ? {} : { approvalWithinMs: Math.min(...within) }),
  };
}

/** Roles that are in every list; null when no demand has one, so that the defaults stand for all. */
function inEach(
  demands: readonly PolicyDemand[],
  listOf: (demand: PolicyDemand) => readonly Role[] | undefined,
  unset: readonly Role[],
): Role[] | null {
  const lists = demands.map(listOf);
  if (lists.every((list) => list === undefined)) return null;
  const [first = unset, ...others] = lists;
  return first.filter((role) => others.every((list = unset) => list.includes(role)));
}
