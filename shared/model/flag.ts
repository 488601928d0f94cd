import { z } from 'zod';
import { jsonValueSchema } from './json.ts';

export const flagTypeSchema = z.enum(['release', 'experiment', 'permission', 'ops']);
export type FlagType = z.infer<typeof flagTypeSchema>;

/**
 * What the flag's `true` does to its feature (B1). `enables`: true turns the feature on, a kill serves the off
 * variant. `disables`: an `ops_disable_*` switch, true turns the feature off, a kill serves the on variant.
 */
export const polaritySchema = z.enum(['enables', 'disables']);
export type Polarity = z.infer<typeof polaritySchema>;

/** What "off" means at this provider (B16). */
export const offMeaningSchema = z.enum(['off-value', 'code-default', 'absent']);
export type OffMeaning = z.infer<typeof offMeaningSchema>;

/** Who gets the feature, polarity already applied. `code-default`: the provider leaves it to the services' code. */
export const exposureSchema = z.enum(['everyone', 'some', 'nobody', 'code-default', 'unknown']);
export type Exposure = z.infer<typeof exposureSchema>;

/** The value that services fall back to when the flag system itself fails (B15). */
export const failStateSchema = z.enum(['feature-on', 'feature-off']);

export const variantSchema = z.strictObject({ name: z.string(), value: jsonValueSchema });
export type Variant = z.infer<typeof variantSchema>;

/** What a flag serves in one environment, in words that need no knowledge of the provider. */
export const flagStateSchema = z.strictObject({
  exposure: exposureSchema,
  /** Share of users who get the feature, 0 to 100; null where rules do not tell. */
  percentage: z.number().min(0).max(100).nullable(),
  /** Name of the variant served where no rule matches; null when the code's own default is served. */
  serves: z.string().nullable(),
  /** The targeting rules on one line; null when there are none. */
  targeting: z.string().nullable(),
  /** True when the kill is in force: the kill value is served to everyone, whatever the rules say (B16). */
  killed: z.boolean(),
  offMeaning: offMeaningSchema,
  /** Opaque mark of this exact state. Two reads with the same revision read the same state (B2). */
  revision: z.string(),
});
export type FlagState = z.infer<typeof flagStateSchema>;

export const flagEnvironmentSchema = flagStateSchema.extend({
  environment: z.string(),
  /** The provider's own name of the environment, shown beside ours (B3): for a file, its path. */
  providerEnvironment: z.string(),
  /** Last change that this console saw or made; null when none is known. */
  changedAtMs: z.number().nullable(),
  changedBy: z.string().nullable(),
  /** When a service last asked the provider for it; null where the provider does not tell. */
  lastSeenAtMs: z.number().nullable(),
});
export type FlagEnvironment = z.infer<typeof flagEnvironmentSchema>;

/** The normalised flag over every provider (B1). */
export const flagSchema = z.strictObject({
  connection: z.string(),
  key: z.string(),
  description: z.string().nullable(),
  type: flagTypeSchema,
  polarity: polaritySchema,
  variants: z.array(variantSchema),
  owner: z.string().nullable(),
  expiresAtMs: z.number().nullable(),
  /** Variant that is safe to serve; the kill serves it. Null when it cannot be told, and a kill is then refused. */
  safeDefault: z.string().nullable(),
  /** The degraded mode, described. */
  fallback: z.string().nullable(),
  failState: failStateSchema.nullable(),
  critical: z.boolean(),
  stale: z.boolean(),
  lastDrillAtMs: z.number().nullable(),
  tags: z.array(z.string()),
  services: z.array(z.string()),
  environments: z.array(flagEnvironmentSchema),
});
export type Flag = z.infer<typeof flagSchema>;

/** One line of the Flags view: one flag in one environment. */
export const flagRowSchema = z.strictObject({
  connection: z.string(),
  key: z.string(),
  type: flagTypeSchema,
  polarity: polaritySchema,
  owner: z.string().nullable(),
  critical: z.boolean(),
  stale: z.boolean(),
  services: z.array(z.string()),
  exposure: exposureSchema,
  percentage: z.number().nullable(),
  serves: z.string().nullable(),
  targeting: z.string().nullable(),
  killed: z.boolean(),
  /** False when the safe value is not known, so that no kill can be offered. */
  killable: z.boolean(),
  changedAtMs: z.number().nullable(),
});
export type FlagRow = z.infer<typeof flagRowSchema>;

/** Names a flag within a console: `connection/key`. */
export function flagId(ref: { connection: string; key: string }): string {
  return `${ref.connection}/${ref.key}`;
}
