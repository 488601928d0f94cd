import { z } from 'zod';
import { toneSchema } from '../environment.ts';
import { failStateSchema, flagTypeSchema, polaritySchema } from '../flag.ts';
import { objectiveSchema, sliUnitSchema } from '../sli.ts';
import { connectionSchema } from './connections/index.ts';
import { notifyTargetSchema } from './notify.ts';
import { operatorConfigSchema } from './people.ts';
import { policySchema } from './policy.ts';
import { dateSchema, durationSchema, nameSchema } from './scalars.ts';
import { teamStoreSchema } from './team-store.ts';

export * from './connections/index.ts';
export type { NotifyTargetConfig } from './notify.ts';
export type { OperatorConfig } from './people.ts';
export type { PolicyConfig, PolicyRule, PolicyWindow } from './policy.ts';
export type { TeamStoreConfig } from './team-store.ts';
export { parseDuration } from './scalars.ts';

const environmentConfigSchema = z.strictObject({
  tone: toneSchema
    .default('neutral')
    .describe('production: drawn as dangerous, with its name in capitals. neutral: anything else.'),
  propagationObjective: durationSchema
    .prefault('30s')
    .describe(
      'Time a change may take to be observed on every instance before the console raises an alarm, such as 30s',
    ),
});

const cohortSchema = z.strictObject({
  flag: z.string().min(1).describe('Key of a flag that the service lists under flags'),
  query: z
    .string()
    .includes('$cohort', { message: 'a query that contains $cohort' })
    .describe('The query for one cohort: $cohort stands for the value of on, then of off'),
  on: z.string().default('true').describe('What $cohort becomes for users with the flag on'),
  off: z.string().default('false').describe('What $cohort becomes for users with the flag off'),
});

export const sliConfigSchema = z.strictObject({
  id: nameSchema.describe('Id of the SLI, once in its service; SERVICE/ID names it elsewhere'),
  name: z.string().min(1).max(100).describe('Name on the chart, such as p99 latency'),
  connection: nameSchema.describe('Id of a metric connection'),
  query: z
    .string()
    .min(1)
    .describe("Query in the source's own language; $environment stands for the environment's name"),
  environment: nameSchema.optional().describe('The one environment that a query without $environment speaks of'),
  unit: sliUnitSchema.describe('What the values are: s, ms, ratio, percent, per_second, count or bytes'),
  objective: z
    .union(objectiveSchema.options, { error: 'one bound, as { below: 0.6 } or { above: 0.999 }' })
    .optional()
    .describe('The good side of the value: one bound, as { below: 0.6 } or { above: 0.999 }'),
  cohort: cohortSchema.optional().describe('Splits the SLI by a flag: users with it on against users with it off'),
});
export type SliConfig = z.output<typeof sliConfigSchema>;

const serviceFlagSchema = z.strictObject({
  connection: nameSchema.describe('Id of a flag connection'),
  key: z.string().min(1).describe('Key of the flag at its provider'),
});

const dependencySchema = z.strictObject({
  id: nameSchema.describe('What the service depends on'),
  killSwitch: z.string().min(1).optional().describe('Key of the flag that cuts the dependency off'),
});

const serviceSchema = z.strictObject({
  id: nameSchema.describe('Id of the service, once in the file'),
  owner: z.string().max(100).optional().describe('Team or person who answers for it'),
  flags: z
    .array(serviceFlagSchema)
    .default([])
    .describe('Flags that change how the service behaves: the suspects when one of its SLIs breaks'),
  dependencies: z.array(dependencySchema).default([]).describe('What the service can be cut off from'),
  slis: z.array(sliConfigSchema).default([]).describe('Charts of the service, and what proves its recovery'),
});
export type ServiceConfig = z.output<typeof serviceSchema>;

/** What the provider does not know about a flag (B1). */
const flagFactsSchema = z.strictObject({
  key: z.string().min(1).describe('Key of the flag at its provider'),
  connection: nameSchema
    .optional()
    .describe('Id of a flag connection; without it, the flag of this key wherever it is'),
  type: flagTypeSchema.optional().describe('release, experiment, permission or ops'),
  polarity: polaritySchema
    .optional()
    .describe(
      'enables: true turns the feature on, a kill serves the off variant. disables: the reverse (ops_disable_*).',
    ),
  owner: z.string().max(100).optional().describe('Team or person who answers for it'),
  expires: dateSchema.optional().describe('Day from which the flag counts as stale, such as 2026-12-31'),
  safeDefault: z
    .string()
    .min(1)
    .optional()
    .describe('Variant that a kill serves, where it does not follow from the variants themselves'),
  fallback: z.string().max(500).optional().describe('What users get while the feature is off'),
  failState: failStateSchema
    .optional()
    .describe('What the services do when the flag system itself fails: feature-on or feature-off'),
  critical: z.boolean().default(false).describe('true: listed first, and must stay killable'),
  tags: z.array(z.string()).default([]).describe('Words to find the flag by'),
});
export type FlagFacts = z.output<typeof flagFactsSchema>;

const killSetFlagSchema = z.union(
  [
    z.string().min(1),
    z.strictObject({
      connection: nameSchema.describe('Id of a flag connection'),
      key: z.string().min(1).describe('Key of the flag at its provider'),
    }),
  ],
  { error: "a flag's key, or { connection: C, key: K } where two connections have it" },
);

const killSetSchema = z.strictObject({
  id: nameSchema.describe('Id of the kill set, once in the file'),
  flags: z.array(killSetFlagSchema).min(1).describe('Its flags, in the order in which they are killed'),
});
export type KillSetConfig = z.output<typeof killSetSchema>;

/**
 * `scram.yaml` as written in the file; `parseConfig` reads it. The descriptions are what an editor shows, and what a
 * problem names as expected. Messages of the checks are written to follow on "is not".
 */
export const configSchema = z.strictObject({
  version: z.literal(1).describe('Version of this file format: 1'),
  team: z.string().min(1).max(100).describe("The team's name, shown at the top of the page"),
  environments: z
    .record(nameSchema, environmentConfigSchema)
    .refine(
      (value) => Object.keys(value).length > 0,
      'at least one environment, such as production: { tone: production }',
    )
    .describe('Environments by name, such as production: { tone: production }'),
  connections: z.array(connectionSchema).default([]).describe('Flag systems and metric sources'),
  services: z.array(serviceSchema).default([]).describe('Services, their flags and their SLIs'),
  flags: z.array(flagFactsSchema).default([]).describe('What the provider does not know about a flag'),
  killSets: z.array(killSetSchema).default([]).describe('Named, ordered sets of flags that are killed together'),
  policy: z.record(nameSchema, policySchema).default({}).describe('What a change takes, by environment'),
  operators: z
    .array(operatorConfigSchema)
    .default([])
    .describe(
      'The people of the team and their public keys; in force once an admin has signed them (scram roster sign)',
    ),
  lockAfter: durationSchema
    .prefault('15m')
    .describe('Time without use after which an unlocked console locks itself, such as 15m'),
  notify: z
    .array(notifyTargetSchema)
    .default([])
    .describe('Where messages go: chat, pager, e-mail, an endpoint of your own'),
  teamStore: teamStoreSchema.optional().describe("Where the team's consoles exchange their records"),
});
export type Config = z.output<typeof configSchema>;

/** Settings of the configuration that a later version reads: asked for now, they are refused by name. */
export const NOT_BUILT: Readonly<Record<string, string>> = {
  triggers: 'trigger rules',
  routes: 'other routes to the provider',
  rollback: 'roll-backs',
};

/** Kinds of connections and observers that a later version has. */
export const NOT_BUILT_KINDS: ReadonlySet<string> = new Set([
  'ofrep',
  'growthbook',
  'configcat',
  'posthog',
  'statsig',
  'split',
]);
