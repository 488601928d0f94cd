import { z } from 'zod';
import { canonicalText, parseCanonical } from '../signing/canonical.ts';
import type { LedgerRow } from './store.ts';

const entryLineSchema = z.strictObject({
  body: z.looseObject({ device: z.string(), sequence: z.number(), atMs: z.number() }),
  /** Salt and data of version 2; left out where redacted, and in version 1. */
  data: z.looseObject({}).optional(),
  hash: z.string(),
  signature: z.string(),
});

/**
 * A row as a line of canonical JSON, with its line feed: in exports and in segments. The texts are canonical already,
 * and so are their neighbours: the line is built as text, byte for byte.
 */
export function lineOf({ body, data, hash, signature }: LedgerRow): string {
  const kept = data === null ? '' : `"data":${data},`;
  return `{"body":${body},${kept}"hash":${JSON.stringify(hash)},"signature":${JSON.stringify(signature)}}\n`;
}

/** Null when the line is none of an entry. */
export function readRow(line: string): LedgerRow | null {
  return rowOf(parseCanonical(line.replace(/\n$/, '')));
}

/** The row of a line that was parsed, and is canonical. */
export function rowOf(value: unknown): LedgerRow | null {
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
