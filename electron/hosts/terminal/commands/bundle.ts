import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { ApprovalItem } from '../../../../shared/model/approval.ts';
import { ScramError } from '../../../../shared/model/error.ts';
import { unarmour } from '../../../services/armour/armour.ts';
import { EXIT } from '../../shared/exit-codes.ts';
import { UsageError } from '../arguments.ts';
import { approvalJson } from '../ask-approval.ts';
import type { ConsoleClient } from '../client.ts';
import type { Command, CommandContext } from '../command.ts';
import { codeWords, describeApproval, timeOf } from '../describe-approval.ts';
import { findRequest } from '../find-request.ts';
import { sayBlock } from '../say-block.ts';
import { PERSON_OPTIONS, unlock } from '../unlock.ts';

async function exportOne(client: ConsoleClient, context: CommandContext, id: string): Promise<number> {
  const { items } = await client.snapshot('approvals.watch', {});
  const { request, decision } = findRequest(items, id);
  const what = decision === null ? 'request' : 'decision';
  sayBlock(context, await client.call('approvals.export', { request: request.hash, what }));
  return EXIT.done;
}

async function textOf({ cwd, readStdin }: CommandContext, file: string): Promise<string> {
  if (file !== '-') return readFileSync(path.resolve(cwd, file), 'utf8');
  const text = await readStdin();
  if (text === null) throw new UsageError('nothing was piped in: scram bundle import - < FILE');
  return text;
}

/** A request or a decision is for the approvals; a share of a sealed credential, or the wish for one, for the vault. */
async function importText(client: ConsoleClient, context: CommandContext, text: string): Promise<number> {
  const { out } = context;
  const { kind } = unarmour(text);
  if (kind === 'open-request') {
    await unlock(client, context, { vault: true });
    sayBlock(context, await client.call('vault.giveShare', { text }));
    return EXIT.done;
  }
  if (kind === 'open-share') {
    requireWaiting(client);
    await unlock(client, context, { vault: true });
    const opened = await client.call('vault.takeShare', { text });
    out.json(opened);
    out.say(`${opened.name} is open until ${timeOf(opened.untilMs)}`);
    return EXIT.done;
  }
  const { item } = await client.call('approvals.import', { text });
  out.json({ kind, ...approvalJson(item) });
  out.say(await describeApproval(client, item));
  out.say(nextOf(kind, item));
  return EXIT.done;
}

/** What was asked, and what is opened, is held in the memory of the console that asked. Throws `refused`. */
function requireWaiting(client: ConsoleClient): void {
  if (client.mode === 'attached') return;
  throw new ScramError('refused', 'nothing waits for this share: no console runs on this data folder', {
    action: 'leave scram vault open running, and take the answer in beside it',
  });
}

function nextOf(kind: string, { checkCode, state, executableHere }: ApprovalItem): string {
  const same = `compare the check code with the other person first: ${codeWords(checkCode)}`;
  if (kind === 'request')
    return `next: ${same}\n  then scram approve ${checkCode}, and scram bundle export ${checkCode} for the answer`;
  if (state === 'approved' && executableHere) return `next: scram pending --execute ${checkCode}`;
  return `the request is now: ${state}`;
}

export const bundle: Command = {
  name: 'bundle',
  usage: 'scram bundle export ID [--file F] [--qr] | import FILE|- [--as ID]',
  summary: 'requests, decisions and shares as text blocks, for any channel (D4)',
  options: {
    ...PERSON_OPTIONS,
    file: { value: 'F', help: 'write the block to a new file' },
    qr: { help: 'draw its QR code too' },
  },
  async run(context) {
    const [verb, what, ...more] = context.args.words;
    if ((verb !== 'export' && verb !== 'import') || what === undefined || more.length > 0) {
      throw new UsageError('scram bundle takes export ID, or import FILE (- for stdin)');
    }
    // Read first: what is no block at all needs no console to say so.
    const text = verb === 'import' ? await textOf(context, what) : null;
    if (text !== null) unarmour(text);
    const client = await context.connect();
    return text === null ? exportOne(client, context, what) : importText(client, context, text);
  },
};
