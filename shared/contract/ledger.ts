import { z } from 'zod';
import { entrySchema, ledgerHeadSchema } from '../model/entry.ts';
import { call, nothingSchema } from './define.ts';

export const ledgerContract = {
  /** Walks the whole chain: hashes, signatures, order. */
  'ledger.verify': call({ access: 'view', input: nothingSchema, output: ledgerHeadSchema }),
  /** Newest first. */
  'ledger.show': call({
    access: 'view',
    input: z.strictObject({
      before: z.number().int().positive().optional(),
      sinceMs: z.number().optional(),
      limit: z.number().int().min(1).max(1000),
    }),
    output: z.strictObject({ entries: z.array(entrySchema) }),
  }),
  /** Entries of every device's chain, newest first, with the number of all that fit (D8). */
  'ledger.timeline': call({
    access: 'view',
    input: z.strictObject({
      offset: z.number().int().min(0),
      limit: z.number().int().min(1).max(500),
      search: z.string().max(200).optional(),
      kinds: z.array(z.string().max(50)).max(100).optional(),
      device: z.string().max(100).optional(),
      sinceMs: z.number().optional(),
      untilMs: z.number().optional(),
    }),
    output: z.strictObject({ total: z.number().int(), entries: z.array(entrySchema) }),
  }),
  /** Makes an anchor: a line that holds every chain's head, to be kept outside (D10). */
  'ledger.anchor': call({
    access: 'view',
    input: z.strictObject({ place: z.enum(['file', 'notify', 'spoken']), where: z.string().max(4096) }),
    output: z.strictObject({ line: z.string(), spoken: z.string(), digest: z.string() }),
  }),
  /** Holds the chains against an anchor's line, or against what was read aloud. */
  'ledger.checkAnchor': call({
    access: 'view',
    input: z.strictObject({ line: z.string().min(1).max(20_000) }),
    output: z.strictObject({ ok: z.boolean(), words: z.string() }),
  }),
  /** Takes the words of an entry away; its place in the chain still verifies. */
  'ledger.redact': call({
    access: 'administer',
    input: z.strictObject({
      device: z.string().max(100),
      sequence: z.number().int().positive(),
      reason: z.string().min(1).max(500),
    }),
    output: nothingSchema,
  }),
} as const;
