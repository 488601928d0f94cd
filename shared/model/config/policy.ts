import { z } from 'zod';
import { flagTypeSchema } from '../flag.ts';
import { roleSchema } from '../operator.ts';
import { durationSchema } from './scalars.ts';

const daySchema = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);
const timeSchema = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day such as 09:00');

const closingSchema = z.union([timeSchema, z.literal('24:00')], { error: 'a time of day such as 17:00, or 24:00' });

const windowSchema = z.strictObject({
  days: z
    .array(daySchema)
    .min(1)
    .default(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])
    .describe('Days on which it opens: mon to sun'),
  from: timeSchema.describe('Time of day at which it opens, such as 09:00'),
  to: closingSchema.describe('Time of day at which it closes, up to 24:00; earlier than from: on the next day'),
  timeZone: z.string().max(60).default('UTC').describe('Time zone of both, such as Europe/Berlin'),
});

const demandShape = {
  people: z
    .union([z.literal(1), z.literal(2)], { error: '1 or 2' })
    .optional()
    .describe('How many people a change takes: 1 or 2'),
  typed: z.boolean().optional().describe("true: the flag's name must be typed to confirm"),
  rationale: z.boolean().optional().describe('true: a reason must be given'),
  roles: z.array(roleSchema).min(1).optional().describe('Roles that may make or ask for the change'),
  approvers: z.array(roleSchema).min(1).optional().describe('Roles that may be the second person'),
  approvalWithin: durationSchema
    .optional()
    .describe('How long an approval may take, and holds once it is given, such as 30m'),
  windows: z
    .array(windowSchema)
    .min(1)
    .optional()
    .describe('When such changes may be made; at other times they are held'),
};

const demandSchema = z.strictObject(demandShape);

const ruleSchema = z.strictObject({
  types: z.array(flagTypeSchema).min(1).optional().describe('Flag types that it holds for'),
  flags: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('Keys of the flags that it holds for; * stands for any run of characters'),
  critical: z.boolean().optional().describe('true: for critical flags only; false: for the others only'),
  direction: z
    .enum(['kill', 'restore'])
    .optional()
    .describe('kill: taking a feature away. restore: giving it back. Left out: both'),
  ...demandShape,
});

const breakGlassSchema = z.strictObject({
  allowed: z.boolean().default(false).describe('true: one person may act alone in an emergency, loudly'),
  roles: z.array(roleSchema).min(1).optional().describe('Roles that may break the glass'),
  for: durationSchema.prefault('15m').describe('How long changes may then be made alone, such as 15m'),
  reviewWithin: durationSchema.prefault('24h').describe('When a second person must have looked at it, such as 24h'),
});

export const policySchema = z.strictObject({
  kill: demandSchema.optional().describe('What turning a feature off takes'),
  restore: demandSchema.optional().describe('What giving a feature to users, or putting an earlier state back, takes'),
  rules: z
    .array(ruleSchema)
    .optional()
    .describe('Exceptions by flag type, flag and direction; of several that fit, the later wins'),
  coolDown: durationSchema
    .optional()
    .describe('Time after a restore of a flag in which it is not given to more users again, such as 10m'),
  breakGlass: breakGlassSchema.optional().describe('Whether one person may act alone in an emergency'),
});
export type PolicyConfig = z.output<typeof policySchema>;
export type PolicyRule = z.output<typeof ruleSchema>;
export type PolicyWindow = z.output<typeof windowSchema>;
