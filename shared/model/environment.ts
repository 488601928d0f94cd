import { z } from 'zod';

/** How dangerous an environment looks. `production` has its own frame colour and capitals everywhere (B3). */
export const toneSchema = z.enum(['production', 'neutral']);
export type Tone = z.infer<typeof toneSchema>;

export const environmentSchema = z.strictObject({
  name: z.string(),
  tone: toneSchema,
  /** Time a change may take to be observed everywhere before the console raises an alarm (B5), milliseconds. */
  propagationObjectiveMs: z.number().int().positive(),
});
export type Environment = z.infer<typeof environmentSchema>;
