import { z } from 'zod';
import { ScramError } from '../../../shared/model/error.ts';
import type { LedgerRow } from './store.ts';

/** Rows as a store may give them: nothing is believed of it, not even that it answers what was asked (D8). */
const rowSchema = z.strictObject({
  device: z.string().min(1).max(128),
  sequence: z.number().int().positive().max(Number.MAX_SAFE_INTEGER),
  atMs: z.number().int(),
  hash: z.string().min(1).max(128),
  signature: z.string().max(512),
  body: z.string(),
  data: z.string().nullable(),
});

/** Throws `provider` unless these are rows of the device. Order and repetition are for the ledger to sort out. */
export function readRows(device: string, rows: unknown): readonly LedgerRow[] {
  const parsed = z.array(rowSchema).safeParse(rows);
  if (!parsed.success) {
    const where = parsed.error.issues[0]?.path.join('.') ?? '';
    throw new ScramError('provider', `the team store answers something else than entries (${where})`, { action: LOOK });
  }
  const stray = parsed.data.find((row) => row.device !== device);
  if (stray === undefined) return parsed.data;
  throw new ScramError('provider', `the team store gives entries of ${stray.device} for those of ${device}`, {
    action: LOOK,
  });
}

const LOOK = 'Look at the database, and at who may write there: see docs/team-store.md.';
