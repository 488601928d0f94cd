import path from 'node:path';
import { writeStarterConfig } from '../../../compose/configuration.ts';
import { UsageError } from '../arguments.ts';
import { EXIT } from '../../shared/exit-codes.ts';
import type { Command } from '../command.ts';

export const init: Command = {
  name: 'init',
  usage: 'scram init DIR',
  summary: 'write a commented configuration to start from; never overwrites a file',
  options: {},
  async run({ args, out, cwd }) {
    const [folder, ...more] = args.words;
    if (folder === undefined || more.length > 0) throw new UsageError('name one folder: scram init DIR');
    const directory = path.resolve(cwd, folder);
    const { files } = await writeStarterConfig(directory);
    out.json({ directory, files });
    out.say(`written to ${directory}: ${files.join(', ')}`);
    out.say(
      `next: edit scram.yaml, scram check ${folder}, then npm start -- --config ${path.join(folder, 'scram.yaml')}`,
    );
    return EXIT.done;
  },
};
