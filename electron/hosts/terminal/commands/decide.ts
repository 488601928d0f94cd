import type { ApprovalItem } from '../../../../shared/model/approval.ts';
import { EXIT } from '../../shared/exit-codes.ts';
import { type OptionShape, UsageError } from '../arguments.ts';
import { approvalJson } from '../ask-approval.ts';
import type { Command, CommandContext } from '../command.ts';
import { describeApproval, subjectOf } from '../describe-approval.ts';
import { findRequest } from '../find-request.ts';
import { PERSON_OPTIONS, unlock } from '../unlock.ts';
import { confirm } from './pending.ts';

const OPTIONS: OptionShape = {
  ...PERSON_OPTIONS,
  reason: { value: 'TEXT', help: 'why; kept in the ledger' },
  yes: { help: 'do not ask' },
};

/** Shows all of it first; the person unlocks only once they have seen it and want to decide (D1). */
async function decide(context: CommandContext, decision: 'approve' | 'refuse', reason: string): Promise<ApprovalItem> {
  const [id, ...more] = context.args.words;
  if (id === undefined || more.length > 0) throw new UsageError(`name one request: scram ${decision} ID`);
  const client = await context.connect();
  const { items } = await client.snapshot('approvals.watch', {});
  const item = findRequest(items, id);
  context.out.say(await describeApproval(client, item));
  await confirm(context, item, `to ${decision} it`);
  await unlock(client, context);
  return client.call('approvals.decide', { request: item.request.hash, decision, reason });
}

export const approve: Command = {
  name: 'approve',
  usage: 'scram approve ID [--reason TEXT] [--as ID] [--yes]',
  summary: 'be the second person: see exactly what will happen, and sign it (D1, D4)',
  options: OPTIONS,
  async run(context) {
    const item = await decide(context, 'approve', context.args.text('reason') ?? '');
    const { out } = context;
    out.json(approvalJson(item));
    out.say(`approved: ${subjectOf(item)}, check code ${item.checkCode}`);
    out.say(
      item.executableHere
        ? `next: whoever waits with --wait goes on by itself; else: scram pending --execute ${item.checkCode}`
        : `next: the requester's console executes it, as soon as it hears; with no network: scram bundle export ${item.checkCode}`,
    );
    return EXIT.done;
  },
};

export const refuse: Command = {
  name: 'refuse',
  usage: 'scram refuse ID --reason TEXT [--as ID] [--yes]',
  summary: 'say no to a request, with the reason (D1)',
  options: OPTIONS,
  async run(context) {
    const item = await decide(context, 'refuse', context.args.required('reason'));
    context.out.json(approvalJson(item));
    context.out.say(`refused: ${subjectOf(item)}`);
    return EXIT.done;
  },
};
