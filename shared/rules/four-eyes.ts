import type { ApprovalRequestBody, DecisionBody } from '../model/approval.ts';
import type { PolicyDemand } from '../model/change.ts';
import type { Role } from '../model/operator.ts';
import { mayApprove, mayMake } from './roles.ts';

/** Clocks of two consoles may differ by this much, milliseconds. */
export const CLOCK_TOLERANCE_MS = 2 * 60_000;

/** What has been found out about one decision; signatures and the roster were looked at before. */
export interface Vouched {
  readonly request: ApprovalRequestBody;
  readonly requestHash: string;
  /** The requester's signature holds, by a key that is theirs now. */
  readonly requesterKeyHolds: boolean;
  readonly requesterRoles: readonly Role[];
  readonly decision: DecisionBody;
  /** The decider's signature holds, by a key that is theirs now. */
  readonly deciderKeyHolds: boolean;
  readonly deciderRoles: readonly Role[];
}

/** Why a person may not decide about a request, in words; null when they may (D1, D5). Pure. */
export function whyNotDecide(
  request: ApprovalRequestBody,
  decider: { readonly operator: string; readonly roles: readonly Role[] },
  demand: PolicyDemand,
  nowMs: number,
): string | null {
  if (decider.operator === request.requester.operator) {
    return 'nobody approves their own request: a second person does, whichever console they are at';
  }
  if (!mayApprove(decider.roles, demand)) return `${decider.operator} has no role that may approve it`;
  return nowMs >= request.expiresAtMs ? 'the request has expired' : null;
}

/**
 * Why a decision is no valid approval of exactly this, now and on this device, in words; null when it is (D1, D11).
 * Pure: `nowMs` is the later of the clock and the newest entry of the record, so that a clock set back gives no time.
 */
export function whyNotApproved(
  { request, requestHash, decision, ...found }: Vouched,
  demand: PolicyDemand,
  device: string,
  nowMs: number,
): string | null {
  if (decision.decision !== 'approve') return `${decision.by.operator} refused it`;
  const { subject } = request;
  const same =
    decision.request === requestHash &&
    decision.subject.hash === subject.hash &&
    decision.subject.kind === subject.kind &&
    decision.environment === request.environment &&
    decision.device === request.device;
  if (!same) return 'the approval was given for something else';
  if (request.device !== device) return 'it was approved for another console';
  if (!found.requesterKeyHolds) return `the key of ${request.requester.operator}, who asked for it, is not in force`;
  if (!mayMake(found.requesterRoles, demand)) return `${request.requester.operator} has no role that may ask for it`;
  if (!found.deciderKeyHolds) return `the key of ${decision.by.operator}, who approved it, is not in force`;
  const refused = whyNotDecide(request, { operator: decision.by.operator, roles: found.deciderRoles }, demand, nowMs);
  if (refused !== null) return refused;
  if (decision.atMs < request.atMs - CLOCK_TOLERANCE_MS) return 'it was approved before it was asked for';
  return nowMs >= decision.expiresAtMs ? 'the approval has expired' : null;
}
