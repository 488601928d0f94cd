import type { ApprovalItem, ApprovalState } from '../../../shared/model/approval.ts';

/** How it stands now. That its time is over is known here at once, before the back end has said it (D11). Pure. */
export function stateOf(item: ApprovalItem, nowMs: number): ApprovalState {
  if (item.state === 'waiting' && item.request.body.expiresAtMs <= nowMs) return 'expired';
  if (item.state === 'approved' && item.decision !== null && item.decision.body.expiresAtMs <= nowMs) return 'expired';
  return item.state;
}
