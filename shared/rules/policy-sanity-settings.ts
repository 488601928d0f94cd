import type { OperatorConfig, PolicyConfig } from '../model/config/index.ts';
import type { Add } from './policy-sanity.ts';
import type { Direction, PolicyTerms } from './policy-terms.ts';
import { isTimeZone, windowWords } from './policy-windows.ts';
import { mayBreakGlass, rightsOf, rolesWords } from './roles.ts';

/** An approval that holds for longer stands for a world that nobody remembers, milliseconds. */
const LONGEST_APPROVAL_MS = 24 * 3_600_000;

/** Each setting by itself: the windows, the times, the roles. */
export function checkTerms(configured: PolicyConfig, operators: readonly OperatorConfig[], add: Add): void {
  const rules = (configured.rules ?? []).map((rule, index) => ({ at: `rules[${index}]`, terms: rule, rule }));
  const { kill, restore } = configured;
  const all: { at: string; terms: PolicyTerms; direction: Direction | undefined }[] = [
    ...(kill ? [{ at: 'kill', terms: kill, direction: 'kill' as const }] : []),
    ...(restore ? [{ at: 'restore', terms: restore, direction: 'restore' as const }] : []),
    ...rules.map(({ at, terms, rule }) => ({ at, terms, direction: rule.direction })),
  ];
  for (const { at, terms, direction } of all) {
    for (const window of terms.windows ?? []) {
      if (!isTimeZone(window.timeZone)) {
        add('error', `a window of ${at} has a time zone that is not known: ${window.timeZone}`, 'name another, or UTC');
      } else if (window.from === window.to) {
        const action = 'set from and to apart; a whole day is from 00:00 to 24:00';
        add('error', `a window of ${at} never opens: ${windowWords(window)}`, action);
      }
    }
    if (terms.windows !== undefined && direction !== 'restore') {
      add('warning', `${at} lets features be taken away at certain times only`, `leave windows out for kills`);
    }
    if ((terms.approvalWithin ?? 0) > LONGEST_APPROVAL_MS) {
      add('warning', `approvalWithin of ${at} is longer than 24 hours`, 'set 24h or less');
    }
    checkRoles(`roles of ${at}`, terms.roles, 'act', operators, add);
    checkRoles(`approvers of ${at}`, terms.approvers, 'approve', operators, add);
  }
  checkRoles('breakGlass', configured.breakGlass?.roles, 'act', operators, add);
}

function checkRoles(
  at: string,
  roles: PolicyTerms['roles'],
  right: 'act' | 'approve',
  operators: readonly OperatorConfig[],
  add: Add,
): void {
  for (const role of roles ?? []) {
    const does = right === 'act' ? 'makes changes' : 'approves';
    if (!rightsOf([role]).has(right)) {
      add('warning', `${at} names ${role}, which never ${does}`, `name ${rolesWords(undefined, right)}`);
    } else if (operators.length > 0 && !operators.some((operator) => operator.roles.includes(role))) {
      add('warning', `${at} names ${role}, which no operator has`, `give the role to somebody, or take it out`);
    }
  }
}

/** Who acts alone must be looked at by somebody else (D3). */
export function checkGlass(configured: PolicyConfig, operators: readonly OperatorConfig[], add: Add): void {
  if (configured.breakGlass?.allowed !== true) return;
  const breakers = operators.filter(({ roles }) => mayBreakGlass(roles, configured));
  if (breakers.length === 0) {
    const action = operators.length === 0 ? 'name the operators' : 'give an operator one of the roles that may';
    add('warning', 'break-glass is allowed, and nobody may use it', action);
  }
  for (const breaker of breakers) {
    if (operators.some((other) => other !== breaker && rightsOf(other.roles).has('approve'))) continue;
    const action = 'give another operator a role that approves: approver or release-manager';
    add('error', `${breaker.id} may break the glass, and nobody else could review it`, action);
  }
}
