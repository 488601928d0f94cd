import { z } from 'zod';
import { toneSchema } from '../environment.ts';
import { failStateSchema, flagTypeSchema, polaritySchema } from '../flag.ts';
import { objectiveSchema, sliUnitSchema } from '../sli.ts';
import { connectionSchema } from './connections.ts';
import { dateSchema, durationSchema, nameSchema } from './scalars.ts';

export * from './connections.ts';
export { parseDuration } from './scalars.ts';

const environmentConfigSchema = z.strictObject({
  tone: toneSchema.default('neutral'),
  propagationObjective: durationSchema.prefault('30s'),
});

const cohortSchema = z.strictObject({
  flag: z.string().min(1),
  /** The SLI's query for one cohort: `$cohort` stands for the value of `on` or `off`. */
  query: z.string().includes('$cohort', { message: 'a query that contains $cohort' }),
  on: z.string().default('true'),
  off: z.string().default('false'),
});

export const sliConfigSchema = z.strictObject({
  id: nameSchema,
  name: z.string().min(1).max(100),
  connection: nameSchema,
  /** `$environment` stands for the environment's name; without it, the SLI belongs to `environment`. */
  query: z.string().min(1),
  environment: nameSchema.optional(),
  unit: sliUnitSchema,
  objective: objectiveSchema.optional(),
  cohort: cohortSchema.optional(),
});
export type SliConfig = z.output<typeof sliConfigSchema>;

const serviceSchema = z.strictObject({
  id: nameSchema,
  owner: z.string().max(100).optional(),
  flags: z.array(z.strictObject({ connection: nameSchema, key: z.string().min(1) })).default([]),
  dependencies: z.array(z.strictObject({ id: nameSchema, killSwitch: z.string().min(1).optional() })).default([]),
  slis: z.array(sliConfigSchema).default([]),
});
export type ServiceConfig = z.output<typeof serviceSchema>;

/** What the provider does not know about a flag (B1). */
const flagFactsSchema = z.strictObject({
  key: z.string().min(1),
  connection: nameSchema.optional(),
  type: flagTypeSchema.optional(),
  polarity: polaritySchema.optional(),
  owner: z.string().max(100).optional(),
  expires: dateSchema.optional(),
  /** The variant that a kill serves, where it does not follow from the variants themselves. */
  safeDefault: z.string().min(1).optional(),
  fallback: z.string().max(500).optional(),
  failState: failStateSchema.optional(),
  critical: z.boolean().default(false),
  tags: z.array(z.string()).default([]),
});
export type FlagFacts = z.output<typeof flagFactsSchema>;

const demandSchema = z.strictObject({
  people: z.union([z.literal(1), z.literal(2)]).default(1),
  typed: z.boolean().optional(),
  rationale: z.boolean().optional(),
});
const policySchema = z.strictObject({ kill: demandSchema.optional(), restore: demandSchema.optional() });
export type PolicyConfig = z.output<typeof policySchema>;

/** `scram.yaml` as written in the file. Parse with `configSchema`; references are checked by `checkReferences`. */
export const configSchema = z.strictObject({
  version: z.literal(1),
  team: z.string().min(1).max(100),
  environments: z
    .record(nameSchema, environmentConfigSchema)
    .refine(
      (value) => Object.keys(value).length > 0,
      'at least one environment, such as production: { tone: production }',
    ),
  connections: z.array(connectionSchema).default([]),
  services: z.array(serviceSchema).default([]),
  flags: z.array(flagFactsSchema).default([]),
  policy: z.record(nameSchema, policySchema).default({}),
});
export type Config = z.output<typeof configSchema>;

/** Settings of the configuration that a later version reads: asked for now, they are refused by name. */
export const NOT_BUILT: Readonly<Record<string, string>> = {
  killSets: 'kill sets',
  triggers: 'trigger rules',
  operators: 'operators and four eyes',
  notify: 'notify targets',
  teamStore: 'the team store',
};
