import path from 'node:path';
import { writeStarterConfig } from '../../../compose/configuration.ts';
import type { FoundedTeam, FoundTeamOptions } from '../../../compose/found-team.ts';
import { operatorConfigSchema } from '../../../../shared/model/config/people.ts';
import { UsageError } from '../arguments.ts';
import { EXIT } from '../../shared/exit-codes.ts';
import type { Command, CommandContext } from '../command.ts';
import { newPassphrase } from '../unlock.ts';

export type FoundTeam = (options: FoundTeamOptions) => Promise<FoundedTeam>;

async function found(context: CommandContext, foundTeam: FoundTeam, directory: string): Promise<number> {
  const { args, out, secrets, cwd } = context;
  const operator = personOf(args.required('operator'), args.required('name'));
  const passphrase = await newPassphrase(context, secrets.passphrase, operator.name);
  const dataDir = path.resolve(cwd, context.dataDir);
  const made = await foundTeam({ directory, dataDir, operator, passphrase });
  out.json({ ...made, operator: operator.id });
  out.say(`written to ${directory}: ${made.files.join(', ')}`);
  out.say(`${operator.name} (${operator.id}) is the first admin; fingerprint of the key: ${made.fingerprint}`);
  out.say(
    [
      'next: 1. edit scram.yaml, and commit it with roster.json',
      '      2. everybody else: scram operator enrol ID on their own console, and send you the key that it prints',
      '      3. put the keys under operators in scram.yaml, then scram roster sign',
      '      4. read the fingerprint to each of them: their console shows it under scram roster show',
    ].join('\n'),
  );
  return EXIT.done;
}

/** Both stand in scram.yaml from then on: what it would refuse is said before anything is made. */
function personOf(id: string, name: string): { id: string; name: string } {
  const read = operatorConfigSchema.pick({ id: true, name: true }).safeParse({ id, name });
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new UsageError(`--${issue?.path[0] === 'id' ? 'operator' : 'name'}: ${issue?.message ?? 'not valid'}`);
}

/** `foundTeam` is handed in: it makes keys and files. */
export function createInit(foundTeam: FoundTeam): Command {
  return {
    name: 'init',
    usage: 'scram init DIR [--operator ID --name NAME]',
    summary: 'write a commented configuration to start from; with --operator, found a team; never overwrites a file',
    options: {
      operator: { value: 'ID', help: 'found a team with this person as its first admin, and make their key here' },
      name: { value: 'NAME', help: "that person's name" },
    },
    async run(context) {
      const { args, out, cwd } = context;
      const [folder, ...more] = args.words;
      if (folder === undefined || more.length > 0) throw new UsageError('name one folder: scram init DIR');
      const directory = path.resolve(cwd, folder);
      if (args.text('operator') !== undefined) return found(context, foundTeam, directory);
      if (args.text('name') !== undefined) throw new UsageError('--name goes with --operator');
      const { files } = await writeStarterConfig(directory);
      out.json({ directory, files });
      out.say(`written to ${directory}: ${files.join(', ')}`);
      out.say(
        `next: edit scram.yaml, scram check ${folder}, then npm start -- --config ${path.join(folder, 'scram.yaml')}`,
      );
      return EXIT.done;
    },
  };
}
