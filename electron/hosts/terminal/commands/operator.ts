import type { PeopleState } from '../../../../shared/model/operator.ts';
import { EXIT } from '../../shared/exit-codes.ts';
import { UsageError } from '../arguments.ts';
import type { ConsoleClient } from '../client.ts';
import type { Command, CommandContext } from '../command.ts';
import { printable, table } from '../table.ts';
import { newPassphrase, PERSON_OPTIONS, unlock } from '../unlock.ts';

function list({ roster, unlockable, enforced }: PeopleState, { out }: CommandContext): number {
  out.json({ enforced, operators: roster.operators, unlockable });
  if (!enforced) out.say('scram.yaml names no operators: whoever started the console may do everything');
  const keysOf = (id: string) => roster.operators.find((one) => one.id === id)?.keys ?? [];
  const rows = roster.operators.map(({ id, name, roles, keys }) => [
    id,
    printable(name),
    roles.join(', '),
    `${keys.length}${keys.some(({ here }) => here) ? ', one here' : ''}`,
  ]);
  if (rows.length > 0) out.say(table(['ID', 'NAME', 'ROLES', 'KEYS'], rows));
  for (const { operator, by, inRoster } of unlockable) {
    const how = by.join(' or ');
    if (inRoster) out.say(`${operator} can unlock this console by ${how}`);
    else if (enforced || keysOf(operator).length > 0) {
      out.warn(`${operator} has a key here (${how}) that is not in the roster in force`);
    }
  }
  return EXIT.done;
}

/** Makes a person's key here. Where others have keys already, one of them unlocks first, so that the vault is shared. */
async function enrol(client: ConsoleClient, context: CommandContext, operator: string): Promise<number> {
  const { out, secrets } = context;
  const { unlockable, enforced } = await client.snapshot('people.watch', {});
  const first = unlockable.length === 0;
  if (!first) await unlock(client, context, { vault: true });
  const given = first ? (secrets.next ?? secrets.passphrase) : secrets.next;
  const passphrase = await newPassphrase(context, given, operator);
  const { publicKey } = await client.call('people.enrol', { operator, passphrase });
  out.json({ operator, publicKey });
  out.say(publicKey);
  out.say(
    [
      `next: 1. put this key under publicKeys of ${operator} in operators of scram.yaml`,
      '      2. compare its first and last characters with whoever writes it there, by voice',
      `      3. an admin puts the change in force: scram roster sign${enforced ? '' : ' (the first one founds the team)'}`,
    ].join('\n'),
  );
  return EXIT.done;
}

async function changePassphrase(client: ConsoleClient, context: CommandContext, operator: string): Promise<number> {
  const { out, secrets, askSecret } = context;
  const passphrase = secrets.passphrase ?? (await askSecret(`Present passphrase of ${operator}: `));
  if (passphrase === null)
    throw new UsageError('set SCRAM_PASSPHRASE and SCRAM_NEW_PASSPHRASE, or run it at a terminal');
  const next = await newPassphrase(context, secrets.next, operator);
  await client.call('people.changePassphrase', { operator, passphrase, next });
  out.json({ operator });
  out.say(`${operator}: the passphrase is changed on this console`);
  return EXIT.done;
}

export const operator: Command = {
  name: 'operator',
  usage: 'scram operator list | enrol ID | passphrase ID',
  summary: "the team's people; make a person's key on this console (D5)",
  options: PERSON_OPTIONS,
  async run(context) {
    const [verb, id, ...more] = context.args.words;
    if (more.length > 0) throw new UsageError('too many words for scram operator');
    if (verb === 'list' && id === undefined) {
      const client = await context.connect();
      return list(await client.snapshot('people.watch', {}), context);
    }
    if ((verb !== 'enrol' && verb !== 'passphrase') || id === undefined) {
      throw new UsageError('scram operator takes list, enrol ID or passphrase ID');
    }
    const client = await context.connect();
    return verb === 'enrol' ? enrol(client, context, id) : changePassphrase(client, context, id);
  },
};
