import { z } from 'zod';
import type { Scalar } from './definition.ts';

/**
 * Answers of Flagsmith's Admin API, as far as they are read (Flagsmith/flagsmith, api/: features/serializers.py,
 * features/feature_segments/serializers.py, features/versioning/serializers.py, environments/serializers.py,
 * edge_api/identities/serializers.py, audit/serializers.py).
 */
export const environmentSchema = z.looseObject({
  id: z.number().int(),
  name: z.string(),
  api_key: z.string().min(1),
  /** Change requests are demanded from one approval on. */
  minimum_change_request_approvals: z.number().int().nullish(),
  use_v2_feature_versioning: z.boolean().default(false),
});
export type FlagsmithEnvironment = z.output<typeof environmentSchema>;

export const projectSchema = z.looseObject({
  id: z.number().int(),
  name: z.string(),
  /** Identities are kept at the edge (SaaS) and not in Flagsmith's own database. */
  use_edge_identities: z.boolean().default(false),
});

/** A value with its type: `unicode`, `int` or `bool`. */
const typedValueSchema = z.looseObject({
  type: z.string().nullish(),
  string_value: z.string().nullish(),
  integer_value: z.number().int().nullish(),
  boolean_value: z.boolean().nullish(),
});
type TypedValue = z.output<typeof typedValueSchema>;

const scalarSchema = z.union([z.string(), z.number(), z.boolean()]).nullish();

export const featureSchema = z.looseObject({
  id: z.number().int(),
  name: z.string(),
  type: z.string().default('STANDARD'),
  description: z.string().nullish(),
  initial_value: scalarSchema,
  is_archived: z.boolean().default(false),
  owners: z.array(z.looseObject({ email: z.string().nullish() })).default([]),
  multivariate_options: z.array(typedValueSchema.extend({ id: z.number().int() })).default([]),
});
export type FlagsmithFeature = z.output<typeof featureSchema>;

const shareSchema = z.looseObject({
  id: z.number().int().optional(),
  multivariate_feature_option: z.number().int(),
  percentage_allocation: z.number(),
});
export type ShareRow = z.output<typeof shareSchema>;

/** One live state: of the environment, of a segment override (`feature_segment`) or of an identity's. */
export const stateSchema = z.looseObject({
  id: z.number().int(),
  feature: z.number().int(),
  feature_segment: z.number().int().nullish(),
  identity: z.number().int().nullish(),
  enabled: z.boolean(),
  feature_state_value: typedValueSchema.nullish(),
  multivariate_feature_state_values: z.array(shareSchema).default([]),
  updated_at: z.string().nullish(),
});
export type StateRow = z.output<typeof stateSchema>;

export const featureSegmentSchema = z.looseObject({
  id: z.number().int(),
  segment: z.number().int(),
  segment_name: z.string().default(''),
  priority: z.number().int().nullish(),
});
export type FeatureSegmentRow = z.output<typeof featureSegmentSchema>;

export const identityStateSchema = z.looseObject({
  id: z.number().int(),
  feature: z.number().int(),
  identity: z.looseObject({ id: z.number().int(), identifier: z.string() }),
  enabled: z.boolean(),
  feature_state_value: scalarSchema,
  multivariate_feature_state_values: z.array(shareSchema).default([]),
});
export type IdentityStateRow = z.output<typeof identityStateSchema>;

export const edgeOverridesSchema = z.looseObject({
  results: z.array(
    z.looseObject({
      identifier: z.string(),
      feature_state: z.looseObject({
        feature: z.number().int(),
        enabled: z.boolean(),
        feature_state_value: scalarSchema,
        multivariate_feature_state_values: z.array(shareSchema).default([]),
      }),
    }),
  ),
});
export type EdgeOverrideRow = z.output<typeof edgeOverridesSchema>['results'][number];

export interface SegmentRule {
  type?: string | undefined;
  rules?: SegmentRule[] | undefined;
  conditions?: { operator: string; value?: unknown }[] | undefined;
}
const ruleSchema: z.ZodType<SegmentRule> = z.lazy(() =>
  z.looseObject({
    type: z.string().optional(),
    rules: z.array(ruleSchema).optional(),
    conditions: z.array(z.looseObject({ operator: z.string(), value: z.unknown() })).optional(),
  }),
);
export const segmentSchema = z.looseObject({
  id: z.number().int(),
  name: z.string(),
  rules: z.array(ruleSchema).default([]),
});
export type SegmentRow = z.output<typeof segmentSchema>;

export const versionSchema = z.looseObject({
  uuid: z.string(),
  published: z.boolean(),
  is_live: z.boolean().nullish(),
});

export const auditSchema = z.looseObject({
  id: z.number().int(),
  created_date: z.string(),
  log: z.string(),
  author: z
    .looseObject({ email: z.string().nullish(), first_name: z.string().nullish(), last_name: z.string().nullish() })
    .nullish(),
  environment: z.looseObject({ id: z.number().int(), name: z.string() }).nullish(),
  related_object_type: z.string().nullish(),
});
export type AuditRow = z.output<typeof auditSchema>;

/** A page of Django REST framework; lists that are not paged are plain arrays. */
export const pageSchema = <T>(item: z.ZodType<T>) =>
  z.preprocess(
    (answer) => (Array.isArray(answer) ? { results: answer } : answer),
    z.looseObject({ count: z.number().int().optional(), next: z.string().nullish(), results: z.array(item) }),
  );

export function scalarOf(value: TypedValue | null | undefined): Scalar {
  if (!value) return null;
  if (value.type === 'int') return value.integer_value ?? null;
  if (value.type === 'bool') return value.boolean_value ?? null;
  return value.string_value ?? null;
}

/** As Flagsmith writes a value where it wants its type told. */
export function typedOf(value: Scalar): Record<string, unknown> {
  if (typeof value === 'number') return { type: 'int', string_value: null, integer_value: value, boolean_value: null };
  if (typeof value === 'boolean')
    return { type: 'bool', string_value: null, integer_value: null, boolean_value: value };
  return { type: 'unicode', string_value: value, integer_value: null, boolean_value: null };
}
