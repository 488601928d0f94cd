import type { ChangePayload, ChangeProgress, ChangeStage } from '../../../shared/model/change.ts';
import { describeChange } from './describe-change.ts';
import { EXIT } from '../shared/exit-codes.ts';
import { type OptionShape, UsageError } from './arguments.ts';
import type { ApprovalItem } from '../../../shared/model/approval.ts';
import type { PeopleState } from '../../../shared/model/operator.ts';
import { askSecondPerson, WAIT_OPTIONS } from './ask-approval.ts';
import type { ConsoleClient } from './client.ts';
import type { CommandContext } from './command.ts';
import { printable } from './table.ts';
import { PERSON_OPTIONS } from './unlock.ts';

const SERVED_LIMIT_MS = 5000;

/** What every command that changes a flag takes. */
export const CHANGE_OPTIONS: OptionShape = {
  env: { value: 'E', help: 'environment' },
  reason: { value: 'TEXT', help: 'why; kept in the ledger' },
  connection: { value: 'C', help: 'connection, where two have the key' },
  yes: { help: 'do not ask' },
  ...PERSON_OPTIONS,
  ...WAIT_OPTIONS,
};

/** Exit code of what became of one change: 0 from accepted on, unreachable while nobody knows. */
export function exitCodeOfStage(stage: ChangeStage): number {
  switch (stage) {
    case 'accepted':
    case 'served':
    case 'observed':
      return EXIT.done;
    case 'refused':
    case 'approval-required':
      return EXIT.refused;
    case 'conflict':
      return EXIT.conflict;
    case 'requested':
      return EXIT.unreachable;
    default:
      return EXIT.failed;
  }
}

export interface PreviewedChange {
  readonly preview: string;
  readonly payload: ChangePayload;
}

/** Asks for the word that policy wants (D2) unless --yes was given. Without a terminal and without --yes it is a usage error: nothing runs unasked. */
export async function confirmed(context: CommandContext, payload: ChangePayload): Promise<boolean> {
  context.out.say(describeChange(payload));
  if (context.args.has('yes')) return true;
  const word = payload.demand.typed ? payload.flag : payload.environment;
  const answer = await context.ask(`Type ${printable(word)} to go on: `);
  if (answer === null) throw new UsageError('no terminal to ask at: give --yes to go on without a question');
  return answer.trim() === word;
}

export interface Executed {
  readonly code: number;
  /** Why it was not done, in words; null when it was. */
  readonly why: string | null;
  /** Null when it was not begun. */
  readonly progress: ChangeProgress | null;
  /** The request that a second person has, or had, to answer; null when policy asks for one person. */
  readonly approval: ApprovalItem | null;
}

/** Proposes, asks a second person where policy wants one, and executes. */
export async function executeChange(
  client: ConsoleClient,
  context: CommandContext,
  { preview, payload }: PreviewedChange,
  rationale: string,
  people: PeopleState,
): Promise<Executed> {
  const { hash } = await client.call('changes.propose', { preview, rationale });
  const override = context.args.text('override');
  if (override !== undefined) {
    await client.call('incidents.override', { subject: { kind: 'change', hash }, reason: override });
  }
  const what = { subject: { kind: 'change' as const, hash }, environment: payload.environment };
  const asked = await askSecondPerson(client, context, people, payload.demand, what);
  if (asked.code !== null) return { code: asked.code, why: asked.why, progress: null, approval: asked.item };
  const { code, progress } = await runChange(client, context, hash);
  return { code, why: null, progress, approval: asked.item };
}

/** Executes what was proposed; says accepted, and waits a moment to say served. The code is 0 once it is accepted. */
export async function runChange(
  client: ConsoleClient,
  context: CommandContext,
  hash: string,
): Promise<{ code: number; progress: ChangeProgress }> {
  const executed = await client.call('changes.execute', { hash });
  if (executed.propagation.acceptedAtMs === null) {
    context.out.warn(`not accepted (${executed.stage}): ${executed.problem ?? 'the provider has not answered'}`);
    return { code: exitCodeOfStage(executed.stage), progress: executed };
  }
  const progress = await client.watch(
    'changes.watch',
    { hash },
    (value) => value.propagation.servedAtMs !== null,
    SERVED_LIMIT_MS,
  );
  const { acceptedAtMs, servedAtMs, requestedAtMs } = progress.propagation;
  const after = (atMs: number | null) =>
    atMs === null || requestedAtMs === null ? '' : ` after ${atMs - requestedAtMs} ms`;
  context.out.say(
    `accepted${after(acceptedAtMs)}; ${servedAtMs === null ? 'not yet seen served' : `served${after(servedAtMs)}`}`,
  );
  context.out.say(`  change ${hash}`);
  return { code: EXIT.done, progress };
}
