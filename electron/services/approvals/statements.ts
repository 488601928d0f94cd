import type { ApprovalRequest, ApprovalRequestBody, Decision, DecisionBody } from '../../../shared/model/approval.ts';
import type { PersonRef } from '../../../shared/model/operator.ts';
import type { Actor } from '../signing/actor.ts';
import { canonicalText, sha256Hex } from '../signing/canonical.ts';
import type { Roster } from '../operators/api.ts';
import { signedBy } from '../signing/public-key.ts';

/** Prefixes keep a signature from standing for anything but what it was made for. */
const requestText = (hash: string): string => `scram-request-v1\n${hash}`;
const decisionText = (hash: string): string => `scram-decision-v1\n${hash}`;

export function signRequest(body: ApprovalRequestBody, actor: Actor): ApprovalRequest {
  const hash = sha256Hex(canonicalText(body));
  return { body, hash, signature: actor.sign(requestText(hash)) };
}

export function signDecision(body: DecisionBody, actor: Actor): Decision {
  const hash = sha256Hex(canonicalText(body));
  return { body, hash, signature: actor.sign(decisionText(hash)) };
}

/** True when the statement is what its hash names, and the person signed it. `now`: by a key that is theirs now. */
export function requestHolds(request: ApprovalRequest, roster: Roster, when: 'now' | 'ever'): boolean {
  return holds(request, request.body.requester, requestText(request.hash), roster, when);
}

export function decisionHolds(decision: Decision, roster: Roster, when: 'now' | 'ever'): boolean {
  return holds(decision, decision.body.by, decisionText(decision.hash), roster, when);
}

function holds(
  { body, hash, signature }: ApprovalRequest | Decision,
  person: PersonRef,
  text: string,
  roster: Roster,
  when: 'now' | 'ever',
): boolean {
  if (sha256Hex(canonicalText(body)) !== hash) return false;
  const key = when === 'now' ? roster.key(person) : roster.everKey(person);
  return key !== null && signedBy(key, text, signature);
}
