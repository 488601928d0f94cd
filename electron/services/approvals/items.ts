import type { ApprovalItem, ApprovalState, BreakGlassItem, Decision } from '../../../shared/model/approval.ts';
import type { PolicyDemand } from '../../../shared/model/change.ts';
import { strictest } from '../../../shared/rules/policy.ts';
import { decisionThatCounts, isOpen, whyDecisionFails } from './judge.ts';
import type { ApprovalPorts } from './ports.ts';
import type { ApprovalRecords, GlassRecord, RequestRecord } from './projection.ts';

/** One request as the page shows it; null while its changes are not known here. */
export function itemOf(ports: ApprovalPorts, records: ApprovalRecords, record: RequestRecord): ApprovalItem | null {
  const { request, origin } = record;
  const { subject, requester, device } = request.body;
  const changes = records.changesOf(subject);
  if (changes === null || changes.length === 0) return null;
  const over = record.used || record.ended !== null;
  const demand = strictest(changes.flatMap((change) => [change.payload.demand, ports.demandNow(change)]));
  const decision = decisionThatCounts(ports, record, demand, over ? 'ever' : 'now');
  const { state, why } = stateOf(ports, records, record, decision, demand);
  return {
    request,
    state,
    why,
    decision,
    changes: [...changes],
    batch: subject.kind === 'batch' ? (records.batch(subject.hash) ?? null) : null,
    requesterName: nameOf(ports, requester.operator),
    deciderName: decision === null ? null : nameOf(ports, decision.body.by.operator),
    origin,
    checkCode: ports.armourer.checkCodeOf(request.hash),
    executableHere: device === ports.ledger.device,
  };
}

function stateOf(
  ports: ApprovalPorts,
  records: ApprovalRecords,
  record: RequestRecord,
  decision: Decision | null,
  demand: PolicyDemand,
): { state: ApprovalState; why: string | null } {
  const { request, ended, used } = record;
  if (used) return { state: 'used', why: 'it has been executed' };
  if (ended !== null) return { state: ended.end, why: ended.why };
  if (decision?.body.decision === 'refuse') {
    const { reason, by } = decision.body;
    return { state: 'refused', why: `${nameOf(ports, by.operator)} refused it${reason === '' ? '' : `: ${reason}`}` };
  }
  const nowMs = records.timeFor(request.hash, ports.clock.now());
  if (nowMs >= request.body.expiresAtMs) return { state: 'expired', why: 'nobody used it in time' };
  if (decision === null) return { state: 'waiting', why: null };
  const why = whyDecisionFails(ports, record, decision, demand, nowMs, request.body.device);
  return why === null ? { state: 'approved', why: null } : { state: 'waiting', why };
}

export function glassItem(ports: ApprovalPorts, records: ApprovalRecords, record: GlassRecord): BreakGlassItem {
  const { glass, endedAtMs, changes, review } = record;
  const nowMs = records.timeFor(glass.id, ports.clock.now());
  const open = isOpen(record, nowMs);
  const late = nowMs >= glass.reviewByMs;
  return {
    glass,
    operatorName: nameOf(ports, glass.operator),
    state: review !== null && !open ? 'reviewed' : open ? 'open' : late ? 'overdue' : 'to-review',
    endedAtMs: endedAtMs ?? (open ? null : glass.untilMs),
    changes: [...changes],
    review: review === null ? null : { ...review, byName: nameOf(ports, review.by) },
  };
}

function nameOf(ports: ApprovalPorts, operator: string): string {
  return ports.roster().operator(operator)?.name ?? operator;
}
