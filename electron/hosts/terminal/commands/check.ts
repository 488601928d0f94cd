import path from 'node:path';
import { ScramError } from '../../../../shared/model/error.ts';
import { checkConfigFile, locateConfig } from '../../../compose/configuration.ts';
import { EXIT } from '../../shared/exit-codes.ts';
import type { Command } from '../command.ts';

export const check: Command = {
  name: 'check',
  usage: 'scram check [DIR]',
  summary: 'validate scram.yaml: every problem with file, line and what would be right (C1)',
  options: {},
  async run({ args, out, cwd, env, dataDir, configPath }) {
    const [folder] = args.words;
    const file =
      folder === undefined
        ? locateConfig({ configPath, cwd, env, dataDir })
        : path.resolve(cwd, folder.endsWith('.yaml') ? folder : path.join(folder, 'scram.yaml'));
    if (file === null) {
      throw new ScramError('config-invalid', 'there is no configuration here: no scram.yaml was found', {
        action: 'name its folder, or write a starter with scram init DIR',
      });
    }
    const result = await checkConfigFile(file);
    out.json(result.ok ? { ok: true, file } : { ok: false, file, problems: result.problems });
    if (result.ok) {
      out.say(`${file}: valid`);
      return EXIT.done;
    }
    for (const problem of result.problems) {
      const where = [problem.file, problem.line, problem.column].filter((part) => part !== null).join(':');
      const given = problem.value === null ? '' : ` (found ${problem.value})`;
      const right = problem.expected === null ? '' : `\n    expected: ${problem.expected}`;
      out.say(`${where}: ${problem.path ? `${problem.path}: ` : ''}${problem.message}${given}${right}`);
    }
    out.say(`${result.problems.length} problem${result.problems.length === 1 ? '' : 's'}`);
    return EXIT.config;
  },
};
