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
} as const;
