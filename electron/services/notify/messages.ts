import type { ApprovalRequest, ApprovalSubject } from '../../../shared/model/approval.ts';
import type { Batch, BatchItem } from '../../../shared/model/batch.ts';
import type { Change } from '../../../shared/model/change.ts';
import type { EntryData } from '../../../shared/model/entry.ts';
import type { Incident } from '../../../shared/model/incident.ts';
import type { NotifyMessage } from '../../../shared/model/notify.ts';
import { utc } from '../../../shared/rules/notify-text.ts';
import { whatOf, shortHash, stateWords } from './change-words.ts';
import { type Facts, LONGEST_TEXT, messageOf } from './message.ts';

/** Templates: facts in, message out. Nothing is looked up and nothing is decided here. */

export type ChangeOutcome = Extract<EntryData, { kind: 'change.result' }>['outcome'];

const approvalKey = (request: string): string => `approval/${request}`;
const incidentKey = (id: string): string => `incident/${id}`;

export interface SubjectFacts {
  readonly subject: ApprovalSubject;
  readonly environment: string;
  /** The change, or those of a bulk kill; empty when they are not known here. */
  readonly changes: readonly Change[];
  readonly batch: Batch | null;
}

/** `kill enable_x`, `bulk kill checkout-minimum (12 flags)`. */
export function subjectWords({ subject, changes, batch }: SubjectFacts): string {
  const [only] = changes;
  if (batch !== null) return `bulk kill ${batch.name} (${batch.changes.length} flags)`;
  if (subject.kind === 'batch') return changes.length === 0 ? 'a bulk kill' : `a bulk kill of ${changes.length} flags`;
  return only === undefined ? 'a change' : whatOf(only.payload);
}

function subjectFacts(facts: SubjectFacts): Facts {
  const { changes, batch, subject } = facts;
  const [only] = changes;
  const rationale = batch?.rationale ?? only?.rationale ?? '';
  const single = subject.kind === 'change' ? only : undefined;
  return [
    ['What', subjectWords(facts)],
    ['Environment', facts.environment],
    ['Now', single ? stateWords(single.payload.before) : null],
    ['Then', single ? stateWords(single.payload.after) : null],
    ['Flags', single || changes.length === 0 ? null : names(changes.map(({ payload }) => payload.flag))],
    ['Services', names([...new Set(changes.flatMap(({ payload }) => payload.affectedServices))])],
    ['Why', rationale],
    [subject.kind === 'batch' ? 'Bulk kill' : 'Change', shortHash(subject.hash)],
  ];
}

const MOST_NAMES = 20;
function names(all: readonly string[]): string {
  const more = all.length - MOST_NAMES;
  return all.slice(0, MOST_NAMES).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

export function approvalWanted(
  facts: SubjectFacts & { request: ApprovalRequest; who: string; checkCode: string | null },
): NotifyMessage {
  const { request, who } = facts;
  return messageOf({
    event: 'approval-wanted',
    title: `Approval wanted: ${subjectWords(facts)} in ${facts.environment}`,
    severity: 'warning',
    facts: [
      ['Asked by', who],
      ...subjectFacts(facts),
      ['Until', utc(request.body.expiresAtMs)],
      ['Check code', facts.checkCode],
      ['What next', 'Somebody else opens Scram, Approvals, looks at the change and decides.'],
    ],
    key: approvalKey(request.hash),
    atMs: request.body.atMs,
  });
}

export function approvalDecided(
  facts: SubjectFacts & { request: string; approved: boolean; who: string; reason: string; atMs: number },
): NotifyMessage {
  const { approved, who, reason, atMs } = facts;
  return messageOf({
    event: 'approval-decided',
    title: `${approved ? 'Approved' : 'Refused'}: ${subjectWords(facts)} in ${facts.environment}`,
    severity: 'info',
    facts: [
      [approved ? 'Approved by' : 'Refused by', who],
      ['In words', reason],
      ...subjectFacts(facts),
      ['What next', approved ? 'Nothing has been changed yet: whoever asked executes it.' : null],
    ],
    key: approvalKey(facts.request),
    resolved: true,
    atMs,
  });
}

const ENDS = {
  withdrawn: 'was withdrawn',
  edited: 'was edited, so the request ended',
  moved: 'no longer fits the state of the flag',
  expired: 'was not approved in time',
} as const;

export function approvalEnded(
  facts: SubjectFacts & { request: string; end: keyof typeof ENDS; why: string; atMs: number },
): NotifyMessage {
  return messageOf({
    event: 'approval-decided',
    title: `Approval request ended: ${subjectWords(facts)} in ${facts.environment} ${ENDS[facts.end]}`,
    severity: 'info',
    facts: [['In words', facts.why], ...subjectFacts(facts)],
    key: approvalKey(facts.request),
    resolved: true,
    atMs: facts.atMs,
  });
}

const OUTCOMES: Readonly<Record<ChangeOutcome, string>> = {
  accepted: 'accepted',
  conflict: 'not done: the flag had changed',
  failed: 'failed',
  refused: 'refused',
  'approval-required': 'waits for an approval at the provider',
  'not-applied': 'not done',
};

export interface ChangeFacts {
  readonly change: Change;
  readonly outcome: ChangeOutcome;
  readonly detail: string | null;
  /** Found after the console had stopped half-way. */
  readonly reconciled: boolean;
  readonly who: string | null;
  readonly underBreakGlass: boolean;
  readonly atMs: number;
}

export function changeResult(facts: ChangeFacts): NotifyMessage {
  const { change, outcome, underBreakGlass, atMs } = facts;
  const { payload, rationale, hash } = change;
  const good = outcome === 'accepted';
  return messageOf({
    event: 'change',
    title: `${capital(whatOf(payload))} in ${payload.environment}: ${OUTCOMES[outcome]}`,
    severity: good && !underBreakGlass ? 'info' : 'warning',
    facts: [
      ['Flag', `${payload.flag} (${payload.connection})`],
      ['Environment', payload.environment],
      ['Was', stateWords(payload.before)],
      [good ? 'Now' : 'Was to be', stateWords(payload.after)],
      ['Services', names(payload.affectedServices)],
      ['Who', facts.who],
      ['Why', rationale],
      ['Alone', underBreakGlass ? 'under break-glass' : null],
      ['In words', facts.detail],
      ['Found', facts.reconciled ? 'by reading the provider after a stop' : null],
      ['Change', shortHash(hash)],
    ],
    key: `change/${hash}`,
    atMs,
  });
}

const DONE: ReadonlySet<BatchItem['stage']> = new Set(['accepted', 'served', 'observed']);

/** One message for a bulk kill: one for each of its flags would bury what matters. */
export function batchResult(facts: {
  batch: Batch;
  items: readonly BatchItem[];
  who: string | null;
  atMs: number;
}): NotifyMessage {
  const { batch, items, atMs } = facts;
  const failed = items.filter(({ stage }) => !DONE.has(stage));
  const done = items.length - failed.length;
  return messageOf({
    event: 'change',
    title: `Bulk kill ${batch.name} in ${batch.environment}: ${done} of ${items.length} accepted`,
    severity: failed.length === 0 ? 'info' : 'warning',
    facts: [
      ['Environment', batch.environment],
      ['Not done', names(failed.map(({ flag, problem }) => (problem === null ? flag : `${flag} (${problem})`)))],
      ['Flags', names(items.map(({ flag }) => flag))],
      ['Who', facts.who],
      ['Why', batch.rationale],
      ['Bulk kill', shortHash(batch.hash)],
    ],
    key: `batch/${batch.hash}`,
    atMs,
  });
}

const scope = ({ services }: Incident): string => (services.length === 0 ? 'every service' : names(services));
const incidentFacts = (incident: Incident): Facts => [
  ['Incident', incident.title],
  ['Environments', names(incident.environments)],
  ['Services', scope(incident)],
];

export function incidentOpened(facts: { incident: Incident; who: string | null; atMs: number }): NotifyMessage {
  const { incident, who, atMs } = facts;
  return messageOf({
    event: 'incident',
    title: `Incident opened: ${incident.title}`,
    severity: 'critical',
    facts: [
      ...incidentFacts(incident),
      ['Opened by', who],
      ['What next', 'Changes other than mitigations are held for these services and environments until it is closed.'],
    ],
    key: incidentKey(incident.id),
    atMs,
  });
}

export function incidentClosed(facts: {
  incident: Incident;
  who: string | null;
  note: string;
  atMs: number;
}): NotifyMessage {
  const { incident, who, note, atMs } = facts;
  return messageOf({
    event: 'incident',
    title: `Incident closed: ${incident.title}`,
    severity: 'info',
    facts: [...incidentFacts(incident), ['Opened', utc(incident.openedAtMs)], ['Closed by', who], ['In words', note]],
    key: incidentKey(incident.id),
    resolved: true,
    atMs,
  });
}

/** A change let through although an incident holds such changes (D9). */
export function freezeOverridden(
  facts: SubjectFacts & { incident: Incident; reason: string; who: string | null; atMs: number },
): NotifyMessage {
  const { incident, reason, who, atMs } = facts;
  return messageOf({
    event: 'incident',
    title: `Let through during the incident ${incident.title}: ${subjectWords(facts)}`,
    severity: 'warning',
    facts: [['Let through by', who], ['Reason', reason], ...subjectFacts(facts), ['Incident', incident.title]],
    key: incidentKey(incident.id),
    atMs,
  });
}

/**
 * The heads of the chains, put where somebody who could cut them off cannot reach (D10). A line that a message cannot hold
 * whole would prove nothing: then its digest stands for it, and the record has the heads.
 */
export function anchorMade(facts: { line: string; digest: string; chains: number; atMs: number }): NotifyMessage {
  const { line, digest, chains, atMs } = facts;
  const whole = line.length <= LONGEST_TEXT;
  return messageOf({
    event: 'anchor',
    title: `Anchor of the record: ${shortHash(digest)}`,
    severity: 'info',
    facts: [
      ['Chains', String(chains)],
      ['Digest', digest],
      [
        'What for',
        'Keep this message where nobody can take it away: held against it, a record that was cut off shows.',
      ],
      [
        'Line',
        whole ? null : 'too long for a message: the entry anchor.made of the record holds it, and the digest proves it',
      ],
    ],
    text: whole ? line : '',
    key: 'anchor',
    atMs,
  });
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
