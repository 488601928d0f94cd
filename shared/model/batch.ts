import { z } from 'zod';
import { changeStageSchema, policyDemandSchema } from './change.ts';
import { toneSchema } from './environment.ts';
import { errorCodeSchema } from './error.ts';

export const flagRefSchema = z.strictObject({ connection: z.string().max(200), key: z.string().max(500) });

/** A named, ordered set of flags from the configuration (B13). */
export const killSetSchema = z.strictObject({
  id: z.string(),
  flags: z.array(flagRefSchema),
  /** Keys that no connection has, or that several have, in words: a run of the set leaves them out and says so. */
  problems: z.array(z.string()),
});
export type KillSet = z.infer<typeof killSetSchema>;

/** What a bulk kill is asked for: chosen flags, a service's, or a kill set's (B4, B13). */
export const batchTargetSchema = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('flags'), flags: z.array(flagRefSchema).min(1).max(2000) }),
  z.strictObject({ by: z.literal('service'), service: z.string().max(200) }),
  z.strictObject({ by: z.literal('kill-set'), killSet: z.string().max(200) }),
]);
export type BatchTarget = z.infer<typeof batchTargetSchema>;

/** One flag of a bulk kill as it would be done; `problem` says why it would not, and then nothing of it is. */
export const batchPreviewItemSchema = z.strictObject({
  /** Empty when it cannot be told: no connection has the key, or several have. */
  connection: z.string(),
  flag: z.string(),
  providerEnvironment: z.string().nullable(),
  critical: z.boolean(),
  /** Share of users with the feature now, and the variant served now and then. */
  percentage: z.number().nullable(),
  serves: z.string().nullable(),
  willServe: z.string().nullable(),
  /** Preview of the one change; null when there is a problem. */
  preview: z.string().nullable(),
  problem: z.strictObject({ code: errorCodeSchema, message: z.string() }).nullable(),
});
export type BatchPreviewItem = z.infer<typeof batchPreviewItemSchema>;

export const batchPreviewSchema = z.strictObject({
  hash: z.string(),
  /** Kill set or service, or the number of flags, in words. */
  name: z.string(),
  environment: z.string(),
  tone: toneSchema,
  /** The most that policy asks for any of them; several flags are always typed (B3). */
  demand: policyDemandSchema,
  /** What is to be typed: the environment's name. */
  typedWord: z.string(),
  affectedServices: z.array(z.string()),
  /** In the order in which they will be killed. */
  items: z.array(batchPreviewItemSchema),
  expiresAtMs: z.number(),
});
export type BatchPreview = z.infer<typeof batchPreviewSchema>;

/** Several changes confirmed as one, in order. Its hash names them all. */
export const batchSchema = z.strictObject({
  hash: z.string(),
  id: z.string(),
  name: z.string(),
  environment: z.string(),
  /** Hashes of the changes, in order. */
  changes: z.array(z.string()),
  rationale: z.string(),
  proposedAtMs: z.number(),
});
export type Batch = z.infer<typeof batchSchema>;

export const batchItemSchema = z.strictObject({
  change: z.string(),
  connection: z.string(),
  flag: z.string(),
  stage: changeStageSchema,
  problem: z.string().nullable(),
  acceptedAtMs: z.number().nullable(),
  servedAtMs: z.number().nullable(),
  observedAtMs: z.number().nullable(),
});
export type BatchItem = z.infer<typeof batchItemSchema>;

export const batchProgressSchema = z.strictObject({
  batch: batchSchema,
  /** `interrupted`: the console stopped half-way; what was not begun is not begun by itself. */
  state: z.enum(['proposed', 'running', 'done', 'interrupted']),
  /** Why it waits, such as a provider's rate limit; null when it does not. */
  waiting: z.string().nullable(),
  items: z.array(batchItemSchema),
});
export type BatchProgress = z.infer<typeof batchProgressSchema>;
