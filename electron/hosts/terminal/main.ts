import { parseArgs } from 'node:util';
import { foundTeam } from '../../compose/found-team.ts';
import { defaultDataDir } from '../shared/data-dir.ts';
import { describeError, EXIT, exitCodeOf } from '../shared/exit-codes.ts';
import { ask, askSecret, readStdin } from './ask.ts';
import { COMMON_OPTIONS, type OptionShape, readArguments, UsageError } from './arguments.ts';
import type { ConsoleClient } from './client.ts';
import type { Command, Output } from './command.ts';
import { breakGlass } from './commands/break-glass.ts';
import { bundle } from './commands/bundle.ts';
import { check } from './commands/check.ts';
import { approve, refuse } from './commands/decide.ts';
import { drift } from './commands/drift.ts';
import { flags } from './commands/flags.ts';
import { incident } from './commands/incident.ts';
import { createInit } from './commands/init.ts';
import { kill } from './commands/kill.ts';
import { ledger } from './commands/ledger.ts';
import { notify } from './commands/notify.ts';
import { operator } from './commands/operator.ts';
import { pending } from './commands/pending.ts';
import { restore } from './commands/restore.ts';
import { roster } from './commands/roster.ts';
import { status } from './commands/status.ts';
import { team } from './commands/team.ts';
import { vault } from './commands/vault.ts';
import { openClient } from './open-client.ts';
import { takeSecrets } from './secrets.ts';

const COMMANDS: readonly Command[] = [
  status,
  flags,
  drift,
  kill,
  restore,
  pending,
  approve,
  refuse,
  bundle,
  breakGlass,
  incident,
  notify,
  vault,
  operator,
  roster,
  team,
  ledger,
  check,
  createInit(foundTeam),
];

/** Commands of INTERFACES that a later version has: asked for now, they say so. */
const NOT_IN_THIS_VERSION: ReadonlySet<string> = new Set(['run', 'drill', 'postmortem']);

function optionsOf(shape: OptionShape): string {
  return Object.entries(shape)
    .map(([name, { value, help: text }]) => `${`  --${name}${value ? ` ${value}` : ''}`.padEnd(24)} ${text}\n`)
    .join('');
}

function help(): string {
  const lines = COMMANDS.map(({ usage, summary }) => `  ${usage}\n      ${summary}`);
  lines.push('  scram web [--port N] [--no-open]\n      the console in a browser');
  return [
    'scram: see what burns, switch it off, prove that it helped',
    '',
    ...lines,
    '',
    'every command takes',
    optionsOf(COMMON_OPTIONS),
    'SCRAM_PASSPHRASE unlocks where nobody can be asked, for SCRAM_OPERATOR or --as where several people have keys;',
    'SCRAM_SECOND_PASSPHRASE is of the second person at the desk, SCRAM_NEW_PASSPHRASE for a key that is made',
    '',
    'exit codes: 0 done, 1 failed, 2 usage, 3 refused, 4 conflict, 5 unreachable, 6 locked or no credential,',
    '            7 configuration invalid, 8 ledger does not verify',
  ].join('\n');
}

function outputOf(json: boolean): Output {
  return {
    say: (text) => {
      if (!json) process.stdout.write(`${text}\n`);
    },
    json: (value) => {
      if (json) process.stdout.write(`${JSON.stringify(value)}\n`);
    },
    warn: (text) => process.stderr.write(`${text}\n`),
  };
}

function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}

async function run(name: string | undefined, rest: readonly string[]): Promise<number> {
  if (name === undefined || name === 'help' || name === '--help') {
    process.stdout.write(`${help()}\n`);
    return name === undefined ? EXIT.usage : EXIT.done;
  }
  const command = COMMANDS.find((item) => item.name === name);
  if (!command && NOT_IN_THIS_VERSION.has(name)) {
    throw new UsageError(`scram ${name} is not in this version`);
  }
  if (!command) throw new UsageError(`there is no command «${name}»`);
  const args = readArguments(rest, command.options);
  if (args.has('help')) {
    process.stdout.write(`${command.usage}\n${command.summary}\n${optionsOf(command.options)}`);
    return EXIT.done;
  }
  const dataDir = args.text('data-dir') ?? defaultDataDir(process.env, process.platform);
  const configPath = args.text('config') ?? null;
  const opened: ConsoleClient[] = [];
  try {
    return await command.run({
      args,
      out: outputOf(args.has('json')),
      cwd: process.cwd(),
      env: process.env,
      dataDir,
      configPath,
      connect: async () => {
        const client = await openClient({ dataDir, configPath, env: process.env, cwd: process.cwd() });
        opened.push(client);
        return client;
      },
      ask,
      askSecret,
      readStdin,
      secrets,
      untilStopped,
    });
  } finally {
    for (const client of opened) await client.close();
  }
}

/** With --json an error is one JSON document too, on stdout, so that scripts need not read prose. */
function report(error: unknown, args: readonly string[]): void {
  process.stderr.write(`scram: ${describeError(error)}\n`);
  const json = parseArgs({ args: [...args], options: { json: { type: 'boolean' } }, strict: false }).values.json;
  if (json === true) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'internal';
    const message = error instanceof Error ? error.message : String(error);
    process.stdout.write(`${JSON.stringify({ error: { code, message } })}\n`);
  }
}

/** Whoever reads the output may stop reading (`| head`): what was begun is finished all the same. */
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

const [name, ...rest] = process.argv.slice(2);
const secrets = takeSecrets(process.env);
// The console's own timers keep no process alive: this one does, until the command is done.
const alive = setInterval(() => undefined, 60_000);
try {
  process.exitCode = await run(name, rest);
} catch (error) {
  report(error, rest);
  process.exitCode = exitCodeOf(error);
} finally {
  clearInterval(alive);
}
