import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { ScramError } from '../../../../shared/model/error.ts';
import { parseDuration } from '../../../../shared/model/config/index.ts';
import { PRODUCT } from '../../../compose.ts';
import {
  openLedgerReadOnly,
  type ReadOnlyLedger,
  sealLedger,
  verifyExportLines,
} from '../../../compose/data-folder.ts';
import { EXIT } from '../../shared/exit-codes.ts';
import { UsageError } from '../arguments.ts';
import type { Command, CommandContext } from '../command.ts';
import { subjectOf } from '../ledger-subject.ts';
import { printable } from '../table.ts';

const SHOWN = 1000;

/** `2026-11-21T02:00:00Z`, or a duration before now such as `30m`. */
function timeOf(option: string, text: string): number {
  const before = parseDuration(text);
  const atMs = before === null ? Date.parse(text) : Date.now() - before;
  if (Number.isNaN(atMs))
    throw new UsageError(`--${option} takes a time such as 2026-11-21T02:00:00Z, or 30m: not «${text}»`);
  return atMs;
}

function linesOf(file: string): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}

function verify(ledger: ReadOnlyLedger, { args, cwd, out }: CommandContext): number {
  const head = ledger.reader.verify();
  const file = args.text('anchor');
  const anchors = file === undefined ? [] : anchorsIn(ledger, path.resolve(cwd, file));
  out.json(file === undefined ? head : { ...head, anchors });
  out.say(`device ${head.device}: ${head.entries} entries, head ${head.hash}`);
  if (head.verified !== 'verified') {
    out.warn(`does not verify: ${head.problem ?? 'unknown problem'}`);
    return EXIT.ledger;
  }
  out.say('verified: every hash, link and signature is right');
  if (head.problem !== null) out.warn(head.problem);
  for (const { number, ok, words } of anchors) (ok ? out.say : out.warn)(`anchor in line ${number}: ${words}`);
  if (file !== undefined && anchors.length === 0) out.warn(`there is no anchor in ${file}`);
  return file !== undefined && (anchors.length === 0 || anchors.some(({ ok }) => !ok)) ? EXIT.ledger : EXIT.done;
}

/** Every line of the file but empty ones and remarks, held against the chains, which were walked. */
function anchorsIn(ledger: ReadOnlyLedger, file: string): { number: number; ok: boolean; words: string }[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line, index) => {
      const said = line.trim();
      return said === '' || said.startsWith('#') ? [] : [{ number: index + 1, ...ledger.checkAnchor(said) }];
    });
}

function show(ledger: ReadOnlyLedger, { args, out }: CommandContext): number {
  const since = args.text('since');
  const sinceMs = since === undefined ? {} : { sinceMs: timeOf('since', since) };
  const entries = ledger.reader.page({ limit: SHOWN, ...sinceMs });
  out.json({ entries });
  for (const { body } of entries.toReversed()) {
    const who = body.by === undefined ? '' : `  ${body.by.operator}`;
    const what = `${body.sequence}  ${new Date(body.atMs).toISOString()}  ${body.data.kind}${who}`;
    out.say(`${what}  ${printable(subjectOf(body))}`);
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

function verifyFile(file: string, { args, cwd, out }: CommandContext): number {
  const roster = args.text('roster');
  const rosterText = roster === undefined ? null : readFileSync(path.resolve(cwd, roster), 'utf8');
  const { verdict, verdicts, people } = verifyExportLines(linesOf(file), rosterText);
  const chains = [...verdicts].map(([device, { entries, hash, problem }]) => ({ device, entries, hash, problem }));
  out.json({ ...verdict, chains, people });
  for (const { device, entries, hash } of chains) out.say(`device ${device}: ${entries} entries, head ${hash}`);
  if (verdict.problem !== null) {
    out.warn(`does not verify: entry ${verdict.problem.sequence} ${verdict.problem.what}`);
    return EXIT.ledger;
  }
  if (people.problem !== null) {
    const { device, sequence, what } = people.problem;
    out.warn(`does not verify: ${device === null ? 'the roster: ' : `entry ${sequence} of device ${device} `}${what}`);
    return EXIT.ledger;
  }
  out.say(`verified: ${verdict.entries} entries of device ${verdict.device}, head ${verdict.hash}`);
  if (people.checked > 0) out.say(`${people.checked} signatures of people hold, by ${people.versions} rosters`);
  if (people.rosterKey !== null) out.say(`the roster follows from the key ${people.rosterKey}: compare it by voice`);
  if (people.unchecked > 0) {
    out.warn(
      `${people.unchecked} signatures of people could not be checked: give the roster with --roster roster.json`,
    );
  }
  return EXIT.done;
}

/** The line is on disk in the file before the command says so; what keeps it there is the file's history. */
async function anchor({ args, cwd, out, connect }: CommandContext): Promise<number> {
  const file = args.text('file');
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

async function seal({ args, dataDir, out }: CommandContext): Promise<number> {
  const beforeMs = timeOf('before', args.required('before'));
  const segments = await sealLedger(dataDir, `${PRODUCT.name} ${PRODUCT.version}`, beforeMs);
  out.json({ segments });
  for (const { device, from, to, file } of segments) {
    out.say(`entries ${from} to ${to} of device ${device} sealed in segments/${file}`);
  }
  if (segments.length === 0) out.say('nothing to seal: there are no whole runs of ended entries from before that time');
  return EXIT.done;
}

/** Words that each verb takes besides itself. */
const VERBS: Readonly<Record<string, number>> = { verify: 1, show: 0, export: 1, anchor: 0, seal: 0 };

export const ledger: Command = {
  name: 'ledger',
  usage: 'scram ledger verify [FILE] | show [--since T] | export FILE | anchor | seal --before T',
  summary: 'check, read, export, anchor or seal the signed record (D6, D10)',
  options: {
    since: { value: 'T', help: 'a time, or a duration before now' },
    before: { value: 'T', help: 'seal entries from before this time' },
    file: { value: 'FILE', help: 'file that the anchor is added to' },
    anchor: { value: 'FILE', help: 'file of anchors that the chains are held against' },
    roster: { value: 'FILE', help: 'roster.json that people’s signatures are checked by' },
  },
  async run(context) {
    const [verb = '', file, ...more] = context.args.words;
    const takes = VERBS[verb];
    if (takes === undefined) throw new UsageError('scram ledger takes verify, show, export, anchor or seal');
    if (more.length > 0 || (takes === 0 && file !== undefined)) throw new UsageError('too many words for scram ledger');
    if (verb === 'anchor') return anchor(context);
    if (verb === 'seal') return seal(context);
    if (verb === 'verify' && file !== undefined) return verifyFile(path.resolve(context.cwd, file), context);
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
