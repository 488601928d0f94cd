import { z } from 'zod';
import type { JsonValue } from '../../../../shared/model/json.ts';

/** Answers of LaunchDarkly's REST API v2, version 20240415, as far as they are used (launchdarkly.com/docs/api). */

const index = z.number().int().nonnegative();

/** What came from JSON.parse is JSON: not walked through again for each of 10,000 flags. */
const anyJson = z.unknown() as z.ZodType<JsonValue>;

const rolloutSchema = z.looseObject({
  /** Weights in thousandths of a percent, 100000 together. */
  variations: z.array(z.looseObject({ variation: index, weight: z.number().int().min(0).max(100_000) })),
  bucketBy: z.string().nullish(),
  contextKind: z.string().nullish(),
  seed: z.number().nullish(),
  experimentAllocation: z.looseObject({}).nullish(),
});
export type Rollout = z.infer<typeof rolloutSchema>;

/** What a rule or the fallthrough serves: one variation, or shares of several. */
export const servingSchema = z.looseObject({ variation: index.nullish(), rollout: rolloutSchema.nullish() });
export type Serving = z.infer<typeof servingSchema>;

const targetSchema = z.looseObject({ variation: index, values: z.array(z.string()) });
const ruleSchema = servingSchema.extend({
  description: z.string().nullish(),
  clauses: z
    .array(
      z.looseObject({
        attribute: z.string().default(''),
        op: z.string(),
        values: z.array(anyJson).default([]),
        negate: z.boolean().default(false),
        contextKind: z.string().nullish(),
      }),
    )
    .default([]),
});
export type Rule = z.infer<typeof ruleSchema>;

/** The parts of a flag that decide what it serves in one environment: what a change keeps, and may put back. */
export const targetingSchema = z.object({
  on: z.boolean(),
  /** Null: the caller's own default is served. */
  offVariation: index.nullish().transform((value) => value ?? null),
  fallthrough: servingSchema.default({}),
  targets: z.array(targetSchema).default([]),
  contextTargets: z.array(targetSchema).default([]),
  rules: z.array(ruleSchema).default([]),
  prerequisites: z.array(z.looseObject({ key: z.string(), variation: index })).default([]),
});
export type Targeting = z.infer<typeof targetingSchema>;

export const variationSchema = z.object({
  _id: z.string().nullish(),
  name: z.string().nullish(),
  value: anyJson,
});
export type Variation = z.infer<typeof variationSchema>;

/** A flag's configuration in one environment. Its rules are absent from summaries, which this console never asks for. */
const environmentSchema = z
  .object({
    on: z.boolean(),
    version: z.number().int(),
    lastModified: z.number().nullish(),
    archived: z.boolean().default(false),
  })
  .catchall(anyJson);
export type LdEnvironment = z.infer<typeof environmentSchema>;

const memberSchema = z.object({
  email: z.string().nullish(),
  firstName: z.string().nullish(),
  lastName: z.string().nullish(),
});
export type Member = z.infer<typeof memberSchema>;

export const flagSchema = z.object({
  key: z.string(),
  name: z.string().nullish(),
  description: z.string().nullish(),
  variations: z.array(variationSchema),
  tags: z.array(z.string()).default([]),
  archived: z.boolean().default(false),
  deprecated: z.boolean().nullish(),
  _maintainer: memberSchema.nullish(),
  _maintainerTeam: z.object({ key: z.string().nullish(), name: z.string().nullish() }).nullish(),
  /** Only those that the request asks for. */
  environments: z.record(z.string(), environmentSchema).nullish(),
});
export type LdFlag = z.infer<typeof flagSchema>;

export const flagsSchema = z.object({
  items: z.array(flagSchema),
  totalCount: z.number().int().nonnegative(),
  _links: z.looseObject({ next: z.object({ href: z.string() }).nullish() }).nullish(),
});
export type FlagPage = z.infer<typeof flagsSchema>;

/** An access is an action on a resource: `updateOn` on `proj/default:env/production:flag/enable_x`. */
export const auditEntrySchema = z.object({
  _id: z.string(),
  date: z.coerce.number(),
  kind: z.string().nullish(),
  name: z.string().nullish(),
  comment: z.string().nullish(),
  shortDescription: z.string().nullish(),
  titleVerb: z.string().nullish(),
  accesses: z.array(z.object({ action: z.string().nullish(), resource: z.string() })).nullish(),
  member: memberSchema.nullish(),
  token: z.object({ name: z.string().nullish() }).nullish(),
  app: z.object({ name: z.string().nullish() }).nullish(),
  subject: z.object({ name: z.string().nullish() }).nullish(),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;
export const auditLogSchema = z.object({ items: z.array(auditEntrySchema) });

/** GET /api/v2/caller-identity */
export const identitySchema = z.object({
  authKind: z.string().nullish(),
  tokenName: z.string().nullish(),
  tokenId: z.string().nullish(),
  serviceToken: z.boolean().nullish(),
});

/** GET /api/v2/tokens/{id} */
export const tokenSchema = z.object({
  role: z.string().nullish(),
  customRoleIds: z.array(z.string()).nullish(),
  inlineRole: z.array(z.unknown()).nullish(),
});

/** GET /api/v2/projects/{project}/environments/{environment}. It also holds SDK keys, which are not read. */
export const projectEnvironmentSchema = z.object({
  key: z.string(),
  name: z.string().nullish(),
  approvalSettings: z
    .object({
      required: z.boolean().default(false),
      /** When there are any, only flags with one of these tags need approval. */
      requiredApprovalTags: z.array(z.string()).nullish(),
      minNumApprovals: z.number().nullish(),
    })
    .nullish(),
});

/** An approval request, as each of launchdarkly.com/docs/api/approvals answers it. */
export const approvalRequestSchema = z.object({
  _id: z.string().min(1),
  description: z.string().nullish(),
  reviewStatus: z.enum(['approved', 'declined', 'pending']),
  status: z.enum(['pending', 'completed', 'failed', 'scheduled']),
  allReviews: z.array(z.object({ kind: z.string(), comment: z.string().nullish() })),
});
export type ApprovalRequest = z.infer<typeof approvalRequestSchema>;
export const approvalRequestsSchema = z.object({ items: z.array(approvalRequestSchema) });

export const refusalSchema = z.object({ code: z.string().nullish(), message: z.string() });
