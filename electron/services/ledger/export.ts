import { createPublicKey, verify } from 'node:crypto';
import { z } from 'zod';
import { ScramError } from '../../../shared/model/error.ts';
import { canonicalText, parseCanonical } from './canonical.ts';
import type { LedgerRow, LedgerStore, Signer } from './store.ts';
import { type ChainVerdict, deviceIdOf, FIRST_PREVIOUS, verifyChain } from './verify.ts';

/** Last line of an export: the device signs how long the chain was, so that a cut-off end shows with nothing else given. */
const headSchema = z.strictObject({
  version: z.literal(1),
  device: z.string(),
  entries: z.number().int().nonnegative(),
  hash: z.string(),
  atMs: z.number(),
  publicKey: z.string(),
});
const headLineSchema = z.strictObject({ head: headSchema, signature: z.string() });
const entryLineSchema = z.strictObject({
  body: z.looseObject({ device: z.string(), sequence: z.number(), atMs: z.number() }),
  /** Salt and data of version 2; left out where redacted, and in version 1. */
  data: z.looseObject({}).optional(),
  hash: z.string(),
  signature: z.string(),
});

function signedHeadText(canonicalHead: string): string {
  return `scram-head-v1\n${canonicalHead}`;
}

/** The chain as lines of canonical JSON: one entry each, then the signed head. Each ends with a line feed. */
export function* exportLines(store: LedgerStore, signer: Signer, nowMs: number): Generator<string> {
  const device = deviceIdOf(signer.publicKey);
  let entries = 0;
  let hash = FIRST_PREVIOUS;
  for (const row of store.rows(device)) {
    yield lineOf(row);
    entries = row.sequence;
    hash = row.hash;
  }
  const head = { version: 1, device, entries, hash, atMs: Math.trunc(nowMs), publicKey: signer.publicKey };
  const signature = signer.sign(signedHeadText(canonicalText(head)));
  yield `${canonicalText({ head, signature })}\n`;
}

/** The texts are canonical already, and so are their neighbours: the line is built as text, byte for byte. */
export function lineOf({ body, data, hash, signature }: LedgerRow): string {
  const kept = data === null ? '' : `"data":${data},`;
  return `{"body":${body},${kept}"hash":${JSON.stringify(hash)},"signature":${JSON.stringify(signature)}}\n`;
}

/**
 * Verifies an export given nothing else. `expectedDevice` proves whose it is; without it the file only proves that it
 * is one whole chain of the device that it names.
 */
export function verifyExport(lines: Iterable<string>, expectedDevice?: string): ChainVerdict {
  let head: z.infer<typeof headLineSchema> | null = null;
  let problem: { sequence: number; what: string } | null = null;

  function* rows(): Generator<LedgerRow> {
    let number = 0;
    for (const line of lines) {
      number += 1;
      if (head !== null) {
        problem = { sequence: number, what: 'stands after the end of the export' };
        return;
      }
      const read = readLine(line);
      if (read === null) {
        problem = { sequence: number, what: `is no line of an export (line ${number})` };
        return;
      }
      if ('body' in read) yield read;
      else head = read;
    }
  }

  const verdict = verifyChain(rows(), { device: expectedDevice });
  if (verdict.problem !== null) return verdict;
  problem ??= headProblem(head, verdict);
  return { ...verdict, problem };
}

function headProblem(line: z.infer<typeof headLineSchema> | null, verdict: ChainVerdict): ChainVerdict['problem'] {
  const next = verdict.entries + 1;
  if (line === null) return { sequence: next, what: 'is missing: the export was cut off before its signed head' };
  const { head, signature } = line;
  if (deviceIdOf(head.publicKey) !== head.device || (verdict.device !== null && head.device !== verdict.device)) {
    return { sequence: next, what: 'cannot be told: the head is of another device' };
  }
  const key = createPublicKey({ key: Buffer.from(head.publicKey, 'base64url'), format: 'der', type: 'spki' });
  const signed = Buffer.from(signedHeadText(canonicalText(head)));
  if (key.asymmetricKeyType !== 'ed25519' || !verify(null, signed, key, Buffer.from(signature, 'base64url'))) {
    return { sequence: next, what: 'cannot be told: the head has a signature that its device did not make' };
  }
  if (head.entries > verdict.entries) return { sequence: next, what: 'is missing: the head names it' };
  if (head.entries < verdict.entries) return { sequence: head.entries + 1, what: 'is beyond the head' };
  return head.hash === verdict.hash ? null : { sequence: head.entries, what: 'is not the entry that the head names' };
}

function readLine(line: string): LedgerRow | z.infer<typeof headLineSchema> | null {
  const value = parseCanonical(line.replace(/\n$/, ''));
  const head = headLineSchema.safeParse(value);
  if (head.success) return head.data;
  const entry = entryLineSchema.safeParse(value);
  if (!entry.success) return null;
  const { body, data, hash, signature } = entry.data;
  return {
    device: body.device,
    sequence: body.sequence,
    atMs: body.atMs,
    hash,
    signature,
    body: canonicalText(body),
    data: data === undefined ? null : canonicalText(data),
  };
}

/** Throws `ledger` with the first problem; for `scram ledger verify FILE`. */
export function requireWhole(verdict: ChainVerdict, what: string): void {
  if (verdict.problem === null) return;
  throw new ScramError('ledger', `${what} does not verify: entry ${verdict.problem.sequence} ${verdict.problem.what}`);
}
