import type { EntryBody } from '../model/entry.ts';
import type { PersonRef, Right } from '../model/operator.ts';

/** What is asked of the roster. */
interface Rights {
  readonly enforced: boolean;
  mightAt(person: PersonRef, right: Right, atMs: number): boolean;
}

/**
 * Whether an act in the record counts (D5). Each console checks rights before it writes; that another one did, only the
 * roster can tell, since a member's console may write into its own chain what it likes. Own entries without a person are
 * from before there was a roster. `sinceMs`: the act cannot be older than what it is about, whatever it says.
 */
export function isVouched(
  roster: Rights,
  ownDevice: string,
  { device, by, atMs }: Pick<EntryBody, 'device' | 'by' | 'atMs'>,
  right: Right,
  sinceMs = 0,
): boolean {
  if (by === undefined) return device === ownDevice || !roster.enforced;
  return !roster.enforced || roster.mightAt(by, right, Math.max(atMs, sinceMs));
}
