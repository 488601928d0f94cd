import type { ChangePayload, ChangeProgress, ChangeStage } from '../../../shared/model/change.ts';
import { EXIT } from '../shared/exit-codes.ts';
import { type OptionShape, UsageError } from './arguments.ts';
import type { ConsoleClient } from './client.ts';
import type { CommandContext } from './command.ts';
import { printable } from './table.ts';

const SERVED_LIMIT_MS = 5000;

/** What every command that changes a flag takes. */
export const CHANGE_OPTIONS: OptionShape = {
  env: { value: 'E', help: 'environment' },
  reason: { value: 'TEXT', help: 'why; kept in the ledger' },
  connection: { value: 'C', help: 'connection, where two have the key' },
  yes: { help: 'do not ask' },
};

function side(state: ChangePayload['before']): string {
  const share = state.percentage === null ? '' : `, ${state.percentage} % of users have the feature`;
  return `${printable(state.serves ?? "the code's own default")}${share}${state.targeting ? `, targeting ${printable(state.targeting)}` : ''}`;
}

/** What will happen, before it does (B2, B3): provider, environment, flag, now, then, who is affected. */
export function describeChange(payload: ChangePayload): string {
  const environment = payload.tone === 'production' ? payload.environment.toUpperCase() : payload.environment;
  return [
    `${payload.action === 'kill' ? 'Kill' : 'Undo on'} ${printable(payload.flag)} in ${environment}`,
    `  through ${payload.connection} (${printable(payload.providerEnvironment)})`,
    `  now:     serves ${side(payload.before)}`,
    `  then:    serves ${side(payload.after)}`,
    `  affects: ${payload.affectedServices.join(', ') || 'no service that the configuration names'}`,
  ].join('\n');
}

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

/** Proposes and executes; says accepted, and waits a moment to say served. Returns the exit code (0: accepted). */
export async function executeChange(
  client: ConsoleClient,
  context: CommandContext,
  { preview }: PreviewedChange,
  rationale: string,
): Promise<{ code: number; progress: ChangeProgress }> {
  const change = await client.call('changes.propose', { preview, rationale });
  const executed = await client.call('changes.execute', { hash: change.hash });
  if (executed.propagation.acceptedAtMs === null) {
    context.out.warn(`not accepted (${executed.stage}): ${executed.problem ?? 'the provider has not answered'}`);
    return { code: exitCodeOfStage(executed.stage), progress: executed };
  }
  const progress = await client.watch(
    'changes.watch',
    { hash: change.hash },
    (value) => value.propagation.servedAtMs !== null,
    SERVED_LIMIT_MS,
  );
  const { acceptedAtMs, servedAtMs, requestedAtMs } = progress.propagation;
  const after = (atMs: number | null) =>
    atMs === null || requestedAtMs === null ? '' : ` after ${atMs - requestedAtMs} ms`;
  context.out.say(
    `accepted${after(acceptedAtMs)}; ${servedAtMs === null ? 'not yet seen served' : `served${after(servedAtMs)}`}`,
  );
  context.out.say(`  change ${change.hash}`);
  return { code: EXIT.done, progress };
}
