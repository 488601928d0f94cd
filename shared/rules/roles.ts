import type { PolicyDemand } from '../model/change.ts';
import type { PolicyConfig } from '../model/config/index.ts';
import type { Right, Role } from '../model/operator.ts';

const RIGHTS_OF: Readonly<Record<Role, readonly Right[]>> = {
  viewer: ['view'],
  responder: ['view', 'act'],
  approver: ['view', 'approve'],
  'release-manager': ['view', 'act', 'approve'],
  admin: ['view', 'administer'],
};

/** Who makes a change where policy names no roles: one that takes a feature away, and one that gives it, alike. */
export const MAKERS: readonly Role[] = ['responder', 'release-manager'];

/** Who is the second person where policy names no roles. */
export const APPROVERS: readonly Role[] = ['approver', 'release-manager'];

/** What a person with these roles may do (D5): all that any one of them grants. */
export function rightsOf(roles: readonly Role[]): Set<Right> {
  return new Set(roles.flatMap((role) => RIGHTS_OF[role]));
}

/**
 * Whether a person with these roles may make such a change, or ask for it. Policy says who of those that may act does;
 * it cannot let a viewer act.
 */
export function mayMake(roles: readonly Role[], demand: Pick<PolicyDemand, 'roles'>): boolean {
  return rightsOf(roles).has('act') && overlap(roles, demand.roles ?? MAKERS);
}

/** Whether a person with these roles may be the second person of such a change. That it is another one is not told here. */
export function mayApprove(roles: readonly Role[], demand: Pick<PolicyDemand, 'approvers'>): boolean {
  return rightsOf(roles).has('approve') && overlap(roles, demand.approvers ?? APPROVERS);
}

/** Whether a person with these roles may act alone in an emergency, in an environment of this policy (D3). */
export function mayBreakGlass(roles: readonly Role[], policy: PolicyConfig | undefined): boolean {
  const glass = policy?.breakGlass;
  return glass?.allowed === true && rightsOf(roles).has('act') && overlap(roles, glass.roles ?? MAKERS);
}

function overlap(roles: readonly Role[], named: readonly Role[]): boolean {
  return roles.some((role) => named.includes(role));
}

/** The roles that are named and can do it at all, else those that usually do, for a sentence. */
export function rolesWords(named: readonly Role[] | undefined, right: 'act' | 'approve'): string {
  const fitting = (named ?? []).filter((role) => rightsOf([role]).has(right));
  return (fitting.length > 0 ? fitting : right === 'act' ? MAKERS : APPROVERS).join(' or ');
}
