import { z } from 'zod';
import { type JsonObject, jsonValueSchema } from '../../../../shared/model/json.ts';

/** The resource type of flags, in paths and in `@type`. */
export const FLAG_TYPE = 'flipt.core.Flag';

const segmentOperator = z.string().default('OR_SEGMENT_OPERATOR');

/**
 * A flag as Flipt v2 keeps it (flipt-io/flipt, rpc/flipt/core/core.proto). Fields at their default may be left out of
 * JSON (protojson), so they are filled in: the same flag then always reads the same. Unknown fields are kept.
 */
export const flagSchema = z.looseObject({
  '@type': z.string().regex(/(^|\/)flipt\.core\.Flag$/, `expected ${FLAG_TYPE}`),
  key: z.string(),
  type: z.enum(['VARIANT_FLAG_TYPE', 'BOOLEAN_FLAG_TYPE']).default('VARIANT_FLAG_TYPE'),
  name: z.string().default(''),
  description: z.string().default(''),
  enabled: z.boolean().default(false),
  variants: z
    .array(
      z.looseObject({
        key: z.string(),
        name: z.string().default(''),
        description: z.string().default(''),
        attachment: jsonValueSchema.optional(),
      }),
    )
    .default([]),
  rules: z
    .array(
      z.looseObject({
        segmentOperator,
        segments: z.array(z.string()).default([]),
        distributions: z
          .array(z.looseObject({ variant: z.string().default(''), rollout: z.number().default(0) }))
          .default([]),
      }),
    )
    .default([]),
  rollouts: z
    .array(
      z.looseObject({
        type: z.string().default('UNKNOWN_ROLLOUT_TYPE'),
        description: z.string().default(''),
        segment: z
          .looseObject({
            value: z.boolean().default(false),
            segments: z.array(z.string()).default([]),
            segmentOperator,
          })
          .optional(),
        threshold: z.looseObject({ percentage: z.number().default(0), value: z.boolean().default(false) }).optional(),
      }),
    )
    .default([]),
  defaultVariant: z.string().optional(),
  metadata: z.record(z.string(), jsonValueSchema).optional(),
});
export type FliptFlag = z.output<typeof flagSchema>;

const resourceSchema = z.looseObject({ namespaceKey: z.string(), key: z.string(), payload: flagSchema });

/** Answers of `EnvironmentsService` (rpc/v2/environments/environments.proto); `revision` is the commit that was read. */
export const resourceAnswerSchema = z.looseObject({ resource: resourceSchema, revision: z.string() });
export const resourceListSchema = z.looseObject({
  resources: z.array(resourceSchema).default([]),
  revision: z.string(),
});
export const namespaceAnswerSchema = z.looseObject({
  namespace: z.looseObject({ key: z.string() }),
  revision: z.string(),
});
export const environmentListSchema = z.looseObject({
  environments: z.array(z.looseObject({ key: z.string() })).default([]),
});

/** Plain JSON of the flag, as it is kept and sent. */
export function jsonOf(flag: FliptFlag): JsonObject {
  return JSON.parse(JSON.stringify(flag)) as JsonObject;
}
