import type { Entry } from '../../../shared/model/entry.ts';
import type { Right } from '../../../shared/model/operator.ts';
import type { Roster } from './api.ts';

/**
 * Whether an act in the record counts (D5). Each console checks rights before it writes; that another one did, only the
 * roster can tell, since a member's console may write into its own chain what it likes. Own entries without a person are
 * from before there was a roster. `sinceMs`: the act cannot be older than what it is about, whatever it says.
 */
export function isVouched(roster: Roster, ownDevice: string, { body }: Entry, right: Right, sinceMs = 0): boolean {
  const { by } = body;
  if (by === undefined) return body.device === ownDevice || !roster.enforced;
  return !roster.enforced || roster.mightAt(by, right, Math.max(body.atMs, sinceMs));
}
