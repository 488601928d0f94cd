import { z } from 'zod';

export const sliUnitSchema = z.enum(['s', 'ms', 'ratio', 'percent', 'per_second', 'count', 'bytes']);
export type SliUnit = z.infer<typeof sliUnitSchema>;

/** The good side of an SLI: `below` 0.6 means that 0.6 and above is a breach. Exactly one bound is given. */
export const objectiveSchema = z.union([z.strictObject({ below: z.number() }), z.strictObject({ above: z.number() })]);
export type Objective = z.infer<typeof objectiveSchema>;

/** Lines of one chart: the SLI over all users, and over those with the flag on or off (A6). */
export const seriesNameSchema = z.enum(['all', 'on', 'off']);
export type SeriesName = z.infer<typeof seriesNameSchema>;

/**
 * Values on a regular grid: `values[i]` is the value at `startMs + i * stepMs`. A gap, a NaN and a missing sample
 * are null, never zero.
 */
export const seriesSchema = z.strictObject({
  startMs: z.number(),
  stepMs: z.number().positive(),
  values: z.array(z.number().nullable()),
});
export type Series = z.infer<typeof seriesSchema>;

/** Normal behaviour of an SLI: median and band of the samples before the incident. Null where there were too few. */
export const baselineSchema = z.strictObject({
  fromMs: z.number(),
  toMs: z.number(),
  samples: z.number().int(),
  median: z.number(),
  low: z.number(),
  high: z.number(),
});
export type Baseline = z.infer<typeof baselineSchema>;

/**
 * `ok` and `breached` need fresh samples. `no-data`: the source answers and has none (empty, NaN).
 * `stale`: there were samples and they stopped. `error`: the source does not answer; the problem is its words.
 */
export const sliStateSchema = z.enum(['ok', 'breached', 'no-data', 'stale', 'error', 'unknown']);
export type SliState = z.infer<typeof sliStateSchema>;

export const sliStatusSchema = z.strictObject({
  state: sliStateSchema,
  /** Latest sample that has a value. */
  latest: z.strictObject({ atMs: z.number(), value: z.number() }).nullable(),
  /** First sample of the present breach, epoch ms. */
  breachedSinceMs: z.number().nullable(),
  problem: z.string().nullable(),
});
export type SliStatus = z.infer<typeof sliStatusSchema>;

export const sliSchema = z.strictObject({
  /** `service/sli`, unique in a configuration. */
  id: z.string(),
  service: z.string(),
  name: z.string(),
  unit: sliUnitSchema,
  objective: objectiveSchema.nullable(),
  connection: z.string(),
  environment: z.string(),
  cohortFlag: z.string().nullable(),
});
export type Sli = z.infer<typeof sliSchema>;
