import { z } from 'zod';
import { credentialSchema, durationSchema, httpUrlSchema, nameSchema } from './scalars.ts';

/** What running services observe (B5): a metric query that yields the variant per instance. */
const metricObserverSchema = z.strictObject({
  kind: z.literal('metric'),
  /** Id of a metric connection. */
  connection: nameSchema,
  /** `$flag` stands for the flag's key. Series with a value above zero say which variant an instance uses. */
  query: z.string().min(1),
  instanceLabel: z.string().default('instance'),
  variantLabel: z.string().default('variant'),
  regionLabel: z.string().default('region'),
});

/** The practice world's own instances. Only the sandbox writes this. */
const sandboxObserverSchema = z.strictObject({ kind: z.literal('sandbox') });

export const observerSchema = z.discriminatedUnion('kind', [metricObserverSchema, sandboxObserverSchema]);
export type ObserverConfig = z.output<typeof observerSchema>;

export const flagdConnectionSchema = z.strictObject({
  id: nameSchema,
  kind: z.literal('flagd'),
  /** Flag file of each environment, JSON or YAML, relative to `scram.yaml`. */
  files: z.record(nameSchema, z.string().min(1)),
  /** What the services' SDKs poll at: the worst case of propagation. */
  refresh: durationSchema.optional(),
  observers: z.array(observerSchema).default([]),
});

export const prometheusConnectionSchema = z.strictObject({
  id: nameSchema,
  kind: z.literal('prometheus'),
  url: httpUrlSchema,
  /** Secret text: a bearer token, or `user:password` for Basic. */
  credential: credentialSchema.optional(),
  /** File with the certificate of a private authority, PEM, relative to `scram.yaml`. */
  ca: z.string().min(1).optional(),
  /** Distance of samples and time between queries of a chart that is looked at. */
  refresh: durationSchema.prefault('1s'),
  timeout: durationSchema.prefault('5s'),
});

export const sandboxConnectionSchema = z.strictObject({
  id: nameSchema,
  kind: z.literal('sandbox'),
  refresh: durationSchema.prefault('1s'),
});

export const connectionSchema = z.discriminatedUnion('kind', [
  flagdConnectionSchema,
  prometheusConnectionSchema,
  sandboxConnectionSchema,
]);
export type ConnectionConfig = z.output<typeof connectionSchema>;
export type FlagdConnectionConfig = z.output<typeof flagdConnectionSchema>;
export type PrometheusConnectionConfig = z.output<typeof prometheusConnectionSchema>;

export const FLAG_KINDS: ReadonlySet<ConnectionConfig['kind']> = new Set(['flagd']);
