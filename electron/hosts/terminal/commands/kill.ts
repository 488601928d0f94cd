import type { ChangeProgress } from '../../../../shared/model/change.ts';
import { describeError, EXIT, exitCodeOf } from '../../shared/exit-codes.ts';
import { UsageError } from '../arguments.ts';
import type { Command } from '../command.ts';
import { CHANGE_OPTIONS, confirmed, executeChange } from '../execute.ts';
import { findEnvironment, findFlag, flagRows } from '../flag-lookup.ts';

interface KillResult {
  readonly flag: string;
  readonly exitCode: number;
  readonly error: string | null;
  readonly change: ChangeProgress | null;
}

export const kill: Command = {
  name: 'kill',
  usage: 'scram kill KEY... --env E --reason TEXT [--connection C] [--yes]',
  summary: 'serve the safe value to everyone, one flag after the other (E7)',
  options: CHANGE_OPTIONS,
  async run(context) {
    const { args, out } = context;
    if (args.words.length === 0) throw new UsageError('name at least one flag: scram kill KEY --env E --reason TEXT');
    const reason = args.required('reason');
    const env = args.required('env');
    const client = await context.connect();
    const environment = await findEnvironment(client, env);
    const rows = await flagRows(client, environment);
    const targets = args.words.map((key) => findFlag(rows, key, args.text('connection')));
    const results: KillResult[] = [];
    for (const target of targets) {
      try {
        const { hash, payload } = await client.call('changes.preview', {
          action: 'kill',
          connection: target.connection,
          flag: target.key,
          environment,
        });
        if (!(await confirmed(context, payload))) {
          results.push({
            flag: target.key,
            exitCode: EXIT.failed,
            error: 'not confirmed: nothing was changed',
            change: null,
          });
          continue;
        }
        const { code, progress } = await executeChange(client, context, { preview: hash, payload }, reason);
        results.push({ flag: target.key, exitCode: code, error: null, change: progress });
      } catch (error) {
        if (error instanceof UsageError) throw error;
        results.push({ flag: target.key, exitCode: exitCodeOf(error), error: describeError(error), change: null });
      }
    }
    out.json({ environment, results });
    for (const result of results) if (result.error) out.warn(`${result.flag}: ${result.error}`);
    return results.find((result) => result.exitCode !== EXIT.done)?.exitCode ?? EXIT.done;
  },
};
