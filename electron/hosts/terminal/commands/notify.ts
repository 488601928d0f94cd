import type { NotifyTargetState } from '../../../../shared/model/notify.ts';
import { EXIT } from '../../shared/exit-codes.ts';
import { UsageError } from '../arguments.ts';
import type { ConsoleClient } from '../client.ts';
import type { Command, CommandContext } from '../command.ts';
import { timeOf } from '../describe-approval.ts';
import { findEnvironment } from '../flag-lookup.ts';
import { printable, table } from '../table.ts';
import { PERSON_OPTIONS, unlock } from '../unlock.ts';

function list(targets: readonly NotifyTargetState[], { out }: CommandContext): number {
  out.json({ targets });
  if (targets.length === 0) out.say('scram.yaml names no place that messages go to (notify)');
  else {
    const rows = targets.map(({ id, kind, state, lastSentAtMs, waiting, events, problem }) => [
      id,
      kind,
      state,
      lastSentAtMs === null ? 'never' : timeOf(lastSentAtMs),
      String(waiting),
      events.join(','),
      printable(problem ?? ''),
    ]);
    out.say(table(['TARGET', 'KIND', 'STATE', 'LAST SENT', 'WAITING', 'EVENTS', 'PROBLEM'], rows));
  }
  return EXIT.done;
}

async function test(client: ConsoleClient, context: CommandContext, target: string): Promise<number> {
  await unlock(client, context);
  const report = await client.call('notify.probe', { target });
  context.out.json(report);
  const words = `${target}: ${report.ok ? 'ok' : 'NOT OK'} after ${Math.round(report.latencyMs)} ms: ${printable(report.detail)}`;
  if (report.ok) context.out.say(words);
  else context.out.warn(words);
  return report.ok ? EXIT.done : EXIT.failed;
}

/** Says first what goes out, word for word: with every channel down, that is the text to copy (A8). */
async function send(client: ConsoleClient, context: CommandContext): Promise<number> {
  const { args, out } = context;
  const environment = await findEnvironment(client, args.required('env'));
  const update = { environment, incident: args.text('incident') ?? null, next: args.text('next') ?? '' };
  const { message, text } = await client.call('notify.preview', update);
  out.say(printableLines(text));
  if (args.has('preview')) {
    out.json({ message, text });
    return EXIT.done;
  }
  await unlock(client, context);
  const { results } = await client.call('notify.send', update);
  out.json({ message, text, results });
  for (const { target, ok, detail } of results) {
    const words = `${target}: ${ok ? 'sent' : 'NOT SENT'}${detail === null ? '' : `: ${printable(detail)}`}`;
    if (ok) out.say(words);
    else out.warn(words);
  }
  if (results.length === 0) out.warn('no target takes status updates: copy the text');
  return results.length > 0 && results.every(({ ok }) => ok) ? EXIT.done : EXIT.failed;
}

/** Keeps the line breaks of a text of our own; what stands in it from elsewhere does not steer the terminal. */
function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

export const notify: Command = {
  name: 'notify',
  usage: 'scram notify list | test TARGET | send --env E [--incident ID] [--next TEXT] [--preview]',
  summary: 'where messages go; send a status update, or have its text to copy (A8)',
  options: {
    ...PERSON_OPTIONS,
    env: { value: 'E', help: 'environment' },
    incident: { value: 'ID', help: 'incident that it is about' },
    next: { value: 'TEXT', help: 'what is done next' },
    preview: { help: 'print the text, send nothing' },
  },
  async run(context) {
    const [verb, target, ...more] = context.args.words;
    if (more.length > 0) throw new UsageError('too many words for scram notify');
    if (verb === 'test' && target !== undefined) return test(await context.connect(), context, target);
    if (verb === 'send' && target === undefined) return send(await context.connect(), context);
    if (verb !== 'list' || target !== undefined) {
      throw new UsageError('scram notify takes list, test TARGET, or send --env E');
    }
    const client = await context.connect();
    return list((await client.snapshot('notify.watch', {})).targets, context);
  },
};
