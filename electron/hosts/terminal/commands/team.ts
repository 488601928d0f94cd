import type { TeamState } from '../../../../shared/model/team.ts';
import { locateConfig } from '../../../compose/configuration.ts';
import { migrateTeam, teamStoreSql } from '../../../compose/team.ts';
import { EXIT } from '../../shared/exit-codes.ts';
import { UsageError } from '../arguments.ts';
import type { ConsoleClient } from '../client.ts';
import type { Command, CommandContext } from '../command.ts';
import { timeOf } from '../describe-approval.ts';
import { printable, table } from '../table.ts';
import { PERSON_OPTIONS, unlockIfGiven } from '../unlock.ts';

/** A console that was started for the command connects first, milliseconds. */
const CONNECT_LIMIT_MS = 10_000;

/** The store in one line, for `scram status` too. */
export function teamLine({ configured, state, waiting, lastSyncAtMs, problem }: TeamState): string {
  if (!configured) return 'team store: none configured';
  const since = lastSyncAtMs === null ? 'never' : timeOf(lastSyncAtMs);
  const words = problem === null ? '' : `: ${printable(problem)}`;
  return `team store: ${state}, last exchange ${since}, ${waiting} entries to be sent${words}`;
}

/** The team as it is once the store has answered, or has not within its time. */
export function teamState(client: ConsoleClient): Promise<TeamState> {
  return client.watch('team.watch', {}, ({ state }) => state !== 'connecting', CONNECT_LIMIT_MS);
}

/** Runs as the database's owner, whose credential no console needs: it is read where the command runs. */
async function migrate({ args, out, cwd, env, dataDir, configPath }: CommandContext): Promise<number> {
  if (args.has('print')) {
    const sql = teamStoreSql(args.text('schema') ?? 'scram', args.text('role') ?? null);
    out.json({ sql });
    out.say(sql);
    return EXIT.done;
  }
  const file = locateConfig({ configPath, cwd, env, dataDir });
  if (file === null) throw new UsageError('there is no scram.yaml here: name it with --config, or use --print');
  const credential = args.text('credential');
  const { schema } = await migrateTeam({ file, env, ...(credential === undefined ? {} : { credential }) });
  out.json({ schema });
  out.say(`the tables of schema ${schema} are those of this version`);
  return EXIT.done;
}

export const team: Command = {
  name: 'team',
  usage: 'scram team [--sync] | migrate [--credential env:NAME] [--print [--schema S] [--role R]]',
  summary: "the team's consoles: records, who is here, what was not taken over (D8)",
  options: {
    ...PERSON_OPTIONS,
    sync: { help: 'exchange everything with the store now' },
    credential: { value: 'C', help: "migrate: env:NAME or cmd:COMMAND with the owner's connection string" },
    print: { help: 'migrate: print the SQL instead, for somebody else to run' },
    schema: { value: 'S', help: 'with --print: name of the schema' },
    role: { value: 'R', help: "with --print: the consoles' role, whose rights are added" },
  },
  async run(context) {
    const { args, out } = context;
    const [verb, ...more] = args.words;
    if (verb === 'migrate' && more.length === 0) return migrate(context);
    if (verb !== undefined) throw new UsageError('scram team takes options alone, or migrate');
    const client = await context.connect();
    await unlockIfGiven(client, context);
    if (args.has('sync')) await client.call('team.syncNow', {});
    const state = await teamState(client);
    out.json(state);
    out.say(teamLine(state));
    const chains = state.chains.map((chain) => [
      `${chain.device.slice(0, 12)}${chain.here ? ' (here)' : ''}`,
      chain.operators.join(', '),
      String(chain.entries),
      String(chain.countersigned),
      chain.lastAtMs === null ? 'never' : timeOf(chain.lastAtMs),
      printable(chain.problem ?? ''),
    ]);
    if (chains.length > 0) {
      out.say(table(['CONSOLE', 'PEOPLE', 'ENTRIES', 'COUNTERSIGNED', 'LAST', 'PROBLEM'], chains));
    }
    for (const { device, operator, doing, atMs } of state.presence) {
      out.say(
        `${printable(operator ?? 'locked')} at ${device.slice(0, 12)}: ${printable(doing) || 'here'} (${timeOf(atMs)})`,
      );
    }
    for (const { device, sequence, what, atMs } of state.quarantined) {
      out.warn(`QUARANTINED: entry ${sequence} of ${device.slice(0, 12)} at ${timeOf(atMs)}: ${printable(what)}`);
    }
    return state.configured && state.state === 'away' ? EXIT.unreachable : EXIT.done;
  },
};
