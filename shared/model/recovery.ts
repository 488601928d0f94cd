import { z } from 'zod';
import { messageSchema } from './text.ts';

export const verdictSchema = z.enum(['watching', 'recovered', 'not-recovered', 'cannot-tell']);
export type Verdict = z.infer<typeof verdictSchema>;

/** Proof that a change helped, or that it did not (A4): the numbers, and how long it took. */
export const recoverySchema = z.strictObject({
  sli: z.string(),
  verdict: verdictSchema,
  reason: messageSchema,
  /** Start of the watch: when the provider accepted the change, epoch ms. */
  changedAtMs: z.number(),
  /** When the watch gives up, epoch ms. */
  deadlineMs: z.number(),
  /** First of the consecutive good samples; null until recovered. */
  recoveredAtMs: z.number().nullable(),
  /** `recoveredAtMs - changedAtMs`, milliseconds. */
  tookMs: z.number().nullable(),
  baselineMedian: z.number().nullable(),
  /** Limit that a good sample keeps to: from baseline and objective. */
  limit: z.number().nullable(),
  worst: z.number().nullable(),
  latest: z.number().nullable(),
  goodSamples: z.number().int(),
  neededSamples: z.number().int(),
  samples: z.number().int(),
});
export type Recovery = z.infer<typeof recoverySchema>;
