import type { ConnectionStatus } from '../../../../shared/model/connection.ts';
import type { FlagRow } from '../../../../shared/model/flag.ts';
import { EXIT } from '../../shared/exit-codes.ts';
import type { Command } from '../command.ts';
import { findEnvironment, flagRows } from '../flag-lookup.ts';
import { printable, table } from '../table.ts';
import { PERSON_OPTIONS, unlockIfGiven } from '../unlock.ts';

function stateOf(row: FlagRow): string {
  if (row.killed) return 'killed';
  if (row.exposure === 'some' && row.percentage !== null) return `${row.percentage} %`;
  return row.exposure;
}

/** Why what is listed of a connection may no longer hold, or is not all; null when it was read just now. */
function doubtOf({ id, state, lastReadAtMs, fromCache, problem }: ConnectionStatus, nowMs: number): string | null {
  if (lastReadAtMs !== null && state === 'ready' && !fromCache) return null;
  const known =
    lastReadAtMs === null
      ? 'its flags are not known'
      : `its flags are as last read ${Math.max(0, Math.round((nowMs - lastReadAtMs) / 1000))} s ago`;
  return `${id}: ${known}${problem === null ? '' : `: ${problem}`}`;
}

export const flags: Command = {
  name: 'flags',
  usage: 'scram flags [--env E] [--service S]',
  summary: 'flags with their state',
  options: {
    ...PERSON_OPTIONS,
    env: { value: 'E', help: 'environment; all of them when left out' },
    service: { value: 'S', help: 'only flags that this service uses' },
  },
  async run(context) {
    const { args, out } = context;
    const client = await context.connect();
    await unlockIfGiven(client, context);
    const env = args.text('env');
    const { environments, connections, nowMs } = await client.snapshot('console.watch', {});
    const names = env === undefined ? environments.map((item) => item.name) : [await findEnvironment(client, env)];
    const service = args.text('service');
    const result: (FlagRow & { environment: string })[] = [];
    for (const environment of names) {
      const rows = await flagRows(client, environment);
      result.push(
        ...rows
          .filter((row) => service === undefined || row.services.includes(service))
          .map((row) => ({ environment, ...row })),
      );
    }
    const sources = connections.filter(
      (item) => item.role === 'flags' && item.environments.some(({ name }) => names.includes(name)),
    );
    out.json({ flags: result, connections: sources });
    out.say(
      table(
        ['ENVIRONMENT', 'FLAG', 'STATE', 'SERVES', 'CONNECTION', 'SERVICES', 'OWNER'],
        result.map((row) => [
          row.environment,
          printable(row.key),
          stateOf(row),
          printable(row.serves ?? 'code default'),
          row.connection,
          row.services.join(','),
          printable(row.owner ?? ''),
        ]),
      ),
    );
    for (const source of sources) {
      const doubt = doubtOf(source, nowMs);
      if (doubt !== null) out.warn(doubt);
    }
    return sources.every(({ lastReadAtMs }) => lastReadAtMs !== null) ? EXIT.done : EXIT.unreachable;
  },
};
