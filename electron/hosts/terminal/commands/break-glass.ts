import type { BreakGlassItem } from '../../../../shared/model/approval.ts';
import { ScramError } from '../../../../shared/model/error.ts';
import { EXIT } from '../../shared/exit-codes.ts';
import { UsageError } from '../arguments.ts';
import type { ConsoleClient } from '../client.ts';
import type { Command, CommandContext } from '../command.ts';
import { describeGlass, timeOf } from '../describe-approval.ts';
import { findEnvironment } from '../flag-lookup.ts';
import { printable } from '../table.ts';
import { PERSON_OPTIONS, unlock } from '../unlock.ts';

const SHORTEST_ID = 4;

/** One by its id, or the end of it that no other has. */
function find(glass: readonly BreakGlassItem[], text: string): BreakGlassItem {
  const wanted = text.toUpperCase();
  const found = glass.filter(({ glass: { id } }) => id === text || (text.length >= SHORTEST_ID && id.endsWith(wanted)));
  const [only, ...more] = found;
  if (only !== undefined && more.length === 0) return only;
  throw new ScramError(only === undefined ? 'not-found' : 'conflict', `«${text}» is no single broken glass`, {
    action: 'scram break-glass lists them',
  });
}

async function breakIt(client: ConsoleClient, context: CommandContext, name: string): Promise<number> {
  const { args, out } = context;
  const reason = args.required('reason');
  const environment = await findEnvironment(client, name);
  if (!args.has('yes')) {
    out.warn(`You will act alone in ${environment}. Everybody is told, and a second person must review it.`);
    const answer = await context.ask(`Type ${printable(environment)} to break the glass: `);
    if (answer === null) throw new UsageError('no terminal to ask at: give --yes to go on without a question');
    if (answer.trim() !== environment) throw new ScramError('cancelled', 'not confirmed: nothing was done');
  }
  await unlock(client, context);
  const { id, untilMs } = await client.call('approvals.breakGlass', { environment, reason });
  out.json({ id, environment, untilMs });
  out.say(`BREAK-GLASS ${id}: you may act alone in ${environment} until ${timeOf(untilMs)}`);
  out.say(`end it sooner: scram break-glass --end ${id}`);
  return EXIT.done;
}

async function review(client: ConsoleClient, context: CommandContext, item: BreakGlassItem): Promise<number> {
  const { args, out } = context;
  const verdict = args.required('verdict');
  if (verdict !== 'accepted' && verdict !== 'contested') throw new UsageError('--verdict is accepted or contested');
  const note = args.text('reason') ?? '';
  out.say(describeGlass(item));
  for (const hash of item.changes) out.say(`  change ${hash}`);
  await unlock(client, context);
  await client.call('approvals.reviewBreakGlass', { id: item.glass.id, verdict, note });
  out.json({ id: item.glass.id, verdict });
  out.say(`reviewed: ${verdict}`);
  return EXIT.done;
}

export const breakGlass: Command = {
  name: 'break-glass',
  usage: 'scram break-glass ENV --reason T [--yes] | --end ID | --review ID --verdict accepted|contested',
  summary: 'act alone in an emergency, loudly, until a second person has reviewed it (D3)',
  options: {
    ...PERSON_OPTIONS,
    reason: { value: 'T', help: 'why; kept in the ledger. With --review: a note' },
    end: { value: 'ID', help: 'end it before its time' },
    review: { value: 'ID', help: 'review what somebody did alone' },
    verdict: { value: 'V', help: 'accepted or contested' },
    yes: { help: 'do not ask' },
  },
  async run(context) {
    const { args, out } = context;
    const [environment, ...more] = args.words;
    const [end, reviewed] = [args.text('end'), args.text('review')];
    if (more.length > 0 || [environment, end, reviewed].filter((text) => text !== undefined).length > 1) {
      throw new UsageError('one environment, --end ID, or --review ID');
    }
    if (environment !== undefined) {
      args.required('reason');
      return breakIt(await context.connect(), context, environment);
    }
    const client = await context.connect();
    const { glass } = await client.snapshot('approvals.watch', {});
    if (reviewed !== undefined) return review(client, context, find(glass, reviewed));
    if (end !== undefined) {
      const { id } = find(glass, end).glass;
      await unlock(client, context);
      await client.call('approvals.endBreakGlass', { id });
      out.json({ id });
      out.say(`ended: ${id}; a second person still reviews it`);
      return EXIT.done;
    }
    out.json({ glass });
    for (const item of glass) out.say(describeGlass(item));
    if (glass.length === 0) out.say('no glass has been broken');
    return EXIT.done;
  },
};
