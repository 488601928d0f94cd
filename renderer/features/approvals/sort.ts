import type { ApprovalItem, BreakGlassItem } from '../../../shared/model/approval.ts';

export interface Sorted {
  /** For somebody else than the requester to decide: the longest waiting first, so that a new one moves nothing. */
  readonly waiting: readonly ApprovalItem[];
  /** One's own that are still under way. */
  readonly own: readonly ApprovalItem[];
  /** Those that ended, or are approved and in the hands of who asked; the newest first. */
  readonly ended: readonly ApprovalItem[];
}

/** What is shown where, for the person at this console; null: nobody has unlocked it. Pure. */
export function sortItems(items: readonly ApprovalItem[], me: string | null): Sorted {
  const isOwn = (item: ApprovalItem) => item.request.body.requester.operator === me;
  const isOpen = (item: ApprovalItem) => item.state === 'waiting' || item.state === 'approved';
  const byAge = (a: ApprovalItem, b: ApprovalItem) => a.request.body.atMs - b.request.body.atMs;
  return {
    waiting: items.filter((item) => item.state === 'waiting' && !isOwn(item)).sort(byAge),
    own: items.filter((item) => isOwn(item) && isOpen(item)).sort(byAge),
    ended: items
      .filter((item) => !isOpen(item) || (item.state === 'approved' && !isOwn(item)))
      .sort((a, b) => byAge(b, a)),
  };
}

/** Times of break-glass that a second person must still look at, the most urgent first. Pure. */
export function toReview(glass: readonly BreakGlassItem[]): BreakGlassItem[] {
  return glass
    .filter(({ state }) => state === 'to-review' || state === 'overdue')
    .sort((a, b) => a.glass.reviewByMs - b.glass.reviewByMs);
}

export interface News {
  readonly kind: 'asked' | 'approved' | 'refused';
  readonly item: ApprovalItem;
}

/**
 * What a person must hear of: a request that has come in for them to decide, and what became of their own. Nothing
 * when the page has just opened: what was there before is no news. Pure.
 */
export function newsOf(
  before: readonly ApprovalItem[] | null,
  after: readonly ApprovalItem[],
  me: string | null,
): News[] {
  if (before === null) return [];
  const states = new Map(before.map((item) => [item.request.hash, item.state]));
  return after.flatMap((item): News[] => {
    const was = states.get(item.request.hash);
    const own = item.request.body.requester.operator === me;
    if (!own && was === undefined && item.state === 'waiting') return [{ kind: 'asked', item }];
    if (own && was === 'waiting' && (item.state === 'approved' || item.state === 'refused')) {
      return [{ kind: item.state, item }];
    }
    return [];
  });
}
