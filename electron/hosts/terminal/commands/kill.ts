import type { BatchTarget } from '../../../../shared/model/batch.ts';
import type { PeopleState } from '../../../../shared/model/operator.ts';
import { describeError, EXIT, exitCodeOf } from '../../shared/exit-codes.ts';
import { UsageError } from '../arguments.ts';
import { approvalJson, waitMsOf } from '../ask-approval.ts';
import type { ConsoleClient } from '../client.ts';
import type { Command, CommandContext } from '../command.ts';
import { CHANGE_OPTIONS, confirmed, executeChange } from '../execute.ts';
import { type BatchResult, type KillResult, killTogether, worstOf } from '../execute-batch.ts';
import { findEnvironment, findFlag, type FlagRef, flagRows } from '../flag-lookup.ts';
import { unlock } from '../unlock.ts';

async function killOne(
  client: ConsoleClient,
  context: CommandContext,
  environment: string,
  { connection, key: flag }: FlagRef,
  reason: string,
  people: PeopleState,
): Promise<KillResult> {
  try {
    const { hash, payload } = await client.call('changes.preview', { action: 'kill', connection, flag, environment });
    if (!(await confirmed(context, payload))) {
      return { connection, flag, exitCode: EXIT.failed, error: 'not confirmed: nothing was changed', change: null };
    }
    const done = await executeChange(client, context, { preview: hash, payload }, reason, people);
    return {
      connection,
      flag,
      exitCode: done.code,
      error: done.why,
      change: done.progress,
      ...approvalJson(done.approval),
    };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    return { connection, flag, exitCode: exitCodeOf(error), error: describeError(error), change: null };
  }
}

/** Flags by their keys, or all of a service or a kill set: exactly one of the three. */
function targetOf({ args }: CommandContext): Exclude<BatchTarget, { by: 'flags' }> | null {
  const [killSet, service] = [args.text('set'), args.text('service')];
  const given = [args.words.length > 0, killSet !== undefined, service !== undefined].filter(Boolean);
  if (given.length === 0) throw new UsageError('name at least one flag: scram kill KEY --env E --reason TEXT');
  if (given.length > 1) throw new UsageError('name flags, or --set, or --service: one of them');
  if (killSet !== undefined) return { by: 'kill-set', killSet };
  return service === undefined ? null : { by: 'service', service };
}

export const kill: Command = {
  name: 'kill',
  usage: 'scram kill KEY... | --set ID | --service S --env E --reason TEXT [--connection C] [--wait 10m] [--yes]',
  summary: 'serve the safe value to everyone; several flags in order, confirmed as one (E7, B4, B13)',
  options: {
    ...CHANGE_OPTIONS,
    set: { value: 'ID', help: 'the flags of a kill set, in its order' },
    service: { value: 'S', help: 'every flag of a service' },
  },
  async run(context) {
    const { args, out } = context;
    const named = targetOf(context);
    const reason = args.required('reason');
    const env = args.required('env');
    // Said before anything is done, not after the request is out.
    waitMsOf(context);
    const client = await context.connect();
    const people = await unlock(client, context);
    const environment = await findEnvironment(client, env);
    let made: BatchResult;
    if (named !== null) {
      made = await killTogether(client, context, environment, named, reason, people);
    } else {
      const rows = await flagRows(client, environment);
      const connection = args.text('connection');
      const refs = await Promise.all(args.words.map((key) => findFlag(client, environment, rows, key, connection)));
      const [only, ...more] = refs;
      made =
        only !== undefined && more.length === 0
          ? { batch: null, results: [await killOne(client, context, environment, only, reason, people)] }
          : await killTogether(client, context, environment, { by: 'flags', flags: refs }, reason, people);
    }
    const { results, batch } = made;
    out.json({ environment, results, ...(batch === null ? {} : { batch }) });
    for (const result of results) if (result.error) out.warn(`${result.flag}: ${result.error}`);
    return worstOf(results);
  },
};
