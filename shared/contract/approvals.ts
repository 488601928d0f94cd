import { z } from 'zod';
import { approvalItemSchema, approvalsStateSchema, approvalSubjectSchema, armouredSchema } from '../model/approval.ts';
import { hashSchema } from './changes.ts';
import { call, nothingSchema, stream } from './define.ts';

const decision = { request: hashSchema, decision: z.enum(['approve', 'refuse']), reason: z.string().max(2000) };
const breakGlassId = z.string().min(1).max(100);

export const approvalsContract = {
  'approvals.watch': stream({
    access: 'view',
    input: nothingSchema,
    snapshot: approvalsStateSchema,
    delta: approvalsStateSchema,
  }),
  /** Asks for a second person to approve what was proposed. */
  'approvals.request': call({
    access: 'act',
    input: z.strictObject({ subject: approvalSubjectSchema }),
    output: approvalItemSchema,
  }),
  'approvals.withdraw': call({ access: 'act', input: z.strictObject({ request: hashSchema }), output: nothingSchema }),
  /** Decides as the person of this session. */
  'approvals.decide': call({ access: 'approve', input: z.strictObject(decision), output: approvalItemSchema }),
  /** Decides as a second person at the same desk, whose rights are checked; the first one's session stays (D4). */
  'approvals.decideBeside': call({
    access: 'view',
    input: z.strictObject({
      ...decision,
      operator: z.string().min(1).max(100),
      passphrase: z.string().min(1).max(1000),
    }),
    output: approvalItemSchema,
  }),
  /** A request, or the decision once there is one, as a text block for any channel (D4). */
  'approvals.export': call({
    access: 'view',
    input: z.strictObject({ request: hashSchema, what: z.enum(['request', 'decision']) }),
    output: armouredSchema,
  }),
  /** Takes a text block in: a request from elsewhere, or a decision on one of ours. Throws what is wrong with it. */
  'approvals.import': call({
    access: 'view',
    input: z.strictObject({ text: z.string().min(1).max(100_000) }),
    output: z.strictObject({ kind: z.enum(['request', 'decision']), item: approvalItemSchema }),
  }),
  /** Opens a time in which this person may act alone in an environment (D3). */
  'approvals.breakGlass': call({
    access: 'act',
    input: z.strictObject({ environment: z.string().max(200), reason: z.string().min(1).max(2000) }),
    output: z.strictObject({ id: z.string(), untilMs: z.number() }),
  }),
  'approvals.endBreakGlass': call({
    access: 'act',
    input: z.strictObject({ id: breakGlassId }),
    output: nothingSchema,
  }),
  'approvals.reviewBreakGlass': call({
    access: 'approve',
    input: z.strictObject({
      id: breakGlassId,
      verdict: z.enum(['accepted', 'contested']),
      note: z.string().max(2000),
    }),
    output: nothingSchema,
  }),
} as const;
