import type { ApprovalItem } from '../../../shared/model/approval.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { readCheckCode } from '../../services/armour/check-code.ts';
import { subjectOf } from './describe-approval.ts';

/** Digits of a hash that name a request: fewer could be mistaken for another id. */
const SHORTEST_HASH = 8;

/**
 * A request by its id, its check code, or the first digits of its hash. Throws `not-found` with those that there are,
 * `conflict` when it is not the only one.
 */
export function findRequest(items: readonly ApprovalItem[], text: string): ApprovalItem {
  const code = readCheckCode(text);
  const wanted = text.trim();
  const found = items.filter(
    ({ request, checkCode }) =>
      request.body.id === wanted.toUpperCase() ||
      checkCode === code ||
      (wanted.length >= SHORTEST_HASH && request.hash.startsWith(wanted.toLowerCase())),
  );
  const [only, ...more] = found;
  if (only !== undefined && more.length === 0) return only;
  if (only !== undefined) {
    throw new ScramError('conflict', `«${wanted}» names ${found.length} requests`, {
      action: `name it by its id: ${found.map(({ request }) => request.body.id).join(', ')}`,
    });
  }
  const open = items.filter(({ state }) => state === 'waiting' || state === 'approved');
  const known = open.map((item) => `${item.checkCode} (${subjectOf(item)})`).join(', ');
  throw new ScramError('not-found', `there is no request «${wanted}» here`, {
    action:
      known === ''
        ? 'nothing waits here; a text block from elsewhere comes in with scram bundle import FILE'
        : `there are: ${known}`,
  });
}
