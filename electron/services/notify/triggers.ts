import type { ApprovalItem, ApprovalSubject, BreakGlassItem } from '../../../shared/model/approval.ts';
import type { BatchProgress } from '../../../shared/model/batch.ts';
import type { Change } from '../../../shared/model/change.ts';
import type { Entry, EntryData } from '../../../shared/model/entry.ts';
import type { Incident } from '../../../shared/model/incident.ts';
import type { NotifyMessage } from '../../../shared/model/notify.ts';
import { breakGlassEnded, breakGlassOpened, breakGlassReviewed } from './break-glass-messages.ts';
import {
  anchorMade,
  approvalDecided,
  approvalEnded,
  approvalWanted,
  batchResult,
  changeResult,
  freezeOverridden,
  incidentClosed,
  incidentOpened,
  type SubjectFacts,
} from './messages.ts';

type AnchorData = Extract<EntryData, { kind: 'anchor.made' }>;

/** What is known at the moment beside the entry; null for what is not. Reading only. */
export interface NotifyLookups {
  /** A person's name; their id when the roster does not know them. */
  nameOf(operator: string): string;
  change(hash: string): Change | null;
  /** Hashes of the bulk kills that a change is of. */
  batchesOf(change: string): readonly string[];
  batch(hash: string): BatchProgress | null;
  /** By the request's hash. */
  approval(request: string): ApprovalItem | null;
  glass(id: string): BreakGlassItem | null;
  incident(id: string): Incident | null;
  /** Who began a change or a bulk kill, and under what. */
  began(hash: string): { readonly operator: string | null; readonly breakGlass: boolean } | null;
  /** The anchor as the line that is checked later. */
  anchorLine(anchor: AnchorData): string;
}

/**
 * The messages that an entry of this device causes; none for most. Pure: the same entry and the same lookups give the
 * same messages. Whoever calls leaves entries of other devices out: their console sends them.
 */
export function messagesFor(entry: Entry, lookups: NotifyLookups): NotifyMessage[] {
  const { data, atMs, by } = entry.body;
  const who = by === undefined ? null : lookups.nameOf(by.operator);
  switch (data.kind) {
    case 'approval.requested': {
      const { request } = data;
      const { subject, environment, requester } = request.body;
      return [
        approvalWanted({
          ...subjectOf(subject, environment, request.hash, lookups),
          request,
          who: lookups.nameOf(requester.operator),
          checkCode: lookups.approval(request.hash)?.checkCode ?? null,
        }),
      ];
    }
    case 'approval.decided':
      return [decided(data.decision, atMs, lookups)];
    // The approver's console may have been without a network: the one that took the decision in tells of it.
    case 'approval.imported':
      return data.decision === null ? [] : [decided(data.decision, atMs, lookups)];
    case 'approval.ended': {
      const { request, subject, end, why } = data;
      const environment = lookups.approval(request)?.request.body.environment ?? 'an environment';
      return [approvalEnded({ ...subjectOf(subject, environment, request, lookups), request, end, why, atMs })];
    }
    case 'breakglass.opened':
      return [breakGlassOpened({ glass: data.glass, who: lookups.nameOf(data.glass.operator) })];
    case 'breakglass.ended': {
      const item = lookups.glass(data.id);
      if (item === null) return [];
      return [breakGlassEnded({ glass: item.glass, who: item.operatorName, atMs, changes: item.changes.length })];
    }
    case 'breakglass.reviewed': {
      const item = lookups.glass(data.id);
      if (item === null) return [];
      const { verdict, note } = data;
      const reviewer = who ?? item.review?.byName ?? 'somebody';
      return [breakGlassReviewed({ glass: item.glass, who: item.operatorName, reviewer, verdict, note, atMs })];
    }
    case 'change.result': {
      const change = lookups.change(data.hash);
      if (change === null) return [];
      // A bulk kill is told of as one, when it ends; what was found after a crash has no end that would tell it.
      if (lookups.batchesOf(data.hash).length > 0 && !data.reconciled) return [];
      const began = lookups.began(data.hash);
      const person = by?.operator ?? began?.operator ?? null;
      return [
        changeResult({
          change,
          outcome: data.outcome,
          detail: data.detail,
          reconciled: data.reconciled,
          who: person === null ? null : lookups.nameOf(person),
          underBreakGlass: began?.breakGlass ?? false,
          atMs,
        }),
      ];
    }
    case 'batch.ended': {
      const progress = lookups.batch(data.hash);
      if (progress === null) return [];
      const person = by?.operator ?? lookups.began(data.hash)?.operator ?? null;
      const name = person === null ? null : lookups.nameOf(person);
      return [batchResult({ batch: progress.batch, items: progress.items, who: name, atMs })];
    }
    case 'incident.opened':
      return [incidentOpened({ incident: data.incident, who, atMs })];
    case 'incident.closed': {
      const incident = lookups.incident(data.id);
      return incident === null ? [] : [incidentClosed({ incident, who, note: data.note, atMs })];
    }
    case 'freeze.overridden': {
      const incident = lookups.incident(data.incident);
      if (incident === null) return [];
      const subject = subjectOf(data.subject, null, null, lookups);
      return [freezeOverridden({ ...subject, incident, reason: data.reason, who, atMs })];
    }
    case 'anchor.made':
      if (data.place !== 'notify') return [];
      return [anchorMade({ line: lookups.anchorLine(data), digest: data.digest, chains: data.heads.length, atMs })];
    default:
      return [];
  }
}

function decided(
  decision: Extract<EntryData, { kind: 'approval.decided' }>['decision'],
  atMs: number,
  lookups: NotifyLookups,
): NotifyMessage {
  const { request, subject, environment, decision: verdict, by, reason } = decision.body;
  return approvalDecided({
    ...subjectOf(subject, environment, request, lookups),
    request,
    approved: verdict === 'approve',
    who: lookups.nameOf(by.operator),
    reason,
    atMs,
  });
}

/** What a request or an override names, as far as it is known here. */
function subjectOf(
  subject: ApprovalSubject,
  environment: string | null,
  request: string | null,
  lookups: NotifyLookups,
): SubjectFacts {
  const item = request === null ? null : lookups.approval(request);
  const batch = item?.batch ?? (subject.kind === 'batch' ? (lookups.batch(subject.hash)?.batch ?? null) : null);
  const own = subject.kind === 'change' ? [subject.hash] : (batch?.changes ?? []);
  const changes = item?.changes ?? own.flatMap((hash) => lookups.change(hash) ?? []);
  const where = environment ?? batch?.environment ?? changes[0]?.payload.environment ?? 'an environment';
  return { subject, environment: where, changes, batch };
}
