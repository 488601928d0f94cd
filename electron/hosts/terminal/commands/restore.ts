import { ScramError } from '../../../../shared/model/error.ts';
import { EXIT } from '../../shared/exit-codes.ts';
import { UsageError } from '../arguments.ts';
import { approvalJson, waitMsOf } from '../ask-approval.ts';
import type { Command } from '../command.ts';
import { CHANGE_OPTIONS, confirmed, executeChange } from '../execute.ts';
import { findEnvironment, findFlag, flagRows } from '../flag-lookup.ts';
import { unlock } from '../unlock.ts';

export const restore: Command = {
  name: 'restore',
  usage: 'scram restore KEY --env E --reason TEXT [--to CHANGE] [--connection C] [--wait 10m] [--yes]',
  summary: 'put back the exact definition from before a change (B7)',
  options: {
    ...CHANGE_OPTIONS,
    to: { value: 'CHANGE', help: 'hash of the change to reverse; the newest that stands when left out' },
    override: { value: 'REASON', help: 'let it through although an open incident holds such changes (D9)' },
  },
  async run(context) {
    const { args, out } = context;
    const [key, ...more] = args.words;
    if (key === undefined || more.length > 0)
      throw new UsageError('name one flag: scram restore KEY --env E --reason TEXT');
    const reason = args.required('reason');
    const env = args.required('env');
    waitMsOf(context);
    const client = await context.connect();
    const people = await unlock(client, context);
    const environment = await findEnvironment(client, env);
    const rows = await flagRows(client, environment);
    const target = await findFlag(client, environment, rows, key, args.text('connection'));
    const history = await client.call('flags.history', { connection: target.connection, key });
    const candidates = history.changes.filter(
      ({ change, undoneBy, propagation }) =>
        change.payload.environment === environment && undoneBy === null && propagation.acceptedAtMs !== null,
    );
    const wanted = args.text('to');
    const found = candidates.find(({ change }) => wanted === undefined || change.hash.startsWith(wanted));
    if (!found) {
      throw new ScramError(
        'not-found',
        `there is no change of ${key} in ${environment} to reverse${wanted ? ` with hash ${wanted}` : ''}`,
      );
    }
    const { hash, payload } = await client.call('changes.preview', { action: 'undo', change: found.change.hash });
    if (!(await confirmed(context, payload))) {
      out.warn('not confirmed: nothing was changed');
      return EXIT.failed;
    }
    const done = await executeChange(client, context, { preview: hash, payload }, reason, people);
    out.json({ environment, result: done.progress, ...approvalJson(done.approval) });
    if (done.why !== null) out.warn(`${key}: ${done.why}`);
    return done.code;
  },
};
