import path from 'node:path';
import { policySanity } from '../../../../shared/rules/policy-sanity.ts';
import { whoCan } from '../../../../shared/rules/who-can.ts';
import { ScramError } from '../../../../shared/model/error.ts';
import { checkConfigFile, locateConfig } from '../../../compose/configuration.ts';
import { type ProbedConnection, probeConnections } from '../../../compose/probe.ts';
import { EXIT } from '../../shared/exit-codes.ts';
import type { Command, Output } from '../command.ts';
import { sayFindings, sayWhoCan } from '../policy-table.ts';
import { printable, table } from '../table.ts';

function told(value: boolean | null): string {
  if (value === null) return 'cannot be told';
  return value ? 'yes' : 'no';
}

/** One line a connection, then each value that it found and what is wrong with it. */
function sayProbes(probes: readonly ProbedConnection[], out: Output): void {
  const skew = (ms: number | null) => (ms === null ? '' : `${Math.round(ms)} ms`);
  out.say(
    table(
      ['CONNECTION', 'KIND', 'OK', 'READ', 'WRITE', 'LATENCY', 'CLOCK', 'DETAIL'],
      probes.map(({ id, kind, report }) => [
        id,
        kind,
        report.ok ? 'ok' : 'NOT OK',
        told(report.canRead),
        told(report.canWrite),
        `${Math.round(report.latencyMs)} ms`,
        skew(report.clockSkewMs),
        printable(report.detail),
      ]),
    ),
  );
  for (const { id, report } of probes) {
    if (report.fields.length === 0) continue;
    const rows = report.fields.map((field) => [
      printable(field.name),
      printable(field.source ?? ''),
      printable(field.value ?? ''),
      printable(field.problem ?? ''),
    ]);
    out.say(`\n${id}:\n${table(['FIELD', 'FROM', 'VALUE', 'PROBLEM'], rows)}`);
  }
}

export const check: Command = {
  name: 'check',
  usage: 'scram check [DIR] [--probe]',
  summary: 'validate scram.yaml, prove its policy sane, and say who can do what (C1, D2)',
  options: { probe: { help: 'try every connection out too, writing nothing; notify targets get a test message' } },
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
    if (result.ok) {
      const findings = policySanity(result.config);
      const people = whoCan(result.config);
      const sane = findings.every(({ severity }) => severity !== 'error');
      out.say(`${file}: ${sane ? 'valid' : 'valid, but its policy cannot work'}`);
      sayFindings(findings, out);
      sayWhoCan(people, out);
      const probes = args.has('probe')
        ? await probeConnections(result.config, { baseDir: path.dirname(file), env })
        : null;
      out.json({ ok: sane, file, policy: { findings, people }, ...(probes === null ? {} : { probes }) });
      if (probes !== null) sayProbes(probes, out);
      if (!sane) return EXIT.config;
      return probes?.every(({ report }) => report.ok) === false ? EXIT.failed : EXIT.done;
    }
    out.json({ ok: false, file, problems: result.problems });
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
