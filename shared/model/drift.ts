import { z } from 'zod';

/** Where a change that this console made is the intent, or else what the provider holds (B5, B6). */
export const intentSourceSchema = z.enum(['change', 'provider']);

export const driftPlaceSchema = z.strictObject({
  observer: z.string(),
  region: z.string().nullable(),
  instance: z.string(),
  /** Variant last seen in use; null when it could not be told. */
  variant: z.string().nullable(),
  agrees: z.boolean(),
  /** True when it tells neither way: its variant could not be told, or it has not been heard of lately. */
  unknown: z.boolean().optional(),
  /** Epoch ms: last seen, and since when it has been as it is. */
  atMs: z.number(),
  sinceMs: z.number(),
});
export type DriftPlace = z.infer<typeof driftPlaceSchema>;

/** One flag of one environment whose intended, actual and observed states are not the same (B6). */
export const driftSchema = z.strictObject({
  connection: z.string(),
  flag: z.string(),
  environment: z.string(),
  intended: z.strictObject({
    source: intentSourceSchema,
    /** Hash of the change, when one is the source. */
    change: z.string().nullable(),
    /** Variant that everyone should get; null when some do. */
    variant: z.string().nullable(),
    percentage: z.number().nullable(),
  }),
  actual: z.strictObject({
    variant: z.string().nullable(),
    percentage: z.number().nullable(),
    /** Last change at the provider that is known of: when, epoch ms, and by whom. */
    changedAtMs: z.number().nullable().optional(),
    changedBy: z.string().nullable().optional(),
  }),
  /** True when the provider itself holds another state than the intended one. */
  providerDiffers: z.boolean(),
  /** What was observed, those that disagree first; the first hundred where there are more. */
  places: z.array(driftPlaceSchema),
  disagreeing: z.number().int(),
  /** Since when any of it disagrees, epoch ms. */
  sinceMs: z.number(),
  /** Past the environment's propagation objective (B5). */
  overdue: z.boolean(),
});
export type Drift = z.infer<typeof driftSchema>;

/** What the drift watch knows of one observer. */
export const observerStatusSchema = z.strictObject({
  connection: z.string(),
  observer: z.string(),
  region: z.string().nullable(),
  environment: z.string(),
  lastSeenAtMs: z.number().nullable(),
  problem: z.string().nullable(),
});
export type ObserverStatus = z.infer<typeof observerStatusSchema>;
