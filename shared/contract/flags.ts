import { z } from 'zod';
import { flagRefSchema } from '../model/batch.ts';
import { driftSchema, observerStatusSchema } from '../model/drift.ts';
import { flagRowSchema, flagSchema } from '../model/flag.ts';
import { markerSchema } from '../model/marker.ts';
import { changeProgressSchema } from '../model/change.ts';
import { call, stream } from './define.ts';

export const flagsContract = {
  /** Every flag of one environment. */
  'flags.watch': stream({
    access: 'view',
    input: z.strictObject({ environment: z.string().max(200) }),
    snapshot: z.strictObject({ rows: z.array(flagRowSchema) }),
    delta: z.strictObject({
      upserts: z.array(flagRowSchema),
      removals: z.array(flagRefSchema),
    }),
  }),
  /** One flag with its state in every environment, sent whole at each change. */
  'flags.watchOne': stream({
    access: 'view',
    input: flagRefSchema,
    snapshot: z.strictObject({ flag: flagSchema }),
    delta: z.strictObject({ flag: flagSchema }),
  }),
  /** Flags of one environment whose intended, actual and observed states differ, longest first; sent whole (B6). */
  'flags.drift': stream({
    access: 'view',
    input: z.strictObject({ environment: z.string().max(200) }),
    snapshot: z.strictObject({ drifts: z.array(driftSchema), observers: z.array(observerStatusSchema) }),
    delta: z.strictObject({ drifts: z.array(driftSchema), observers: z.array(observerStatusSchema) }),
  }),
  'flags.history': call({
    access: 'view',
    input: flagRefSchema,
    output: z.strictObject({ markers: z.array(markerSchema), changes: z.array(changeProgressSchema) }),
  }),
} as const;
