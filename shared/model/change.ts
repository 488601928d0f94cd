import { z } from 'zod';
import { flagStateSchema, offMeaningSchema, polaritySchema } from './flag.ts';
import { toneSchema } from './environment.ts';
import { jsonValueSchema } from './json.ts';
import { roleSchema } from './operator.ts';
import { recoverySchema } from './recovery.ts';

/**
 * `kill`: serve the kill value to everyone. `undo`: put back the exact definition from before another change (B7).
 * `rollout`: give the feature to another share of users, keeping everything else.
 */
export const changeActionSchema = z.enum(['kill', 'undo', 'rollout']);
export type ChangeAction = z.infer<typeof changeActionSchema>;

/** What policy asks before a change may run (D2). */
export const policyDemandSchema = z.strictObject({
  people: z.number().int().min(1).max(2),
  /** The flag's name is to be typed: wide blast radius, a critical flag, or turning something on. */
  typed: z.boolean(),
  rationale: z.boolean(),
  /** Roles that may ask for the change; left out: those that may act. */
  roles: z.array(roleSchema).optional(),
  /** Roles that may be the second person; left out: those that may approve. */
  approvers: z.array(roleSchema).optional(),
  /** How long an approval may take, and holds once given, milliseconds. */
  approvalWithinMs: z.number().optional(),
});
export type PolicyDemand = z.infer<typeof policyDemandSchema>;

/** A state and what the provider needs to write or to put it back; `definition` is the provider's own object as read. */
export const changeSideSchema = flagStateSchema.extend({ definition: jsonValueSchema });

/**
 * Exactly what will happen (B2). Built by `preview`, hashed whole; `execute` takes nothing but the hash.
 * The `write` is the provider's instruction; the page shows it and cannot alter it.
 */
export const changePayloadSchema = z.strictObject({
  version: z.literal(1),
  id: z.string(),
  action: changeActionSchema,
  connection: z.string(),
  providerKind: z.string(),
  flag: z.string(),
  polarity: polaritySchema,
  environment: z.string(),
  providerEnvironment: z.string(),
  tone: toneSchema,
  before: changeSideSchema,
  after: changeSideSchema,
  write: jsonValueSchema,
  /** What "off" will mean once it is done (B16). */
  offMeaning: offMeaningSchema,
  affectedServices: z.array(z.string()),
  /** SLIs (`service/sli`) that prove the recovery (A4). */
  affectedSlis: z.array(z.string()),
  /** What else a person should know before confirming: overrides that are switched off too, and the like. */
  notes: z.array(z.string()).optional(),
  /** Hash of the change that this one reverses. */
  undoes: z.string().nullable(),
  demand: policyDemandSchema,
  device: z.string(),
  previewedAtMs: z.number(),
  expiresAtMs: z.number(),
});
export type ChangePayload = z.infer<typeof changePayloadSchema>;

export const changePreviewSchema = z.strictObject({
  hash: z.string(),
  payload: changePayloadSchema,
});
export type ChangePreview = z.infer<typeof changePreviewSchema>;

/** A payload with its rationale (D7); its hash is what approvals name and what `execute` takes. */
export const changeSchema = z.strictObject({
  hash: z.string(),
  payload: changePayloadSchema,
  rationale: z.string(),
  proposedAtMs: z.number(),
});
export type Change = z.infer<typeof changeSchema>;

/** "Accepted" is never called "off" (B14). `intended`: journalled, provider not yet answered. */
export const changeStageSchema = z.enum([
  'proposed',
  'requested',
  'accepted',
  'served',
  'observed',
  'refused',
  /** The provider asks for an approval of its own, to be given there. */
  'approval-required',
  'conflict',
  'failed',
]);
export type ChangeStage = z.infer<typeof changeStageSchema>;

export const observationSchema = z.strictObject({
  observer: z.string(),
  region: z.string().nullable(),
  instance: z.string(),
  /** Variant that the instance was last seen to use; null when it could not be told. */
  variant: z.string().nullable(),
  agrees: z.boolean(),
  atMs: z.number(),
  sinceMs: z.number(),
});
export type Observation = z.infer<typeof observationSchema>;

export const propagationSchema = z.strictObject({
  requestedAtMs: z.number().nullable(),
  acceptedAtMs: z.number().nullable(),
  servedAtMs: z.number().nullable(),
  observedAtMs: z.number().nullable(),
  observed: z.number().int(),
  expected: z.number().int(),
  /** False when no observer is configured: "observed" can then not be told, and is not claimed. */
  observers: z.boolean(),
  observations: z.array(observationSchema),
  /** When the slowest SDK must have it, from the configured refresh; null when unknown. Epoch ms. */
  worstCaseAtMs: z.number().nullable(),
  /** Past the environment's objective without being observed everywhere (B5). */
  overdue: z.boolean(),
});
export type Propagation = z.infer<typeof propagationSchema>;

/** Everything about one change, as it goes on. */
export const changeProgressSchema = z.strictObject({
  change: changeSchema,
  stage: changeStageSchema,
  problem: z.string().nullable(),
  propagation: propagationSchema,
  recoveries: z.array(recoverySchema),
  /** Hash of the change that undid this one. */
  undoneBy: z.string().nullable(),
});
export type ChangeProgress = z.infer<typeof changeProgressSchema>;
