import { credentialNameSchema, type VaultState } from '../../../../shared/model/vault.ts';
import { ScramError } from '../../../../shared/model/error.ts';
import { EXIT } from '../../shared/exit-codes.ts';
import { UsageError } from '../arguments.ts';
import { waitMsOf } from '../ask-approval.ts';
import type { ConsoleClient } from '../client.ts';
import type { Command, CommandContext } from '../command.ts';
import { timeOf } from '../describe-approval.ts';
import { holdOpen } from '../hold-open.ts';
import { sayBlock } from '../say-block.ts';
import { printable, table } from '../table.ts';
import { PERSON_OPTIONS, unlock } from '../unlock.ts';

/** How long a share that was asked for by a text block is waited for, unless --wait says otherwise, milliseconds. */
const WAIT_MS = 15 * 60_000;
const VERBS = 'scram vault takes set NAME, list, remove NAME, seal NAME --with A --with B, or open NAME --with B';

/** A value is piped in, or typed unseen; never an argument, which every process of the machine could read (E2). */
async function credentialValue(context: CommandContext, name: string): Promise<string> {
  const piped = await context.readStdin();
  const value = piped === null ? await context.askSecret(`Value of ${name}: `) : piped.replace(/\r?\n$/, '');
  if (value === null || value === '') {
    throw new UsageError(`nothing was given: scram vault set ${name} asks for the value, or reads it from stdin`);
  }
  return value;
}

function list(state: VaultState, { out }: CommandContext): number {
  out.json(state);
  if (!state.exists) {
    out.say('there is no vault yet: the first key makes it (scram operator enrol ID)');
    return EXIT.done;
  }
  out.say(`vault: ${state.open ? 'open' : 'locked'}`);
  const rows = [
    ...state.credentials.map(({ name, setAtMs, usedBy }) => [name, 'whole', timeOf(setAtMs), usedBy.join(', '), '']),
    ...state.sealed.map(({ name, sealedAtMs, usedBy, holders, openUntilMs }) => [
      name,
      openUntilMs === null ? 'sealed' : `open until ${timeOf(openUntilMs)}`,
      timeOf(sealedAtMs),
      usedBy.join(', '),
      `any two of ${holders.join(', ')}`,
    ]),
  ];
  if (rows.length > 0) out.say(table(['NAME', 'STATE', 'SINCE', 'USED BY', 'OPENED BY'], rows));
  for (const name of state.missing)
    out.warn(`missing: scram.yaml names the credential ${name}: scram vault set ${name}`);
  for (const problem of state.problems) out.warn(`problem: ${printable(problem)}`);
  return EXIT.done;
}

async function remove(client: ConsoleClient, context: CommandContext, name: string): Promise<void> {
  if (!context.args.has('yes')) {
    const answer = await context.ask(`Type ${name} to remove it for good: `);
    if (answer === null) throw new UsageError('no terminal to ask at: give --yes to go on without a question');
    if (answer.trim() !== name) throw new ScramError('cancelled', 'not confirmed: nothing was removed');
  }
  await client.call('vault.remove', { name });
}

/** Two people at this desk; where the other has no key here, a block asks for their share from elsewhere (E3). */
async function open(client: ConsoleClient, context: CommandContext, name: string): Promise<number> {
  const { args, out, secrets } = context;
  const waitMs = waitMsOf(context) ?? WAIT_MS;
  const [other, ...more] = args.all('with');
  if (other === undefined || more.length > 0) throw new UsageError('name one other person: --with ID');
  const { me, unlockable } = await unlock(client, context, { vault: true });
  if (me?.operator === other) throw new UsageError('it takes two people: --with names the other one');
  const second = unlockable.find(({ operator }) => operator === other);
  if (second === undefined) {
    sayBlock(context, await client.call('vault.askForShare', { name, holder: other }));
    out.warn(`${other} has no key here: pass the block on, and leave this command waiting`);
    out.warn('the answer comes in beside it: scram bundle import FILE');
  } else {
    const passphrase = secrets.second ?? (await context.askSecret(`Passphrase of ${second.name} (${other}): `));
    if (passphrase === null || passphrase === '') {
      throw new ScramError('locked', `${second.name} (${other}) must unlock it too`, {
        action: 'set SCRAM_SECOND_PASSPHRASE, or run the command at a terminal, where it asks',
      });
    }
    await client.call('vault.openTogether', { name, operator: other, passphrase });
  }
  if (await holdOpen(client, context, name, waitMs)) {
    out.say(`${name} is sealed again`);
    return EXIT.done;
  }
  out.warn(`${other} has given no share: ${name} stays sealed`);
  return EXIT.refused;
}

export const vault: Command = {
  name: 'vault',
  usage: 'scram vault list | set NAME | remove NAME | seal NAME --with A --with B | open NAME --with B',
  summary: 'credentials, encrypted on this console; set reads the value from stdin or asks (E2, E3)',
  options: {
    ...PERSON_OPTIONS,
    with: { value: 'ID', many: true, help: 'seal: a holder, any two of whom open it; open: the second person' },
    wait: { value: 'DURATION', help: 'open: how long to wait for a share from elsewhere; 15m when left out' },
    file: { value: 'F', help: 'open: write the text block to a new file' },
    qr: { help: 'open: draw its QR code too' },
    yes: { help: 'do not ask' },
  },
  async run(context) {
    const { args, out } = context;
    const [verb, name, ...more] = args.words;
    if (verb === 'list' && name === undefined) {
      const client = await context.connect();
      return list(await client.snapshot('vault.watch', {}), context);
    }
    if (verb !== 'set' && verb !== 'remove' && verb !== 'seal' && verb !== 'open') throw new UsageError(VERBS);
    if (name === undefined) throw new UsageError(VERBS);
    if (more.length > 0) throw new UsageError('one name, and no value: a value is read from stdin, or asked for');
    const parsed = credentialNameSchema.safeParse(name);
    if (!parsed.success)
      throw new UsageError(`«${printable(name)}» is not ${parsed.error.issues[0]?.message ?? 'a name'}`);
    const holders = [...args.all('with')];
    if (verb === 'seal' && new Set(holders).size < 2)
      throw new UsageError('name at least two holders: --with A --with B');
    const client = await context.connect();
    if (verb === 'open') return open(client, context, name);
    await unlock(client, context, { vault: true });
    if (verb === 'set') await client.call('vault.set', { name, value: await credentialValue(context, name) });
    else if (verb === 'remove') await remove(client, context, name);
    else await client.call('vault.seal', { name, holders });
    const done = { set: 'set', remove: 'removed', seal: `sealed: any two of ${holders.join(', ')} open it` }[verb];
    out.json({ name, done: verb });
    out.say(`${name}: ${done}`);
    return EXIT.done;
  },
};
