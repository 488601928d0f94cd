import { deviceIdOf } from '../signing/device-id.ts';
import { z } from 'zod';
import { ScramError } from '../../../shared/model/error.ts';
import { canonicalText, parseCanonical } from '../signing/canonical.ts';
import { lineOf, rowOf } from './lines.ts';
import { chainRows } from './segments.ts';
import type { LedgerRow, LedgerStore, Signer } from './store.ts';
import { type ChainVerdict, ed25519Of, FIRST_PREVIOUS, textSigned } from './verify.ts';
import { type Verdicts, walkChains } from './walk.ts';

const headFields = {
  device: z.string(),
  entries: z.number().int().nonnegative(),
  hash: z.string(),
  atMs: z.number(),
  publicKey: z.string(),
};
/**
 * Last line of an export: the device that made it signs how long its chain was, and since version 2 what other chains
 * stand before it, so that a cut-off end shows with nothing else given.
 */
const headSchema = z.discriminatedUnion('version', [
  z.strictObject({ version: z.literal(1), ...headFields }),
  z.strictObject({
    version: z.literal(2),
    ...headFields,
    chains: z.array(z.strictObject({ device: z.string(), entries: z.number().int(), hash: z.string() })),
  }),
]);
const headLineSchema = z.strictObject({ head: headSchema, signature: z.string() });
type Head = z.infer<typeof headSchema>;
type HeadLine = z.infer<typeof headLineSchema>;

function signedHeadText(canonicalHead: string): string {
  return `scram-head-v1\n${canonicalHead}`;
}

/**
 * Every chain as lines of canonical JSON: one entry each, those of other devices first, then this device's, then the
 * signed head. Each ends with a line feed. Throws `not-found` where a sealed segment's file is gone.
 */
export function* exportLines(store: LedgerStore, signer: Signer, nowMs: number): Generator<string> {
  const own = deviceIdOf(signer.publicKey);
  const chains: { device: string; entries: number; hash: string }[] = [];
  for (const device of [...store.devices().filter((other) => other !== own), own]) {
    let last: Pick<LedgerRow, 'sequence' | 'hash'> = { sequence: 0, hash: FIRST_PREVIOUS };
    for (const row of chainRows(store, device)) {
      if ('segment' in row) {
        throw new ScramError('not-found', `${row.segment.file} is not there, or was altered: it holds sealed entries`, {
          action: 'Put the file back into the folder segments of the data folder.',
        });
      }
      yield lineOf(row);
      last = row;
    }
    chains.push({ device, entries: last.sequence, hash: last.hash });
  }
  const { entries, hash } = chains.pop() ?? { entries: 0, hash: FIRST_PREVIOUS };
  const head: Head = {
    version: 2,
    device: own,
    entries,
    hash,
    atMs: Math.trunc(nowMs),
    publicKey: signer.publicKey,
    chains,
  };
  const signature = signer.sign(signedHeadText(canonicalText(head)));
  yield `${canonicalText({ head, signature })}\n`;
}

/** An export as it was read: whatever can be told of it without trusting it. */
export interface ReadExport {
  /** The device that made it; null when the file does not say. */
  readonly device: string | null;
  readonly chains: ReadonlyMap<string, readonly LedgerRow[]>;
  readonly verdicts: Verdicts;
  /** Of the chain of the device that made it, or else of another one, or of the file. */
  readonly verdict: ChainVerdict;
}

/**
 * Reads and verifies an export given nothing else. `expectedDevice` proves whose it is; without it the file only proves
 * that it holds whole chains of the devices that it names.
 */
export function readExport(lines: Iterable<string>, expectedDevice?: string): ReadExport {
  const { chains, head, problem } = readLines(lines);
  const last = [...chains.keys()].at(-1) ?? null;
  const own = expectedDevice ?? head?.head.device ?? last;
  const steps = walkChains(
    [...chains].map(([device, rows]) => ({
      device,
      rows: (after: number) => rows.slice(after),
      expected: {},
    })),
    own,
    (device, sequence) => chains.get(device)?.[sequence - 1]?.hash ?? null,
  );
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  const verdicts = step.value;

  const found = own === null ? undefined : verdicts.get(own);
  const ours: ChainVerdict = {
    device: own,
    entries: found?.entries ?? 0,
    hash: found?.hash ?? FIRST_PREVIOUS,
    problem: found?.problem ?? null,
  };
  const first =
    ours.problem ?? problem ?? headProblem(head, ours, expectedDevice, verdicts) ?? problemOfOthers(own, verdicts);
  return { device: own, chains, verdicts, verdict: { ...ours, problem: first } };
}

/** The verdict on an export's own chain, or the first problem of anything in it. */
export function verifyExport(lines: Iterable<string>, expectedDevice?: string): ChainVerdict {
  return readExport(lines, expectedDevice).verdict;
}

function readLines(lines: Iterable<string>) {
  const chains = new Map<string, LedgerRow[]>();
  let head: HeadLine | null = null;
  let problem: ChainVerdict['problem'] = null;
  let number = 0;
  let newest = 0;
  for (const line of lines) {
    number += 1;
    if (head !== null) {
      problem = { sequence: number, what: 'stands after the end of the export' };
      break;
    }
    const read = readLine(line);
    if (read === null) {
      problem = { sequence: newest + 1, what: `is no line of an export (line ${number})` };
      break;
    }
    if ('head' in read) {
      head = read;
      continue;
    }
    const chain = chains.get(read.device);
    if (chain === undefined) chains.set(read.device, [read]);
    else chain.push(read);
    newest = read.sequence;
  }
  return { chains, head, problem };
}

function readLine(line: string): LedgerRow | HeadLine | null {
  const value = parseCanonical(line.replace(/\n$/, ''));
  const head = headLineSchema.safeParse(value);
  return head.success ? head.data : rowOf(value);
}

function headProblem(
  line: HeadLine | null,
  verdict: ChainVerdict,
  expectedDevice: string | undefined,
  verdicts: Verdicts,
): ChainVerdict['problem'] {
  const next = verdict.entries + 1;
  if (line === null) return { sequence: next, what: 'is missing: the export was cut off before its signed head' };
  const { head, signature } = line;
  if (deviceIdOf(head.publicKey) !== head.device || (expectedDevice !== undefined && head.device !== expectedDevice)) {
    return { sequence: next, what: 'cannot be told: the head is of another device' };
  }
  const key = ed25519Of(head.publicKey);
  if (key === null || !textSigned(key, signedHeadText(canonicalText(head)), signature)) {
    return { sequence: next, what: 'cannot be told: the head has a signature that its device did not make' };
  }
  const others = head.version === 1 ? [] : head.chains;
  if (verdicts.size > others.length + 1) return { sequence: next, what: 'stands beside chains that the head omits' };
  for (const { device, entries, hash } of [...others, head]) {
    const held = verdicts.get(device) ?? { entries: 0, hash: FIRST_PREVIOUS, problem: null };
    const of = device === head.device ? '' : `of device ${device} `;
    // A chain with a fault of its own ends before its head.
    if (held.problem !== null) continue;
    if (entries > held.entries) return { sequence: held.entries + 1, what: `${of}is missing: the head names it` };
    if (entries < held.entries) return { sequence: entries + 1, what: `${of}is beyond the head` };
    if (hash !== held.hash) return { sequence: entries, what: `${of}is not the entry that the head names` };
  }
  return null;
}

function problemOfOthers(own: string | null, verdicts: Verdicts): ChainVerdict['problem'] {
  for (const [device, { problem }] of verdicts) {
    if (device !== own && problem !== null) return { ...problem, what: `of device ${device} ${problem.what}` };
  }
  return null;
}

/** Throws `ledger` with the first problem; for `scram ledger verify FILE`. */
export function requireWhole(verdict: ChainVerdict, what: string): void {
  if (verdict.problem === null) return;
  throw new ScramError('ledger', `${what} does not verify: entry ${verdict.problem.sequence} ${verdict.problem.what}`);
}
