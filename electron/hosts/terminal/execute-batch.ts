import type { BatchPreview, BatchPreviewItem, BatchProgress, BatchTarget } from '../../../shared/model/batch.ts';
import type { ChangeProgress } from '../../../shared/model/change.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { PeopleState } from '../../../shared/model/operator.ts';
import { EXIT, exitCodeOf } from '../shared/exit-codes.ts';
import { UsageError } from './arguments.ts';
import { type ApprovalJson, approvalJson, askSecondPerson } from './ask-approval.ts';
import type { ConsoleClient } from './client.ts';
import type { CommandContext } from './command.ts';
import { exitCodeOfStage } from './execute.ts';
import { printable, table } from './table.ts';

/** How long one look at a bulk kill that is under way lasts, milliseconds. */
const LOOK_MS = 2_000;
const SERVED_LIMIT_MS = 5_000;

export interface KillResult extends ApprovalJson {
  readonly connection: string | null;
  readonly flag: string;
  readonly exitCode: number;
  readonly error: string | null;
  readonly change: ChangeProgress | null;
}

export interface BatchResult {
  /** One for each flag, in order. */
  readonly results: readonly KillResult[];
  readonly batch: BatchProgress | null;
}

/** What will happen, before it does (B2, B3), and what is left out with the reason. */
function describeBatch(preview: BatchPreview): string {
  const environment = preview.tone === 'production' ? preview.environment.toUpperCase() : preview.environment;
  const done = preview.items.filter((item) => item.preview !== null);
  const share = ({ percentage }: BatchPreviewItem) => (percentage === null ? '' : `, ${percentage} % of users`);
  const rows = done.map((item, index) => [
    String(index + 1),
    `${printable(item.flag)}${item.critical ? ' (critical)' : ''}`,
    `${item.connection} (${printable(item.providerEnvironment ?? '')})`,
    `${printable(item.serves ?? 'code default')}${share(item)}`,
    printable(item.willServe ?? 'code default'),
  ]);
  return [
    `Kill ${printable(preview.name)} in ${environment}: ${done.length} of ${preview.items.length} flags, in this order`,
    ...(done.length === 0 ? [] : [table(['', 'FLAG', 'THROUGH', 'NOW', 'THEN'], rows)]),
    ...preview.items.flatMap(({ flag, problem }) =>
      problem === null ? [] : [`  left out: ${printable(flag)}: ${printable(problem.message)}`],
    ),
    `  affects: ${preview.affectedServices.join(', ') || 'no service that the configuration names'}`,
  ].join('\n');
}

/** Asks for the word that was shown, unless --yes was given; without a terminal and without --yes nothing runs. */
async function confirmed(context: CommandContext, preview: BatchPreview): Promise<boolean> {
  if (context.args.has('yes')) return true;
  const answer = await context.ask(`Type ${printable(preview.typedWord)} to go on: `);
  if (answer === null) throw new UsageError('no terminal to ask at: give --yes to go on without a question');
  return answer.trim() === preview.typedWord;
}

/** Several kills confirmed as one, in order, with a result for each (B4, B13). */
export async function killTogether(
  client: ConsoleClient,
  context: CommandContext,
  environment: string,
  target: BatchTarget,
  rationale: string,
  people: PeopleState,
): Promise<BatchResult> {
  const { out } = context;
  const preview = await client.call('changes.previewBatch', { environment, target });
  if (preview.items.length === 0) throw new ScramError('not-found', `${preview.name} has no flags`);
  out.say(describeBatch(preview));
  const can = preview.items.some((item) => item.preview !== null);
  if (!can) return { batch: null, results: preview.items.map((item) => leftOut(item)) };
  if (!(await confirmed(context, preview))) {
    out.warn('not confirmed: nothing was changed');
    return {
      batch: null,
      results: preview.items.map((item) => leftOut(item, 'not confirmed: nothing was changed')),
    };
  }
  const { hash } = await client.call('changes.proposeBatch', { preview: preview.hash, rationale });
  const what = { subject: { kind: 'batch' as const, hash }, environment };
  const asked = await askSecondPerson(client, context, people, preview.demand, what);
  const { code, why } = asked;
  if (code !== null) {
    const waits = (item: BatchPreviewItem) => ({
      ...leftOut(item),
      exitCode: code,
      error: why,
      ...approvalJson(asked.item),
    });
    return { batch: null, results: preview.items.map((item) => (item.preview === null ? leftOut(item) : waits(item))) };
  }
  const batch = await runBatch(client, context, hash);
  const done = batch.items.values();
  const results: KillResult[] = [];
  for (const item of preview.items) {
    const own = item.preview === null ? undefined : done.next().value;
    results.push(own === undefined ? leftOut(item) : await resultOf(client, own));
  }
  sayBatch(context, batch, results);
  return { results, batch };
}

/** What became of one flag of a bulk kill. */
export async function resultOf(client: ConsoleClient, item: BatchProgress['items'][number]): Promise<KillResult> {
  const { connection, flag, stage, problem } = item;
  const exitCode = exitCodeOfStage(stage);
  const change = await client.snapshot('changes.watch', { hash: item.change });
  const error = exitCode === EXIT.done ? null : (problem ?? `not accepted (${stage})`);
  return { connection, flag, exitCode, error, change };
}

/** Executes, telling why it waits; then waits a moment to see it served. */
export async function runBatch(client: ConsoleClient, { out }: CommandContext, hash: string): Promise<BatchProgress> {
  let waiting: string | null = null;
  let ended = false;
  const told = (progress: BatchProgress): boolean => {
    if (progress.waiting !== null && progress.waiting !== waiting) out.warn(progress.waiting);
    waiting = progress.waiting;
    return ended;
  };
  const executed = client.call('changes.executeBatch', { hash }).finally(() => {
    ended = true;
  });
  const settled = executed.catch(() => null);
  while (!ended) {
    await Promise.race([settled, client.watch('changes.watchBatch', { hash }, told, LOOK_MS).catch(() => null)]);
  }
  await executed;
  return client.watch(
    'changes.watchBatch',
    { hash },
    ({ items }) => items.every((item) => item.acceptedAtMs === null || item.servedAtMs !== null),
    SERVED_LIMIT_MS,
  );
}

function leftOut({ connection, flag, problem }: BatchPreviewItem, why = 'not begun'): KillResult {
  const exitCode = problem === null ? EXIT.failed : exitCodeOf(new ScramError(problem.code, problem.message));
  const at = connection === '' ? null : connection;
  return { connection: at, flag, exitCode, error: problem?.message ?? why, change: null };
}

export function sayBatch(
  { out }: CommandContext,
  { batch, state, items }: BatchProgress,
  results: readonly KillResult[],
): void {
  const count = (test: (item: BatchProgress['items'][number]) => boolean) => items.filter(test).length;
  const accepted = count((item) => item.acceptedAtMs !== null);
  const served = count((item) => item.servedAtMs !== null);
  out.say(
    table(
      ['FLAG', 'RESULT'],
      results.map(({ flag, error, change }) => [printable(flag), printable(error ?? change?.stage ?? 'accepted')]),
    ),
  );
  out.say(
    `${accepted} of ${results.length} accepted, ${served} served${state === 'interrupted' ? '; interrupted' : ''}`,
  );
  out.say(`  bulk kill ${batch.hash}`);
}

/** From the best to the worst that can become of one of several flags. */
const BY_WEIGHT: readonly number[] = [
  EXIT.done,
  EXIT.refused,
  EXIT.conflict,
  EXIT.locked,
  EXIT.unreachable,
  EXIT.failed,
];

/** Exit code of the worst. */
export function worstOf(results: readonly Pick<KillResult, 'exitCode'>[]): number {
  const weight = (code: number) => (BY_WEIGHT.includes(code) ? BY_WEIGHT.indexOf(code) : BY_WEIGHT.length);
  return results.map(({ exitCode }) => exitCode).reduce((a, b) => (weight(b) > weight(a) ? b : a), EXIT.done);
}
