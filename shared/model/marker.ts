import { z } from 'zod';

/** A labelled vertical line on the charts' time axis: something that changed (A3). */
export const markerSchema = z.strictObject({
  id: z.string(),
  kind: z.enum(['flag', 'deploy']),
  atMs: z.number(),
  /** True when `atMs` is when the console noticed, and the change itself may be older. */
  approximate: z.boolean(),
  environment: z.string(),
  connection: z.string(),
  /** Flag key or release name. */
  subject: z.string(),
  services: z.array(z.string()),
  /** Share of users with the feature before and after, 0 to 100; null where it cannot be told. */
  fromPercentage: z.number().nullable(),
  toPercentage: z.number().nullable(),
  /** True when this console made the change. */
  ours: z.boolean(),
  /** Who made it, as far as known. */
  by: z.string().nullable(),
});
export type Marker = z.infer<typeof markerSchema>;
