import { z } from 'zod';
import { credentialSchema, httpUrlSchema, nameSchema } from '../scalars.ts';
import { flagFields, httpFields, paceFields, idField } from './common.ts';

/** How a stored document of flags is written. */
export const documentFormatSchema = z
  .enum(['flagd', 'goff'])
  .default('flagd')
  .describe("flagd: flagd's flag file. goff: GO Feature Flag's flag file.");

const filesField = z.record(nameSchema, z.string().min(1));

/** GO Feature Flag: its flag files, and the relay that serves them. */
export const goffConnectionSchema = z.strictObject({
  id: idField,
  kind: z.literal('goff').describe("GO Feature Flag's flag files, and its relay"),
  ...flagFields,
  files: filesField.describe(
    'Flag file of each environment, YAML or JSON, relative to scram.yaml, as production: ./production.goff.yaml',
  ),
  relay: httpUrlSchema.optional().describe('Address of the relay, told to read its files again after a change'),
  credential: credentialSchema
    .optional()
    .describe("env:NAME, an environment variable that holds the relay's admin key"),
  ca: httpFields.ca,
  timeout: paceFields.timeout,
});

const keyPrefix = (example: string) =>
  z
    .record(nameSchema, z.string().min(1).max(500))
    .describe(`Where the flags of each environment are, as production: ${example}`);

const layoutFields = {
  layout: z
    .enum(['keys', 'document'])
    .default('keys')
    .describe('keys: one key for each flag, its value on or off. document: one key that holds a whole flag file.'),
  format: documentFormatSchema,
  values: z
    .strictObject({
      on: z.string().default('true').describe('Text that means on'),
      off: z.string().default('false').describe('Text that means off'),
    })
    .prefault({})
    .describe('What is stored for on and for off, with layout keys, as { on: "true", off: "false" }'),
};

export const etcdConnectionSchema = z.strictObject({
  id: idField,
  kind: z.literal('etcd').describe('Flags in etcd, version 3'),
  ...flagFields,
  ...paceFields,
  url: httpUrlSchema.describe('Address of the server, such as http://127.0.0.1:2379'),
  credential: credentialSchema.optional().describe('env:NAME, an environment variable that holds user:password'),
  ca: httpFields.ca,
  keys: keyPrefix('/flags/production/'),
  ...layoutFields,
});

export const redisConnectionSchema = z.strictObject({
  id: idField,
  kind: z.literal('redis').describe('Flags in Redis'),
  ...flagFields,
  ...paceFields,
  url: z
    .string()
    .regex(/^rediss?:\/\/[^@]+$/, 'redis://HOST:PORT/DATABASE, or rediss:// for TLS, without user and password')
    .describe('Address of the server, such as redis://127.0.0.1:6379/0'),
  credential: credentialSchema
    .optional()
    .describe('env:NAME, an environment variable that holds the password, or user:password'),
  ca: httpFields.ca,
  keys: keyPrefix('flags:production:'),
  ...layoutFields,
});

/** Flag files in a Git repository: a change is a commit that carries the reason, and a push. */
export const gitConnectionSchema = z.strictObject({
  id: idField,
  kind: z.literal('git').describe('Flag files in a Git repository'),
  ...flagFields,
  ...paceFields,
  repository: z
    .string()
    .min(1)
    .refine((text) => !/^https?:\/\/[^/?#]*@/.test(text), 'an address without user and password')
    .describe('Address of the repository as git takes it: https, ssh, or a folder'),
  branch: z.string().min(1).max(200).default('main').describe('Branch that the services read'),
  files: filesField.describe('Flag file of each environment in the repository, as production: flags/production.json'),
  format: documentFormatSchema,
  credential: credentialSchema
    .optional()
    .describe('env:NAME, an environment variable that holds a token, or user:token, for https'),
  author: z
    .strictObject({ name: z.string().min(1).max(100).describe('Name'), email: z.string().min(3).max(200).describe('E-mail address') })
    .prefault({ name: 'Scram', email: 'scram@localhost' })
    .describe('Author of the commits'),
});

const kubernetesResourceSchema = z.discriminatedUnion('resource', [
  z.strictObject({
    resource: z.literal('configmap').describe('A ConfigMap that holds a flag file'),
    namespace: z.string().min(1).max(253).describe('Namespace'),
    name: z.string().min(1).max(253).describe('Name of the ConfigMap'),
    key: z.string().min(1).max(253).describe('Key of the flag file in its data, such as flags.json'),
  }),
  z.strictObject({
    resource: z.literal('featureflag').describe("A FeatureFlag of flagd's operator"),
    namespace: z.string().min(1).max(253).describe('Namespace'),
    name: z.string().min(1).max(253).describe('Name of the FeatureFlag'),
  }),
]);

export const kubernetesConnectionSchema = z.strictObject({
  id: idField,
  kind: z.literal('kubernetes').describe('Flags in a Kubernetes ConfigMap or FeatureFlag'),
  ...flagFields,
  ...paceFields,
  kubeconfig: z
    .string()
    .min(1)
    .optional()
    .describe("File, relative to scram.yaml; without it KUBECONFIG, then the home folder's, as kubectl does"),
  context: z.string().min(1).optional().describe('Context of the file; without it the current one'),
  resources: z
    .record(nameSchema, kubernetesResourceSchema)
    .describe('Where the flags of each environment are, as production: { resource: configmap, … }'),
  format: documentFormatSchema,
});
