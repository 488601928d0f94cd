import { z } from 'zod';
import { markerSchema } from '../model/marker.ts';
import { baselineSchema, seriesNameSchema, seriesSchema, sliSchema, sliStatusSchema } from '../model/sli.ts';
import { suspectSchema } from '../model/suspect.ts';
import { stream } from './define.ts';

export const sliViewSchema = z.strictObject({
  sli: sliSchema,
  status: sliStatusSchema,
  baseline: baselineSchema.nullable(),
  series: z.partialRecord(seriesNameSchema, seriesSchema),
});
export type SliView = z.infer<typeof sliViewSchema>;

/** Samples that follow on the ones sent before, on the same grid; `fromMs` may overlap and then replaces. */
export const sliDeltaSchema = z.strictObject({
  sli: z.string(),
  status: sliStatusSchema,
  /** Null: no baseline. Left out: as before. */
  baseline: baselineSchema.nullable().optional(),
  append: z.partialRecord(
    seriesNameSchema,
    z.strictObject({ fromMs: z.number(), values: z.array(z.number().nullable()) }),
  ),
});
export type SliDelta = z.infer<typeof sliDeltaSchema>;

/** An SLI past its objective, with what may have caused it, worst first. */
export const breachSchema = z.strictObject({
  sli: sliSchema,
  value: z.number(),
  sinceMs: z.number(),
  suspects: z.array(suspectSchema),
});
export type Breach = z.infer<typeof breachSchema>;

export const nowSchema = z.strictObject({ breaches: z.array(breachSchema), markers: z.array(markerSchema) });
export type Now = z.infer<typeof nowSchema>;

export const slisContract = {
  /** Charts of one environment, of one service, or of one flag's services: the last hour, then live. */
  'slis.watch': stream({
    access: 'view',
    input: z.strictObject({
      environment: z.string().max(200),
      service: z.string().max(200).optional(),
      flag: z.string().max(500).optional(),
    }),
    snapshot: z.strictObject({ slis: z.array(sliViewSchema) }),
    /** `reset` replaces everything: the configuration or the source changed. */
    delta: z.strictObject({
      updates: z.array(sliDeltaSchema),
      reset: z.array(sliViewSchema).optional(),
    }),
  }),
  /** What burns and what changed, sent whole at each change. */
  'now.watch': stream({
    access: 'view',
    input: z.strictObject({ environment: z.string().max(200) }),
    snapshot: nowSchema,
    delta: nowSchema,
  }),
} as const;
