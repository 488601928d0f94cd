/** Place of the reviews in the view of approvals. */
export const REVIEWS = 'to-review';

/** Brings the reviews into sight: they stand below what waits, which may be long. Nothing where they are not drawn. */
export function showReviews(): void {
  // After the view has begun at its top, as each does.
  requestAnimationFrame(() => document.getElementById(REVIEWS)?.scrollIntoView({ block: 'start' }));
}
