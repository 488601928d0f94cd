import { z } from 'zod';
import { changeActionSchema, changePreviewSchema, changeProgressSchema, changeSchema } from '../model/change.ts';
import { batchPreviewSchema, batchProgressSchema, batchSchema, batchTargetSchema } from '../model/batch.ts';
import { call, stream } from './define.ts';

const hashSchema = z.string().regex(/^[0-9a-f]{64}$/, 'a change is named by its SHA-256 hash, 64 hexadecimal digits');

export const changesContract = {
  /** Reads the provider now and says exactly what would happen. Writes nothing. */
  'changes.preview': call({
    access: 'act',
    input: z.discriminatedUnion('action', [
      z.strictObject({
        action: z.literal(changeActionSchema.enum.kill),
        connection: z.string().max(200),
        flag: z.string().max(500),
        environment: z.string().max(200),
      }),
      z.strictObject({ action: z.literal(changeActionSchema.enum.undo), change: hashSchema }),
      z.strictObject({
        action: z.literal(changeActionSchema.enum.rollout),
        connection: z.string().max(200),
        flag: z.string().max(500),
        environment: z.string().max(200),
        percentage: z.number().min(0).max(100),
      }),
    ]),
    output: changePreviewSchema,
  }),
  /** Writes the previewed change and its rationale to the ledger. */
  'changes.propose': call({
    access: 'act',
    input: z.strictObject({ preview: hashSchema, rationale: z.string().max(2000) }),
    output: changeSchema,
  }),
  /** Executes what was proposed, or nothing: takes the hash alone. Resolves when the provider has answered. */
  'changes.execute': call({
    access: 'act',
    input: z.strictObject({ hash: hashSchema }),
    output: changeProgressSchema,
  }),
  'changes.watch': stream({
    access: 'view',
    input: z.strictObject({ hash: hashSchema }),
    snapshot: changeProgressSchema,
    delta: changeProgressSchema,
  }),
  /** Reads every flag now and says what a bulk kill would do with each (B4, B13). Writes nothing. */
  'changes.previewBatch': call({
    access: 'act',
    input: z.strictObject({ environment: z.string().max(200), target: batchTargetSchema }),
    output: batchPreviewSchema,
  }),
  /** Writes the changes that can be done, and the batch that names them in order, to the ledger. */
  'changes.proposeBatch': call({
    access: 'act',
    input: z.strictObject({ preview: hashSchema, rationale: z.string().max(2000) }),
    output: batchSchema,
  }),
  /** Executes the batch in order, going on past a failure. Resolves when each has its result. */
  'changes.executeBatch': call({
    access: 'act',
    input: z.strictObject({ hash: hashSchema }),
    output: batchProgressSchema,
  }),
  'changes.watchBatch': stream({
    access: 'view',
    input: z.strictObject({ hash: hashSchema }),
    snapshot: batchProgressSchema,
    delta: batchProgressSchema,
  }),
  /** The newest changes of an environment, and those still being watched. */
  'changes.recent': stream({
    access: 'view',
    input: z.strictObject({ environment: z.string().max(200) }),
    snapshot: z.strictObject({ changes: z.array(changeProgressSchema) }),
    delta: z.strictObject({ changes: z.array(changeProgressSchema) }),
  }),
} as const;

export { hashSchema };
