import type { ApprovalItem } from '../../../shared/model/approval.ts';

/** Why it ended: what the second person wrote, else the back end's words. Nothing while there is no more to say. */
export function Why({ item }: { readonly item: ApprovalItem }) {
  const reason = item.decision?.body.reason ?? '';
  if (reason !== '') return <q>{reason}</q>;
  return item.state === 'refused' || item.why === null ? null : <span>{item.why}</span>;
}
