import type { Right } from '../../shared/model/operator.ts';
import { useRights } from '../client/index.ts';
import { useText } from '../messages/index.ts';

/**
 * Why the person at this console may not do this, in words; null when they may. A locked console refuses nothing here:
 * what is pressed leads to Unlock first. It draws buttons only; the back end decides by itself (D5).
 */
export function useRefusal(right: Exclude<Right, 'view'>): string | null {
  const t = useText();
  const { people, may } = useRights();
  if (!people?.me || may(right)) return null;
  const { name, roles, operator } = people.me;
  const known = people.roster.operators.some(({ id }) => id === operator);
  if (!known) return t('people.refusal.notInRoster', { name });
  return t(`people.refusal.${right}`, { name, roles: roles.map((role) => t(`people.role.${role}`)).join(', ') });
}
