import { z } from 'zod';
import { credentialSchema, durationSchema, httpUrlSchema, nameSchema } from '../scalars.ts';

const environmentField = nameSchema
  .optional()
  .describe('Environment that it serves; without it the only production of the connection, or its only environment');

/** Places in the network that are asked over HTTP. */
const endpointFields = {
  region: z.string().min(1).max(100).describe('Region that the answers hold for, such as eu-west'),
  instance: z.string().min(1).max(100).optional().describe('Name of what answers; without it the host of the address'),
  environment: environmentField,
  url: httpUrlSchema.describe('Address, such as http://127.0.0.1:8016'),
  credential: credentialSchema.optional().describe('env:NAME, an environment variable that holds the token'),
  ca: z.string().min(1).optional().describe("File with a private authority's certificate, PEM, relative to scram.yaml"),
  timeout: durationSchema.prefault('5s').describe('Time that one request may take, such as 5s'),
};

/** What running services observe (B5): a metric query that yields the variant per instance. */
export const metricObserverSchema = z.strictObject({
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

/** What a flag daemon or relay serves now, by OpenFeature's remote evaluation protocol (OFREP). */
export const ofrepObserverSchema = z.strictObject({
  kind: z.literal('ofrep').describe("OpenFeature's remote evaluation: flagd, Flipt, GO Feature Flag's relay"),
  ...endpointFields,
  header: z.enum(['bearer', 'x-api-key']).default('bearer').describe('How the credential is sent: bearer or x-api-key'),
  headers: z
    .record(z.string().regex(/^[A-Za-z0-9-]+$/, 'the name of a header'), z.string().max(1000))
    .optional()
    .describe('Headers beside the credential, such as { X-Flipt-Namespace: default }'),
  users: z
    .array(z.string().min(1).max(200))
    .min(1)
    .max(20)
    .default(Array.from({ length: 10 }, (_, index) => `scram-observer-${index + 1}`))
    .describe(
      'targetingKey of the users that it is asked for: of a flag that a share of users has, only those who had it prove that it went',
    ),
});

/** What an SDK would get from Unleash, its proxy or Edge. */
export const unleashObserverSchema = z.strictObject({
  kind: z.literal('unleash').describe("Unleash's client API: what an SDK would get"),
  ...endpointFields,
});

const observedPointer = (what: string) =>
  z
    .string()
    .regex(/^(\/([^~]|~[01])*)?$/, 'a JSON pointer (RFC 6901), such as /variant')
    .optional()
    .describe(`JSON pointer to ${what} in the answer; it may hold $flag`);

/** Any endpoint that tells the value in use as JSON. */
export const httpObserverSchema = z
  .strictObject({
    kind: z.literal('http').describe('An endpoint of the services that tells which value is in use'),
    ...endpointFields,
    path: z
      .string()
      .regex(/^\/[\x21-\x7e]*$/, 'a path with its query, such as /flags/$flag')
      .describe("Path that is asked; $flag stands for the flag's key, $environment for the environment"),
    variant: observedPointer("the variant's name"),
    value: observedPointer('the value'),
  })
  .refine(({ variant, value }) => variant !== undefined || value !== undefined, {
    path: ['value'],
    error: 'a JSON pointer for variant, for value, or for both',
  })
  .refine(
    ({ path, variant, value }) =>
      path.includes('$flag') || [variant, value].every((pointer) => pointer === undefined || pointer.includes('$flag')),
    { path: ['path'], error: '$flag in the path, or in the pointers where one answer tells of every flag' },
  );

/** The practice world's own instances. Only the sandbox writes this. */
export const sandboxObserverSchema = z.strictObject({
  kind: z.literal('sandbox').describe("The practice world's own instances"),
});

export const observerSchema = z.discriminatedUnion('kind', [
  metricObserverSchema,
  ofrepObserverSchema,
  unleashObserverSchema,
  httpObserverSchema,
  sandboxObserverSchema,
]);
export type ObserverConfig = z.output<typeof observerSchema>;
export type ObserverConfigOf<K extends ObserverConfig['kind']> = Extract<ObserverConfig, { kind: K }>;
