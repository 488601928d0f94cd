import { z } from 'zod';
import { flagdConnectionSchema } from './flagd.ts';
import { flagsmithConnectionSchema } from './flagsmith.ts';
import { fliptConnectionSchema } from './flipt.ts';
import { httpConnectionSchema } from './http.ts';
import { launchdarklyConnectionSchema } from './launchdarkly.ts';
import { prometheusConnectionSchema, sandboxConnectionSchema } from './metrics.ts';
import {
  etcdConnectionSchema,
  gitConnectionSchema,
  goffConnectionSchema,
  kubernetesConnectionSchema,
  redisConnectionSchema,
} from './stores.ts';
import { unleashConnectionSchema } from './unleash.ts';

export * from './observers.ts';

/** Connections that hold flags: one schema for each adapter in `electron/providers/registry.ts`. */
const flagConnectionSchema = z.discriminatedUnion('kind', [
  flagdConnectionSchema,
  unleashConnectionSchema,
  launchdarklyConnectionSchema,
  fliptConnectionSchema,
  flagsmithConnectionSchema,
  goffConnectionSchema,
  etcdConnectionSchema,
  redisConnectionSchema,
  gitConnectionSchema,
  kubernetesConnectionSchema,
  httpConnectionSchema,
]);
/** Connections that answer metric queries. */
const metricConnectionSchema = z.discriminatedUnion('kind', [prometheusConnectionSchema, sandboxConnectionSchema]);

export const connectionSchema = z.discriminatedUnion('kind', [
  ...flagConnectionSchema.options,
  ...metricConnectionSchema.options,
]);
export type ConnectionConfig = z.output<typeof connectionSchema>;
export type FlagConnectionConfig = z.output<typeof flagConnectionSchema>;
export type MetricConnectionConfig = z.output<typeof metricConnectionSchema>;
export type FlagKind = FlagConnectionConfig['kind'];
/** The configuration of one kind. */
export type ConnectionConfigOf<K extends ConnectionConfig['kind']> = Extract<ConnectionConfig, { kind: K }>;

const kindsOf = (options: readonly { shape: { kind: z.ZodLiteral<string> } }[]): ReadonlySet<string> =>
  new Set(options.map((option) => option.shape.kind.value));

/** Kinds that hold flags, and kinds that answer metric queries. */
export const FLAG_KINDS: ReadonlySet<string> = kindsOf(flagConnectionSchema.options);
export const METRIC_KINDS: ReadonlySet<string> = kindsOf(metricConnectionSchema.options);

export function isFlagConnection(connection: ConnectionConfig): connection is FlagConnectionConfig {
  return FLAG_KINDS.has(connection.kind);
}
