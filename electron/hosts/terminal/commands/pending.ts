import type { ApprovalItem, ApprovalsState } from '../../../../shared/model/approval.ts';
import { ScramError } from '../../../../shared/model/error.ts';
import { EXIT } from '../../shared/exit-codes.ts';
import { UsageError } from '../arguments.ts';
import type { ConsoleClient } from '../client.ts';
import type { Command, CommandContext } from '../command.ts';
import { describeApproval, describeGlass, environmentOf, subjectOf, timeOf } from '../describe-approval.ts';
import { runChange } from '../execute.ts';
import { resultOf, runBatch, sayBatch, worstOf } from '../execute-batch.ts';
import { findRequest } from '../find-request.ts';
import { printable, table } from '../table.ts';
import { PERSON_OPTIONS, unlock } from '../unlock.ts';

const isOpen = ({ state }: ApprovalItem): boolean => state === 'waiting' || state === 'approved';

function list({ items, glass }: ApprovalsState, { args, out }: CommandContext): number {
  out.json({ items, glass });
  for (const item of glass.filter(({ state }) => state !== 'reviewed')) out.say(describeGlass(item));
  const shown = args.has('all') ? items : items.filter(isOpen);
  if (shown.length === 0) {
    out.say('nothing waits for a second person');
    return EXIT.done;
  }
  const rows = shown.map((item) => [
    item.checkCode,
    item.state,
    subjectOf(item),
    printable(environmentOf(item)),
    printable(item.requesterName),
    timeOf(item.request.body.expiresAtMs),
    printable(item.why ?? (item.executableHere ? 'executed here' : 'executed on another console')),
  ]);
  out.say(table(['CODE', 'STATE', 'WHAT', 'ENVIRONMENT', 'BY', 'UNTIL', ''], rows));
  return EXIT.done;
}

/** Executes what was approved, on the one console that may (D1). */
async function execute(client: ConsoleClient, context: CommandContext, item: ApprovalItem): Promise<number> {
  const { args, out } = context;
  if (item.state === 'waiting') {
    throw new ScramError('approval-required', `nobody has approved it yet: ${item.why ?? 'it waits'}`, {
      action: `the second person: scram approve ${item.checkCode}`,
    });
  }
  if (item.state !== 'approved') throw new ScramError('conflict', `it cannot be executed: ${item.why ?? item.state}`);
  if (!item.executableHere) {
    throw new ScramError('refused', 'it is executed on the console that asked for it, and on no other', {
      action: `there: scram pending --execute ${item.checkCode}`,
    });
  }
  out.say(await describeApproval(client, item));
  const { hash, kind } = item.request.body.subject;
  await confirm(context, item, 'to execute it');
  await unlock(client, context);
  if (kind === 'change') {
    const { code, progress } = await runChange(client, context, hash);
    out.json({ result: progress });
    return code;
  }
  const batch = await runBatch(client, context, hash);
  const results = [];
  for (const one of batch.items) results.push(await resultOf(client, one));
  sayBatch(context, batch, results);
  out.json({ environment: item.request.body.environment, results, batch });
  for (const { flag, error } of results)
    if (error !== null) out.warn(`${args.has('json') ? '' : '  '}${flag}: ${error}`);
  return worstOf(results);
}

/** Asks to type the environment's name (B3), unless --yes was given. Throws `cancelled` when something else was typed. */
export async function confirm(context: CommandContext, item: ApprovalItem, what: string): Promise<void> {
  if (context.args.has('yes')) return;
  const word = item.request.body.environment;
  const answer = await context.ask(`Type ${printable(word)} ${what}: `);
  if (answer === null) throw new UsageError('no terminal to ask at: give --yes to go on without a question');
  if (answer.trim() !== word) throw new ScramError('cancelled', 'not confirmed: nothing was done');
}

export const pending: Command = {
  name: 'pending',
  usage: 'scram pending [--all] | --execute ID [--as ID] [--yes] | --withdraw ID | --show ID',
  summary: 'what waits for a second person; execute what was approved (D1)',
  options: {
    ...PERSON_OPTIONS,
    all: { help: 'those too that ended lately' },
    show: { value: 'ID', help: 'everything about one request: its id, check code or hash' },
    execute: { value: 'ID', help: 'execute it, once approved' },
    withdraw: { value: 'ID', help: 'take an own request back' },
    yes: { help: 'do not ask' },
  },
  async run(context) {
    const { args, out } = context;
    if (args.words.length > 0) throw new UsageError('scram pending takes options alone');
    const [show, run, withdraw] = [args.text('show'), args.text('execute'), args.text('withdraw')];
    const named = show ?? run ?? withdraw;
    if ([show, run, withdraw].filter((text) => text !== undefined).length > 1) {
      throw new UsageError('--show, --execute or --withdraw: one of them');
    }
    const client = await context.connect();
    const state = await client.snapshot('approvals.watch', {});
    if (named === undefined) return list(state, context);
    const item = findRequest(state.items, named);
    if (run !== undefined) return execute(client, context, item);
    if (withdraw !== undefined) {
      await unlock(client, context);
      await client.call('approvals.withdraw', { request: item.request.hash });
      out.json({ withdrawn: item.request.body.id });
      out.say(`withdrawn: ${subjectOf(item)}`);
      return EXIT.done;
    }
    out.json(item);
    out.say(await describeApproval(client, item));
    return EXIT.done;
  },
};
