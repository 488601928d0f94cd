import { z } from 'zod';
import { type JsonObject, jsonValueSchema } from '../../../../shared/model/json.ts';

/** What Unleash answers (its openapi.json), as far as it is read here. Lists that older versions leave out are empty. */

const listOfObjects = z.array(z.record(z.string(), jsonValueSchema)).nullish();

export const strategySchema = z.object({
  id: z.string(),
  name: z.string(),
  title: z.string().nullish(),
  disabled: z.boolean().nullish(),
  parameters: z.record(z.string(), jsonValueSchema).nullish(),
  constraints: listOfObjects,
  variants: listOfObjects,
  segments: z.array(z.number()).nullish(),
  sortOrder: z.number().nullish(),
});
export type StrategyAnswer = z.infer<typeof strategySchema>;

export const dependencySchema = z.object({
  feature: z.string(),
  enabled: z.boolean().nullish(),
  variants: z.array(z.string()).nullish(),
});
export type DependencyAnswer = z.infer<typeof dependencySchema>;

const timeSchema = z.string().nullish();

/** `GET …/projects/P/features/F?variantEnvironments=true` (projectFeatureSchema). */
export const flagSchema = z.object({
  name: z.string(),
  type: z.string().nullish(),
  description: z.string().nullish(),
  project: z.string().nullish(),
  stale: z.boolean().nullish(),
  archived: z.boolean().nullish(),
  createdBy: z.object({ id: z.number().nullish(), name: z.string().nullish() }).nullish(),
  dependencies: z.array(dependencySchema).nullish(),
  children: z.array(z.string()).nullish(),
  environments: z.array(
    z.object({
      name: z.string(),
      enabled: z.boolean(),
      lastSeenAt: timeSchema,
      strategies: z.array(strategySchema),
      variants: listOfObjects,
    }),
  ),
});
export type FlagAnswer = z.infer<typeof flagSchema>;

const tagSchema = z.object({ type: z.string(), value: z.string() });
export const tagsSchema = z.object({ tags: z.array(tagSchema) });
export type TagAnswer = z.infer<typeof tagSchema>;

/** `GET …/projects/P/features`: every flag with its environments, without strategies. */
export const listSchema = z.object({
  features: z.array(
    z.object({
      name: z.string(),
      type: z.string().nullish(),
      description: z.string().nullish(),
      stale: z.boolean().nullish(),
      tags: z.array(tagSchema).nullish(),
      environments: z.array(
        z.object({
          name: z.string(),
          enabled: z.boolean(),
          lastSeenAt: timeSchema,
          hasStrategies: z.boolean().nullish(),
          hasEnabledStrategies: z.boolean().nullish(),
        }),
      ),
    }),
  ),
});
export type ListRow = z.infer<typeof listSchema>['features'][number];

/** `POST …/features-batch/export` (exportResultSchema). Strategies come in no order, and those of release plans not at all. */
export const exportSchema = z.object({
  features: z.array(z.object({ name: z.string() })),
  featureStrategies: z.array(strategySchema.extend({ featureName: z.string() })),
  featureEnvironments: z.array(
    z.object({ featureName: z.string(), environment: z.string(), enabled: z.boolean(), variants: listOfObjects }),
  ),
  dependencies: z.array(z.object({ feature: z.string(), dependencies: z.array(dependencySchema) })).nullish(),
});

export const eventSchema = z.object({
  id: z.number(),
  type: z.string(),
  createdBy: z.string().nullish(),
  createdAt: z.string(),
  featureName: z.string().nullish(),
  environment: z.string().nullish(),
  label: z.string().nullish(),
  summary: z.string().nullish(),
});
export type EventAnswer = z.infer<typeof eventSchema>;
export const eventsSchema = z.object({ events: z.array(eventSchema), total: z.number() });

export const segmentsSchema = z.object({ segments: z.array(z.object({ id: z.number(), name: z.string() })) });

/** Epoch ms of a time as Unleash writes it; null when there is none. */
export function timeOf(text: string | null | undefined): number | null {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? null : ms;
}

/** Lists that are missing are empty, for Unleash as for us. */
export function objectsOf(list: readonly JsonObject[] | null | undefined): JsonObject[] {
  return list === null || list === undefined ? [] : [...list];
}
