import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { ScramError } from '../../../../shared/model/error.ts';
import { openLedgerReadOnly, type ReadOnlyLedger, verifyExportLines } from '../../../compose/data-folder.ts';
import { EXIT } from '../../shared/exit-codes.ts';
import { UsageError } from '../arguments.ts';
import type { Command, CommandContext } from '../command.ts';
import { addAnchor, redact, seal, timeOf } from '../ledger-acts.ts';
import { subjectOf } from '../ledger-subject.ts';
import { printable } from '../table.ts';
import { PERSON_OPTIONS } from '../unlock.ts';

const SHOWN = 1000;

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

/** Words that each verb takes besides itself. */
const VERBS: Readonly<Record<string, number>> = { verify: 1, show: 0, export: 1, anchor: 0, seal: 0, redact: 1 };

export const ledger: Command = {
  name: 'ledger',
  usage: 'scram ledger verify [FILE] | show [--since T] | export FILE | anchor | seal | redact N',
  summary: 'check, read, export, anchor, seal or redact the signed record (D6, D10)',
  options: {
    since: { value: 'T', help: 'a time, or a duration before now' },
    before: { value: 'T', help: 'seal entries from before this time' },
    file: { value: 'FILE', help: 'file that the anchor is added to' },
    notify: { help: 'send the anchor to the notify targets that take anchors' },
    anchor: { value: 'FILE', help: 'file of anchors that the chains are held against' },
    reason: { value: 'TEXT', help: 'why the words of the entry are taken away' },
    device: { value: 'ID', help: 'whose entry it is; this console’s when left out' },
    roster: { value: 'FILE', help: 'roster.json that people’s signatures are checked by' },
    ...PERSON_OPTIONS,
  },
  async run(context) {
    const [verb = '', file, ...more] = context.args.words;
    const takes = VERBS[verb];
    if (takes === undefined) throw new UsageError('scram ledger takes verify, show, export, anchor, seal or redact');
    if (more.length > 0 || (takes === 0 && file !== undefined)) throw new UsageError('too many words for scram ledger');
    if (verb === 'anchor') return addAnchor(context);
    if (verb === 'seal') return seal(context);
    if (verb === 'redact') return redact(file, context);
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
