import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { ScramError } from '../../../shared/model/error.ts';
import { parseDuration } from '../../../shared/model/config/index.ts';
import { PRODUCT } from '../../compose.ts';
import { openLedgerReadOnly, sealLedger } from '../../compose/data-folder.ts';
import { EXIT } from '../shared/exit-codes.ts';
import { UsageError } from './arguments.ts';
import type { CommandContext } from './command.ts';
import { unlock } from './unlock.ts';

/** `2026-11-21T02:00:00Z`, or a duration before now such as `30m`. */
export function timeOf(option: string, text: string): number {
  const before = parseDuration(text);
  const atMs = before === null ? Date.parse(text) : Date.now() - before;
  if (Number.isNaN(atMs))
    throw new UsageError(`--${option} takes a time such as 2026-11-21T02:00:00Z, or 30m: not «${text}»`);
  return atMs;
}

/** Sent to every target that takes anchors: what they keep of it is beyond the reach of whoever has this console (D10). */
async function sendAnchor({ out, connect }: CommandContext): Promise<number> {
  const client = await connect();
  const { targets } = await client.snapshot('notify.watch', {});
  const taking = targets.filter(({ events }) => events.includes('anchor')).map(({ id }) => id);
  if (taking.length === 0) {
    throw new ScramError('refused', 'no notify target of scram.yaml takes anchors; none was made', {
      action: 'name one under notify, or put the anchor into a file: --file FILE',
    });
  }
  const made = await client.call('ledger.anchor', { place: 'notify', where: taking.join(', ') });
  out.json({ ...made, targets: taking });
  out.say(`anchor on its way to ${taking.join(', ')}`);
  out.say(`to read aloud: ${made.spoken}`);
  return EXIT.done;
}

/** The line is on disk in the file before the command says so; what keeps it there is the file's history. */
export async function addAnchor(context: CommandContext): Promise<number> {
  const { args, cwd, out, connect } = context;
  const file = args.text('file');
  if (args.has('notify')) {
    if (file !== undefined) throw new UsageError('--file or --notify: one of them');
    return sendAnchor(context);
  }
  const where = file === undefined ? '' : path.resolve(cwd, file);
  // Opened first: an anchor that could not be put anywhere must not be recorded as if it were.
  const target = file === undefined ? null : openSync(where, 'a', 0o644);
  try {
    const client = await connect();
    const made = await client.call('ledger.anchor', { place: file === undefined ? 'spoken' : 'file', where });
    if (target !== null) {
      writeSync(target, `${made.line}\n`);
      fsyncSync(target);
    }
    out.json({ ...made, file: file === undefined ? null : where });
    out.say(file === undefined ? made.line : `anchor added to ${where}: commit the file and push it`);
    out.say(`to read aloud: ${made.spoken}`);
    return EXIT.done;
  } finally {
    if (target !== null) closeSync(target);
  }
}

export async function seal({ args, dataDir, out }: CommandContext): Promise<number> {
  const beforeMs = timeOf('before', args.required('before'));
  const segments = await sealLedger(dataDir, `${PRODUCT.name} ${PRODUCT.version}`, beforeMs);
  out.json({ segments });
  for (const { device, from, to, file } of segments) {
    out.say(`entries ${from} to ${to} of device ${device} sealed in segments/${file}`);
  }
  if (segments.length === 0) out.say('nothing to seal: there are no whole runs of ended entries from before that time');
  return EXIT.done;
}

/** Takes the words of one entry away (D6): an admin's act. */
export async function redact(word: string | undefined, context: CommandContext): Promise<number> {
  const { args, dataDir, out } = context;
  const sequence = Number(word);
  if (!Number.isSafeInteger(sequence) || sequence < 1) {
    throw new UsageError('name the entry by its number: scram ledger redact N --reason TEXT');
  }
  const reason = args.required('reason');
  const device = args.text('device') ?? ownDeviceOf(dataDir);
  const client = await context.connect();
  await unlock(client, context);
  await client.call('ledger.redact', { device, sequence, reason });
  out.json({ device, sequence });
  out.say(`the words of entry ${sequence} of device ${device} are gone; the chain still verifies without them`);
  return EXIT.done;
}

function ownDeviceOf(dataDir: string): string {
  const { reader, close } = openLedgerReadOnly(dataDir);
  close();
  return reader.device;
}
