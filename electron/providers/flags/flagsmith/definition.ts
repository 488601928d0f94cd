import { z } from 'zod';

/** What a feature's value can be. */
const scalarSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);
export type Scalar = z.output<typeof scalarSchema>;

/** What one environment, segment override or identity override says; `shares` of a multivariate feature's options. */
const heldSchema = z.strictObject({
  enabled: z.boolean(),
  value: scalarSchema,
  shares: z.array(z.strictObject({ option: z.number().int(), percentage: z.number() })),
});
export type Held = z.output<typeof heldSchema>;

/**
 * A feature of one environment with all that decides what it serves, in our own order and without numbers that a write
 * changes by itself (rows and versions): two reads are equal exactly when they serve the same.
 */
export const definitionSchema = z.strictObject({
  feature: z.strictObject({
    id: z.number().int(),
    name: z.string(),
    type: z.string(),
    initial: scalarSchema,
    options: z.array(z.strictObject({ id: z.number().int(), value: scalarSchema })),
  }),
  environment: heldSchema,
  /** In the order in which they are asked. */
  segments: z.array(
    heldSchema.extend({
      segment: z.number().int(),
      name: z.string(),
      priority: z.number().int(),
      /** Share of users in the segment, 0 to 100, where its rules are a percentage split alone. */
      share: z.number().nullable(),
    }),
  ),
  identities: z.array(heldSchema.extend({ identifier: z.string() })),
});
export type Definition = z.output<typeof definitionSchema>;

export const isMultivariate = (definition: Definition): boolean => definition.feature.type === 'MULTIVARIATE';
