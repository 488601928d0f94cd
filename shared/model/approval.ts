import { z } from 'zod';
import { changeSchema } from './change.ts';
import { batchSchema } from './batch.ts';
import { personRefSchema } from './operator.ts';

/** What is approved: exactly one change, or one bulk kill with all its changes, by its hash. */
export const approvalSubjectSchema = z.strictObject({
  kind: z.enum(['change', 'batch']),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});
export type ApprovalSubject = z.infer<typeof approvalSubjectSchema>;

/** What the requester signs (D1): the subject, where it is to be executed, and until when. */
export const approvalRequestBodySchema = z.strictObject({
  version: z.literal(1),
  id: z.string(),
  subject: approvalSubjectSchema,
  environment: z.string(),
  /** The device that may execute it, and no other. */
  device: z.string(),
  requester: personRefSchema,
  atMs: z.number().int(),
  expiresAtMs: z.number().int(),
});
export type ApprovalRequestBody = z.infer<typeof approvalRequestBodySchema>;

export const approvalRequestSchema = z.strictObject({
  body: approvalRequestBodySchema,
  /** SHA-256 of the canonical body: what a decision names. */
  hash: z.string().length(64),
  /** Requester's key over `scram-request-v1` and the hash. */
  signature: z.string(),
});
export type ApprovalRequest = z.infer<typeof approvalRequestSchema>;

/** What the second person signs. It names everything again, so that it can stand for nothing else. */
export const decisionBodySchema = z.strictObject({
  version: z.literal(1),
  /** Hash of the request. */
  request: z.string().length(64),
  subject: approvalSubjectSchema,
  environment: z.string(),
  device: z.string(),
  decision: z.enum(['approve', 'refuse']),
  reason: z.string().max(2000),
  by: personRefSchema,
  atMs: z.number().int(),
  expiresAtMs: z.number().int(),
});
export type DecisionBody = z.infer<typeof decisionBodySchema>;

export const decisionSchema = z.strictObject({
  body: decisionBodySchema,
  hash: z.string().length(64),
  /** Approver's key over `scram-decision-v1` and the hash. */
  signature: z.string(),
});
export type Decision = z.infer<typeof decisionSchema>;

/** Why a request can no longer be approved or executed. */
export const approvalEndSchema = z.enum(['refused', 'withdrawn', 'edited', 'moved', 'expired', 'used']);
export type ApprovalEnd = z.infer<typeof approvalEndSchema>;

export const approvalStateSchema = z.enum(['waiting', 'approved', ...approvalEndSchema.options]);
export type ApprovalState = z.infer<typeof approvalStateSchema>;

/** One request with everything that the second person must see (D1, D7). */
export const approvalItemSchema = z.strictObject({
  request: approvalRequestSchema,
  state: approvalStateSchema,
  /** Why it ended, in words; null while it has not. */
  why: z.string().nullable(),
  decision: decisionSchema.nullable(),
  /** The changes that it names: one, or all of a bulk kill. */
  changes: z.array(changeSchema).min(1),
  batch: batchSchema.nullable(),
  requesterName: z.string(),
  /** Null while nobody has decided. */
  deciderName: z.string().nullable(),
  /** Where it came from: this console, another over the team store, or a text block. */
  origin: z.enum(['here', 'team', 'bundle']),
  /** To read over a phone: both consoles show the same for the same request. */
  checkCode: z.string(),
  /** True when it is this device that may execute it. */
  executableHere: z.boolean(),
});
export type ApprovalItem = z.infer<typeof approvalItemSchema>;

/** One person acting alone in an emergency (D3). */
export const breakGlassSchema = z.strictObject({
  id: z.string(),
  environment: z.string(),
  reason: z.string().min(1).max(2000),
  device: z.string(),
  operator: z.string(),
  openedAtMs: z.number().int(),
  /** End of the time in which changes may be made alone. */
  untilMs: z.number().int(),
  /** When a second person must have looked at it. */
  reviewByMs: z.number().int(),
});
export type BreakGlass = z.infer<typeof breakGlassSchema>;

export const breakGlassItemSchema = z.strictObject({
  glass: breakGlassSchema,
  operatorName: z.string(),
  /** `open`: changes may be made alone now. `to-review`: over, nobody has looked at it. */
  state: z.enum(['open', 'to-review', 'overdue', 'reviewed']),
  endedAtMs: z.number().nullable(),
  /** Hashes of the changes that ran under it. */
  changes: z.array(z.string()),
  review: z
    .strictObject({
      verdict: z.enum(['accepted', 'contested']),
      note: z.string(),
      by: z.string(),
      byName: z.string(),
      atMs: z.number(),
    })
    .nullable(),
});
export type BreakGlassItem = z.infer<typeof breakGlassItemSchema>;

/** What the Approvals view, its badge and the strip in every view show. */
export const approvalsStateSchema = z.strictObject({
  /** Newest first: open ones, then those that ended lately. */
  items: z.array(approvalItemSchema),
  /** Those that wait for the person of this session. */
  forMe: z.number().int(),
  glass: z.array(breakGlassItemSchema),
  /** Environments whose policy lets one person act alone, for how long, and by when it must be reviewed; milliseconds. */
  glassAllowed: z.array(z.strictObject({ environment: z.string(), forMs: z.number(), reviewWithinMs: z.number() })),
});
export type ApprovalsState = z.infer<typeof approvalsStateSchema>;

/** A signed, armoured text block, as a person passes it on over any channel (D4). */
export const armouredSchema = z.strictObject({
  kind: z.enum(['request', 'decision', 'open-request', 'open-share']),
  text: z.string(),
  checkCode: z.string(),
  /** Rows of modules of a QR code, true for dark; null when the text is too long for one. */
  qr: z.array(z.array(z.boolean())).nullable(),
});
export type Armoured = z.infer<typeof armouredSchema>;
