import type { SliView } from '../../../shared/contract/slis.ts';
import type { ApprovalItem, BreakGlassItem } from '../../../shared/model/approval.ts';
import type { Change } from '../../../shared/model/change.ts';
import { spokenOf } from '../../services/armour/check-code.ts';
import type { ConsoleClient } from './client.ts';
import { definitionDiff } from './definition-diff.ts';
import { describeChange, sideOf } from './describe-change.ts';
import { printable } from './table.ts';

export const timeOf = (atMs: number): string => `${new Date(atMs).toISOString().replace('T', ' ').slice(0, 19)} UTC`;

/** What is asked for, on one line: `kill enable_new_pricing`, or the bulk kill's name. */
export function subjectOf({ batch, changes }: ApprovalItem): string {
  const [first] = changes;
  if (batch !== null) return `kill ${printable(batch.name)} (${changes.length} flags)`;
  if (first === undefined) return '';
  const { action, flag, after } = first.payload;
  return `${action} ${printable(flag)}${action === 'rollout' ? ` to ${after.percentage ?? '?'} %` : ''}`;
}

/** All that the second person must see before deciding (D1, D7): the same as the page shows. */
export async function describeApproval(client: ConsoleClient, item: ApprovalItem): Promise<string> {
  const { request, state, why, changes, batch, decision } = item;
  const { body } = request;
  const origin = { here: 'on this console', team: 'over the team store', bundle: 'by a text block' }[item.origin];
  const slis = await slisOf(client, item);
  return [
    `Request ${body.id}: ${subjectOf(item)} in ${environmentOf(item)}`,
    `  check code: ${codeWords(item.checkCode)}`,
    `  state:      ${state}${why === null ? '' : ` (${printable(why)})`}, until ${timeOf(body.expiresAtMs)}`,
    `  asked by:   ${printable(item.requesterName)} (${printable(body.requester.operator)}) at ${timeOf(body.atMs)}, ${origin}`,
    `  executes:   ${item.executableHere ? 'this console' : `console ${body.device.slice(0, 12)}`} alone`,
    `  rationale:  ${printable(batch?.rationale ?? changes[0]?.rationale ?? '') || 'none given'}`,
    ...(decision === null
      ? []
      : [
          `  decided:    ${decision.body.decision} by ${printable(item.deciderName ?? decision.body.by.operator)}${decision.body.reason === '' ? '' : `: ${printable(decision.body.reason)}`}`,
        ]),
    ...changes.flatMap((change, index) => describeWhole(change, changes.length > 1 ? `${index + 1}. ` : '')),
    ...(slis.length === 0 ? [] : ['SLIs now', ...slis]),
  ].join('\n');
}

export function codeWords(code: string): string {
  return `${code} (${spokenOf(code)})`;
}

export function environmentOf({ request, changes }: ApprovalItem): string {
  const { environment } = request.body;
  return changes.some(({ payload }) => payload.tone === 'production') ? environment.toUpperCase() : environment;
}

function describeWhole({ hash, payload }: Change, number: string): string[] {
  const { before, after, notes = [], undoes } = payload;
  const diff = definitionDiff(before.definition, after.definition);
  return [
    `${number}${describeChange(payload)}`,
    ...notes.map((note) => `  note:    ${printable(note)}`),
    ...(undoes === null ? [] : [`  undoes:  change ${undoes.slice(0, 12)}`]),
    `  undo:    puts back exactly: serves ${sideOf(before)}`,
    ...(diff.length === 0 ? [] : [`  the flag at ${payload.providerKind}:`, ...diff.map((line) => `    ${line}`)]),
    `  change ${hash}`,
  ];
}

async function slisOf(client: ConsoleClient, { request, changes }: ApprovalItem): Promise<string[]> {
  const wanted = new Set(changes.flatMap(({ payload }) => payload.affectedSlis));
  if (wanted.size === 0) return [];
  const { slis } = await client.snapshot('slis.watch', { environment: request.body.environment });
  return slis.filter(({ sli }) => wanted.has(sli.id)).map(sliLine);
}

function sliLine({ sli, status }: SliView): string {
  const bound = sli.objective === null ? '' : `, objective ${boundOf(sli.objective)} ${sli.unit}`;
  const value = status.latest === null ? 'no value yet' : `${status.latest.value} ${sli.unit}`;
  const problem = status.problem === null ? '' : `: ${printable(status.problem)}`;
  return `  ${sli.id}: ${value}${bound} (${status.state}${problem})`;
}

function boundOf(objective: { below: number } | { above: number }): string {
  return 'below' in objective ? `below ${objective.below}` : `above ${objective.above}`;
}

/** Loud, wherever approvals are listed (D3). */
export function describeGlass({ glass, operatorName, state, changes, review }: BreakGlassItem): string {
  const who = `${printable(operatorName)} (${printable(glass.operator)})`;
  const words = {
    open: `OPEN until ${timeOf(glass.untilMs)}`,
    'to-review': `to be reviewed by ${timeOf(glass.reviewByMs)}`,
    overdue: `REVIEW OVERDUE since ${timeOf(glass.reviewByMs)}`,
    reviewed:
      review === null ? 'reviewed' : `${review.verdict} by ${printable(review.byName)}: ${printable(review.note)}`,
  }[state];
  return `BREAK-GLASS ${glass.id} in ${printable(glass.environment)} by ${who}: ${words}; ${changes.length} change${changes.length === 1 ? '' : 's'}; reason: ${printable(glass.reason)}`;
}
