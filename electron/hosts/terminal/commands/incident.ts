import type { Incident } from '../../../../shared/model/incident.ts';
import { ScramError } from '../../../../shared/model/error.ts';
import { EXIT } from '../../shared/exit-codes.ts';
import { UsageError } from '../arguments.ts';
import type { ConsoleClient } from '../client.ts';
import type { Command, CommandContext } from '../command.ts';
import { timeOf } from '../describe-approval.ts';
import { findEnvironment } from '../flag-lookup.ts';
import { printable, table } from '../table.ts';
import { PERSON_OPTIONS, unlock } from '../unlock.ts';

const SHORTEST_ID = 4;

function list(incidents: readonly Incident[], { out }: CommandContext): number {
  out.json({ incidents });
  if (incidents.length === 0) out.say('no incident is open, and none was closed lately');
  else {
    const rows = incidents.map(({ id, title, services, environments, openedAtMs, closedAtMs }) => [
      id,
      closedAtMs === null ? 'open' : `closed ${timeOf(closedAtMs)}`,
      timeOf(openedAtMs),
      printable(environments.join(', ')),
      printable(services.join(', ')) || 'every service',
      printable(title),
    ]);
    out.say(table(['ID', 'STATE', 'OPENED', 'ENVIRONMENTS', 'SERVICES', 'TITLE'], rows));
  }
  return EXIT.done;
}

/** One incident by its id, or the end of it that no other has. */
function find(incidents: readonly Incident[], text: string): Incident {
  const wanted = text.toUpperCase();
  const found = incidents.filter(({ id }) => id === text || (text.length >= SHORTEST_ID && id.endsWith(wanted)));
  const [only, ...more] = found;
  if (only !== undefined && more.length === 0) return only;
  const known = incidents.filter(({ closedAtMs }) => closedAtMs === null).map(({ id, title }) => `${id} (${title})`);
  throw new ScramError(only === undefined ? 'not-found' : 'conflict', `«${text}» is no single incident`, {
    action: known.length === 0 ? 'no incident is open' : `open are: ${known.join(', ')}`,
  });
}

async function open(client: ConsoleClient, context: CommandContext, title: string): Promise<number> {
  const { args, out } = context;
  const environments: string[] = [];
  for (const name of args.all('env')) environments.push(await findEnvironment(client, name));
  await unlock(client, context);
  const made = await client.call('incidents.open', { title, environments, services: [...args.all('service')] });
  out.json(made);
  out.say(`incident ${made.id} is open: changes other than mitigations are held in ${environments.join(', ')}`);
  return EXIT.done;
}

async function close(client: ConsoleClient, context: CommandContext, id: string): Promise<number> {
  const { incidents } = await client.snapshot('incidents.watch', {});
  const { id: whole, title } = find(incidents, id);
  await unlock(client, context);
  await client.call('incidents.close', { id: whole, note: context.args.text('note') ?? '' });
  context.out.json({ id: whole });
  context.out.say(`incident ${whole} is closed: ${printable(title)}`);
  return EXIT.done;
}

async function note(client: ConsoleClient, context: CommandContext, text: string): Promise<number> {
  const id = context.args.text('incident');
  const { incidents } = await client.snapshot('incidents.watch', {});
  const incident = id === undefined ? null : find(incidents, id).id;
  await unlock(client, context);
  await client.call('incidents.note', { incident, text });
  context.out.json({ incident, text });
  context.out.say('noted');
  return EXIT.done;
}

export const incident: Command = {
  name: 'incident',
  usage: 'scram incident list | open TITLE --env E [--service S] | close ID [--note T] | note TEXT [--incident ID]',
  summary: 'while one is open, changes other than mitigations are held (D9)',
  options: {
    ...PERSON_OPTIONS,
    env: { value: 'E', many: true, help: 'environment that it is in; may be repeated' },
    service: { value: 'S', many: true, help: 'service that it is about; may be repeated; left out: every one' },
    note: { value: 'T', help: 'what it came to' },
    incident: { value: 'ID', help: 'incident that the note belongs to' },
  },
  async run(context) {
    const [verb, what, ...more] = context.args.words;
    if (more.length > 0) throw new UsageError('too many words for scram incident: put the title in quotes');
    if (verb === 'list' && what === undefined) {
      const client = await context.connect();
      return list((await client.snapshot('incidents.watch', {})).incidents, context);
    }
    if (what === undefined) throw new UsageError('scram incident takes list, open TITLE, close ID or note TEXT');
    if (verb === 'open') {
      if (context.args.all('env').length === 0) throw new UsageError('--env is needed');
      return open(await context.connect(), context, what);
    }
    if (verb === 'close') return close(await context.connect(), context, what);
    if (verb === 'note') return note(await context.connect(), context, what);
    throw new UsageError('scram incident takes list, open TITLE, close ID or note TEXT');
  },
};
