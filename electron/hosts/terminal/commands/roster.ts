import type { PeopleState } from '../../../../shared/model/operator.ts';
import { ScramError } from '../../../../shared/model/error.ts';
import { EXIT } from '../../shared/exit-codes.ts';
import { UsageError } from '../arguments.ts';
import type { Command, CommandContext } from '../command.ts';
import { timeOf } from '../describe-approval.ts';
import { printable, table } from '../table.ts';
import { PERSON_OPTIONS, unlock } from '../unlock.ts';

function say({ roster, practicePassphrase }: PeopleState, { out }: CommandContext): void {
  const { version, signedBy, signedAtMs, pinned, operators, unsigned, problem } = roster;
  if (practicePassphrase !== null) out.say('roster: practice people, whom nobody signs');
  else if (version === 0) out.say('roster: none has been signed yet');
  else {
    const when = signedAtMs === null ? '' : ` at ${timeOf(signedAtMs)}`;
    out.say(`roster: version ${version}, signed by ${printable(signedBy?.operator ?? 'nobody')}${when}`);
  }
  if (pinned !== null) out.say(`trusted first key: ${pinned} (compare it by voice)`);
  const rows = operators.flatMap(({ id, name, roles, keys }) => {
    const person = [id, printable(name), roles.join(', ')];
    if (keys.length === 0) return [[...person, 'no key']];
    return keys.map((key, index) => [
      ...(index === 0 ? person : ['', '', '']),
      `${key.id} on console ${key.device.slice(0, 12)}${key.here ? ' (this one)' : ''}`,
    ]);
  });
  if (rows.length > 0) out.say(table(['ID', 'NAME', 'ROLES', 'KEY'], rows));
  for (const line of unsigned) out.say(`not signed yet: ${printable(line)}`);
  if (problem !== null) out.warn(`problem: ${printable(problem)}`);
}

/** Shows what would be signed; only then asks who signs it. */
async function sign(context: CommandContext): Promise<number> {
  const { args, out } = context;
  const client = await context.connect();
  const shown = await client.snapshot('people.watch', {});
  say(shown, context);
  if (!args.has('yes')) {
    const answer = await context.ask('Type sign to sign the operators of scram.yaml as the next version: ');
    if (answer === null) throw new UsageError('no terminal to ask at: give --yes to go on without a question');
    if (answer.trim() !== 'sign') throw new ScramError('cancelled', 'not confirmed: nothing was signed');
  }
  await unlock(client, context);
  const { proposal } = shown.roster;
  const signed = await client.call('people.signRoster', proposal === undefined ? {} : { proposal });
  out.json(signed);
  out.say(`signed: version ${signed.version}, written to ${signed.file}`);
  out.say('next: commit roster.json with scram.yaml; the other consoles take it up when they have both');
  return EXIT.done;
}

export const roster: Command = {
  name: 'roster',
  usage: 'scram roster show | sign [--as ID] [--yes]',
  summary: 'who may do what, and since which signature; put scram.yaml in force (D5)',
  options: { ...PERSON_OPTIONS, yes: { help: 'do not ask' } },
  async run(context) {
    const [verb, ...more] = context.args.words;
    if ((verb !== 'show' && verb !== 'sign') || more.length > 0)
      throw new UsageError('scram roster takes show or sign');
    if (verb === 'sign') return sign(context);
    const client = await context.connect();
    const state = await client.snapshot('people.watch', {});
    context.out.json(state.roster);
    say(state, context);
    return EXIT.done;
  },
};
