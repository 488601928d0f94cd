import { z } from 'zod';
import { credentialSchema, durationSchema, httpUrlSchema, nameSchema } from './scalars.ts';

/** What running services observe (B5): a metric query that yields the variant per instance. */
const metricObserverSchema = z.strictObject({
  kind: z.literal('metric').describe('A metric that tells which variant each instance uses'),
  connection: nameSchema.describe('Id of a metric connection'),
  query: z
    .string()
    .min(1)
    .describe("$flag stands for the flag's key. Series with a value above zero say which variant an instance uses."),
  instanceLabel: z.string().default('instance').describe('Label that names the instance'),
  variantLabel: z.string().default('variant').describe('Label that names the variant'),
  regionLabel: z.string().default('region').describe('Label that names the region'),
});

/** The practice world's own instances. Only the sandbox writes this. */
const sandboxObserverSchema = z.strictObject({
  kind: z.literal('sandbox').describe("The practice world's own instances"),
});

export const observerSchema = z.discriminatedUnion('kind', [metricObserverSchema, sandboxObserverSchema]);
export type ObserverConfig = z.output<typeof observerSchema>;

export const flagdConnectionSchema = z.strictObject({
  id: nameSchema.describe('Id of the connection, once in the file'),
  kind: z.literal('flagd').describe('flagd flag files'),
  files: z
    .record(nameSchema, z.string().min(1))
    .describe(
      'Flag file of each environment, JSON or YAML, relative to scram.yaml, as production: ./production.flagd.json',
    ),
  refresh: durationSchema
    .optional()
    .describe("What the services' SDKs poll at, the worst case of propagation, such as 15s"),
  observers: z.array(observerSchema).default([]).describe('How the console sees what running services use'),
});

export const prometheusConnectionSchema = z.strictObject({
  id: nameSchema.describe('Id of the connection, once in the file'),
  kind: z.literal('prometheus').describe('Prometheus, or what speaks its HTTP API'),
  url: httpUrlSchema.describe('Address of the server, such as http://127.0.0.1:9090'),
  credential: credentialSchema
    .optional()
    .describe('env:NAME, an environment variable that holds a bearer token, or user:password for Basic'),
  ca: z.string().min(1).optional().describe("File with a private authority's certificate, PEM, relative to scram.yaml"),
  refresh: durationSchema
    .prefault('1s')
    .describe('Distance of samples, and time between queries of a chart that is looked at, such as 1s'),
  timeout: durationSchema.prefault('5s').describe('Time that one query may take, such as 5s'),
});

export const sandboxConnectionSchema = z.strictObject({
  id: nameSchema.describe('Id of the connection, once in the file'),
  kind: z.literal('sandbox').describe("The practice world's metrics"),
  refresh: durationSchema.prefault('1s').describe('Distance of samples, such as 1s'),
});

export const connectionSchema = z.discriminatedUnion('kind', [
  flagdConnectionSchema,
  prometheusConnectionSchema,
  sandboxConnectionSchema,
]);
export type ConnectionConfig = z.output<typeof connectionSchema>;
export type FlagdConnectionConfig = z.output<typeof flagdConnectionSchema>;
export type PrometheusConnectionConfig = z.output<typeof prometheusConnectionSchema>;

/** Kinds that hold flags, and kinds that answer metric queries. */
export const FLAG_KINDS: ReadonlySet<string> = new Set<ConnectionConfig['kind']>(['flagd']);
export const METRIC_KINDS: ReadonlySet<string> = new Set<ConnectionConfig['kind']>(['prometheus', 'sandbox']);
