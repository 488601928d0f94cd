import { z } from 'zod';

/** How dangerous an environment looks. `production` has its own frame colour and capitals everywhere (B3). */
export const toneSchema = z.enum(['production', 'neutral']);
export type Tone = z.infer<typeof toneSchema>;

const demandInShortSchema = z.strictObject({ people: z.number().int(), typed: z.boolean(), rationale: z.boolean() });

/** What policy asks in an environment, in short: for people to read. Each change is asked for what its flag demands. */
export const environmentPolicySchema = z.strictObject({
  kill: demandInShortSchema,
  restore: demandInShortSchema,
  /** Rules for some flags, besides. */
  exceptions: z.number().int(),
  /** How long one person may act alone in an emergency, milliseconds; null: not at all. */
  breakGlassMs: z.number().nullable(),
});
export type EnvironmentPolicy = z.infer<typeof environmentPolicySchema>;

export const environmentSchema = z.strictObject({
  name: z.string(),
  tone: toneSchema,
  /** Time a change may take to be observed everywhere before the console raises an alarm (B5), milliseconds. */
  propagationObjectiveMs: z.number().int().positive(),
  policy: environmentPolicySchema.optional(),
});
export type Environment = z.infer<typeof environmentSchema>;
