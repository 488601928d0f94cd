import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { Entry } from '../../../../shared/model/entry.ts';
import { ScramError } from '../../../../shared/model/error.ts';
import { parseDuration } from '../../../../shared/model/config/index.ts';
import { openLedgerReadOnly, type ReadOnlyLedger, verifyExportLines } from '../../../compose/data-folder.ts';
import { EXIT } from '../../shared/exit-codes.ts';
import { UsageError } from '../arguments.ts';
import type { Command, CommandContext } from '../command.ts';
import { printable } from '../table.ts';

const SHOWN = 1000;

/** `2026-11-21T02:00:00Z`, or a duration before now such as `30m`. */
function sinceMsOf(text: string): number {
  const before = parseDuration(text);
  const atMs = before === null ? Date.parse(text) : Date.now() - before;
  if (Number.isNaN(atMs))
    throw new UsageError(`--since takes a time such as 2026-11-21T02:00:00Z, or 30m: not «${text}»`);
  return atMs;
}

function subjectOf({ data }: Entry['body']): string {
  switch (data.kind) {
    case 'flag.seen-changed':
      return `${data.marker.subject} in ${data.marker.environment}`;
    case 'change.proposed': {
      const { action, flag, environment } = data.change.payload;
      return `${action} ${flag} in ${environment}: ${data.change.rationale}`;
    }
    case 'change.result':
      return `${data.hash.slice(0, 12)} ${data.outcome}${data.detail ? `: ${data.detail}` : ''}`;
    case 'change.recovery':
      return `${data.hash.slice(0, 12)} ${data.recovery.sli} ${data.recovery.verdict}`;
    case 'breach.began':
    case 'breach.ended':
      return `${data.sli} at ${data.value}`;
    case 'console.started':
      return `${data.host} ${data.version}`;
    case 'config.loaded':
      return data.source;
    case 'device.created':
      return data.product;
    case 'batch.proposed':
      return `${data.batch.hash.slice(0, 12)} ${data.batch.name} in ${data.batch.environment}: ${data.batch.changes.length} flags`;
    case 'drift.began':
    case 'drift.ended':
      return `${data.flag} in ${data.environment}`;
    default:
      return data.hash.slice(0, 12);
  }
}

function verify(ledger: ReadOnlyLedger, { out }: CommandContext): number {
  const head = ledger.reader.verify();
  out.json(head);
  out.say(`device ${head.device}: ${head.entries} entries, head ${head.hash}`);
  if (head.verified === 'verified') {
    out.say('verified: every hash, link and signature is right');
    return EXIT.done;
  }
  out.warn(`does not verify: ${head.problem ?? 'unknown problem'}`);
  return EXIT.ledger;
}

function show(ledger: ReadOnlyLedger, { args, out }: CommandContext): number {
  const since = args.text('since');
  const entries = ledger.reader.page({ limit: SHOWN, ...(since === undefined ? {} : { sinceMs: sinceMsOf(since) }) });
  out.json({ entries });
  for (const { body } of entries.toReversed()) {
    out.say(`${body.sequence}  ${new Date(body.atMs).toISOString()}  ${body.data.kind}  ${printable(subjectOf(body))}`);
  }
  return EXIT.done;
}

function exportTo(ledger: ReadOnlyLedger, file: string, { out }: CommandContext): number {
  const target = openSync(file, 'wx', 0o600);
  let lines = 0;
  try {
    for (const line of ledger.exportLines(Date.now())) {
      writeSync(target, line);
      lines += 1;
    }
  } finally {
    closeSync(target);
  }
  out.json({ file, entries: lines - 1 });
  out.say(`${lines - 1} entries written to ${file}; check them anywhere with: scram ledger verify ${file}`);
  return EXIT.done;
}

function verifyFile(file: string, { out }: CommandContext): number {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  const verdict = verifyExportLines(lines);
  out.json(verdict);
  if (verdict.problem === null) {
    out.say(`verified: ${verdict.entries} entries of device ${verdict.device}, head ${verdict.hash}`);
    return EXIT.done;
  }
  out.warn(`does not verify: entry ${verdict.problem.sequence} ${verdict.problem.what}`);
  return EXIT.ledger;
}

export const ledger: Command = {
  name: 'ledger',
  usage: 'scram ledger verify [FILE] | show [--since T] | export FILE',
  summary: 'check, read or export the signed record (D6)',
  options: { since: { value: 'T', help: 'a time, or a duration before now' } },
  async run(context) {
    const [verb, file, ...more] = context.args.words;
    const takes = verb === 'show' ? 0 : 1;
    if (more.length > 0 || (takes === 0 && file !== undefined)) throw new UsageError('too many words for scram ledger');
    if (verb === 'verify' && file !== undefined) return verifyFile(path.resolve(context.cwd, file), context);
    if (verb !== 'verify' && verb !== 'show' && verb !== 'export') {
      throw new UsageError('scram ledger takes verify, show or export');
    }
    if (verb === 'export' && file === undefined)
      throw new UsageError('name the file to write: scram ledger export FILE');
    const opened = openLedgerReadOnly(context.dataDir);
    try {
      if (verb === 'verify') return verify(opened, context);
      if (verb === 'show') return show(opened, context);
      return exportTo(opened, path.resolve(context.cwd, file ?? ''), context);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
        throw new ScramError('refused', `${file} is already there, and is not overwritten`, { cause: error });
      }
      throw error;
    } finally {
      opened.close();
    }
  },
};
