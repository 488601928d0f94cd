import type { Change, PolicyDemand } from '../../../shared/model/change.ts';
import type { Decision } from '../../../shared/model/approval.ts';
import { whyNotApproved } from '../../../shared/rules/four-eyes.ts';
import { mayApprove } from '../../../shared/rules/roles.ts';
import type { Permit } from './api.ts';
import type { ApprovalPorts } from './ports.ts';
import type { ApprovalRecords, GlassRecord, RequestRecord } from './projection.ts';
import { decisionHolds, requestHolds } from './statements.ts';

/** Why a decision is no approval of the request here and now, in words; null when it is one. */
export function whyDecisionFails(
  ports: ApprovalPorts,
  { request }: RequestRecord,
  decision: Decision,
  demand: PolicyDemand,
  nowMs: number,
  device = ports.ledger.device,
): string | null {
  const roster = ports.roster();
  // The stricter of what policy gave when it was asked for, and what it gives now.
  const withinMs = demand.approvalWithinMs;
  if (withinMs !== undefined && nowMs >= request.body.atMs + withinMs) return 'the approval has expired';
  return whyNotApproved(
    {
      request: request.body,
      requestHash: request.hash,
      requesterKeyHolds: requestHolds(request, roster, 'now'),
      requesterRoles: roster.operator(request.body.requester.operator)?.roles ?? [],
      decision: decision.body,
      deciderKeyHolds: decisionHolds(decision, roster, 'now'),
      deciderRoles: roster.operator(decision.body.by.operator)?.roles ?? [],
    },
    demand,
    device,
    nowMs,
  );
}

/**
 * The decision that counts: a refusal ends the request whatever else there is, else the first approval. One whose
 * signature does not hold, whose key is no longer in force, by the requester or by somebody without the role, is none,
 * and stands in nobody's way. `ever` tells what was decided in the past.
 */
export function decisionThatCounts(
  ports: ApprovalPorts,
  { request, decisions }: RequestRecord,
  demand: PolicyDemand,
  when: 'now' | 'ever' = 'now',
): Decision | null {
  const roster = ports.roster();
  const held = decisions.filter((decision) => {
    const { operator } = decision.body.by;
    if (operator === request.body.requester.operator || !namesSame(request, decision)) return false;
    if (!decisionHolds(decision, roster, when)) return false;
    return when === 'ever' || mayApprove(roster.operator(operator)?.roles ?? [], demand);
  });
  return held.find(({ body }) => body.decision === 'refuse') ?? held[0] ?? null;
}

/** A decision names everything that its request does: it can stand for nothing else. */
function namesSame({ body, hash }: RequestRecord['request'], { body: named }: Decision): boolean {
  return (
    named.request === hash &&
    named.subject.hash === body.subject.hash &&
    named.subject.kind === body.subject.kind &&
    named.environment === body.environment &&
    named.device === body.device
  );
}

/** A permit for the change from one request about it, or why that request gives none. */
export function permitFrom(
  ports: ApprovalPorts,
  records: ApprovalRecords,
  record: RequestRecord,
  { change, demand, batch }: { change: Change; demand: PolicyDemand; batch: string | null },
): Permit | string {
  const { request, ended, used } = record;
  if (ended !== null) return ended.why;
  const { subject } = request.body;
  // A bulk kill that has begun goes on with its own changes, each once; a single change is begun once.
  if (used && subject.kind === 'change') return 'the approval has been used';
  if (!used && subject.kind === 'batch' && subject.hash !== batch) {
    return 'it was approved as a whole: execute the bulk kill';
  }
  if (request.body.environment !== change.payload.environment) {
    return `it was approved for ${request.body.environment}, not ${change.payload.environment}`;
  }
  const nowMs = records.timeFor(request.hash, ports.clock.now());
  const counts = decisionThatCounts(ports, record, demand);
  if (counts === null) return 'nobody has approved it yet';
  const why = whyDecisionFails(ports, record, counts, demand, nowMs);
  return why === null ? { decision: counts.hash } : why;
}

/** True while the person may act alone under it, here and now (D3). */
export function isOpen({ glass, endedAtMs }: GlassRecord, nowMs: number): boolean {
  return endedAtMs === null && nowMs < glass.untilMs;
}
