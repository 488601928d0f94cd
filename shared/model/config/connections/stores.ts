import { z } from 'zod';
import { credentialSchema, httpUrlSchema, nameSchema } from '../scalars.ts';
import { flagFields, httpFields, paceFields, idField } from './common.ts';

/** How a stored document of flags is written. */
export const documentFormatSchema = z
  .enum(['flagd', 'goff'])
  .default('flagd')
  .describe("flagd: flagd's flag file. goff: GO Feature Flag's flag file.");

const goffFilesField = z
  .record(nameSchema, z.string().min(1))
  .refine((value) => Object.keys(value).length > 0, 'at least one environment')
  .refine(
    (value) => !Object.values(value).some((file) => /\.toml$/i.test(file)),
    'YAML or JSON files: TOML is not read',
  );

/** GO Feature Flag: its flag files, and the relay that serves them. */
export const goffConnectionSchema = z.strictObject({
  id: idField,
  kind: z.literal('goff').describe("GO Feature Flag's flag files, and its relay"),
  ...flagFields,
  files: goffFilesField.describe(
    'Flag file of each environment, YAML or JSON, relative to scram.yaml, as production: ./production.goff.yaml',
  ),
  relay: httpUrlSchema.optional().describe('Address of the relay, told to read its files again after a change'),
  credential: credentialSchema
    .optional()
    .describe("env:NAME, an environment variable that holds the relay's admin key"),
  ca: httpFields.ca,
  timeout: paceFields.timeout,
});

const keysField = (example: string) =>
  z
    .record(nameSchema, z.string().min(1).max(500))
    .refine((value) => Object.keys(value).length > 0, 'at least one environment')
    .describe(
      `Where the flags of each environment are: with layout keys what their keys start with, as production: ${example}; with layout document the key`,
    );

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
    .refine(({ on, off }) => on !== off, 'two different texts')
    .describe('What is stored for on and for off, with layout keys, as { on: "true", off: "false" }'),
};

/** A key under two environments' prefixes would be killed in both at once (B3). */
function environmentsApart({ keys, layout }: { keys: Record<string, string>; layout: 'keys' | 'document' }): boolean {
  const places = Object.values(keys);
  return places.every((place, index) =>
    places.every((other, at) => at === index || (layout === 'keys' ? !other.startsWith(place) : other !== place)),
  );
}
const APART = {
  path: ['keys'],
  error: 'environments whose keys are apart: the keys of one must not start with those of another',
};

const etcdFields = z.strictObject({
  id: idField,
  kind: z.literal('etcd').describe('Flags in etcd, version 3'),
  ...flagFields,
  ...paceFields,
  url: httpUrlSchema.describe('Address of the server, such as http://127.0.0.1:2379'),
  credential: credentialSchema.optional().describe('env:NAME, an environment variable that holds user:password'),
  ca: httpFields.ca,
  proxy: httpFields.proxy,
  keys: keysField('/flags/production/'),
  ...layoutFields,
});

export const etcdConnectionSchema = etcdFields.refine(environmentsApart, APART);

const redisFields = z.strictObject({
  id: idField,
  kind: z.literal('redis').describe('Flags in Redis'),
  ...flagFields,
  ...paceFields,
  url: z
    .string()
    .regex(
      /^rediss?:\/\/[^@/?#]+(\/\d{0,5})?$/,
      'redis://HOST:PORT/DATABASE, or rediss:// for TLS, without user and password',
    )
    .describe('Address of the server, such as redis://127.0.0.1:6379/0'),
  credential: credentialSchema
    .optional()
    .describe('env:NAME, an environment variable that holds the password, or user:password'),
  ca: httpFields.ca,
  keys: keysField('flags:production:'),
  ...layoutFields,
});

export const redisConnectionSchema = redisFields.refine(environmentsApart, APART);

/** A branch or path that git could take for an option, or that leaves the repository. */
const BRANCH = /^(?![-/.])(?!.*(?:\.\.|\/\/|\/\.|@\{|\.lock$|[/.]$))[^\s~^:?*[\\]+$/;
const IN_REPOSITORY = /^(?!\/)(?!(?:.*\/)?\.{0,2}(?:\/|$))[^\\:\0\n]+$/;

/** Flag files in a Git repository: a change is a commit that carries the reason, and a push. */
export const gitConnectionSchema = z.strictObject({
  id: idField,
  kind: z.literal('git').describe('Flag files in a Git repository'),
  ...flagFields,
  ...paceFields,
  repository: z
    .string()
    .min(1)
    .refine(
      (text) => !/^https?:\/\/[^/?#]*@|^[a-z][a-z0-9+.-]*:\/\/[^/?#]*:[^/?#]*@/i.test(text),
      'an address without a password: put it into a credential',
    )
    .refine((text) => !/^-|^[a-z0-9+.-]+::/i.test(text), 'an address as git takes it: https, ssh, or a folder')
    .describe('Address of the repository as git takes it: https, ssh, or a folder relative to scram.yaml'),
  branch: z
    .string()
    .max(200)
    .regex(BRANCH, 'the name of a branch, such as main')
    .default('main')
    .describe('Branch that the services read'),
  files: z
    .record(
      nameSchema,
      z.string().max(500).regex(IN_REPOSITORY, 'a path within the repository, such as flags/production.json'),
    )
    .refine((value) => Object.keys(value).length > 0, 'at least one environment')
    .describe('Flag file of each environment in the repository, as production: flags/production.json'),
  format: documentFormatSchema,
  credential: credentialSchema
    .optional()
    .describe('env:NAME, an environment variable that holds a token, or user:token, for https'),
  ca: httpFields.ca,
  author: z
    .strictObject({
      name: z
        .string()
        .max(100)
        .regex(/^[^<>\n\r\0]*[^<>\s.,:;"']$/, 'a name without < and >')
        .describe('Name'),
      email: z
        .string()
        .max(200)
        .regex(/^[^<>\s]{3,}$/, 'an address such as scram@example.com')
        .describe('E-mail address'),
    })
    .prefault({ name: 'Scram', email: 'scram@localhost' })
    .describe('Author of the commits'),
});

/** A part of a path of the cluster's API, and so without a slash. */
const kubernetesName = (what: string) =>
  z
    .string()
    .max(253)
    .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'a name as Kubernetes has them: lower case letters, digits, - and .')
    .describe(what);

const kubernetesResourceSchema = z.discriminatedUnion('resource', [
  z.strictObject({
    resource: z.literal('configmap').describe('A ConfigMap that holds a flag file'),
    namespace: kubernetesName('Namespace'),
    name: kubernetesName('Name of the ConfigMap'),
    key: z
      .string()
      .max(253)
      .regex(/^[-._a-zA-Z0-9]+$/, 'a key as ConfigMaps have them: letters, digits, -, _ and .')
      .describe('Key of the flag file in its data, such as flags.json'),
  }),
  z.strictObject({
    resource: z.literal('featureflag').describe("A FeatureFlag of flagd's operator"),
    namespace: kubernetesName('Namespace'),
    name: kubernetesName('Name of the FeatureFlag'),
  }),
]);

const kubernetesFields = z.strictObject({
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
    .refine((value) => Object.keys(value).length > 0, 'at least one environment')
    .describe('Where the flags of each environment are, as production: { resource: configmap, … }'),
  format: documentFormatSchema,
});

/** A FeatureFlag holds what flagd reads, and nothing else. */
export const kubernetesConnectionSchema = kubernetesFields.refine(
  ({ resources, format }) =>
    format === 'flagd' || Object.values(resources).every(({ resource }) => resource === 'configmap'),
  { path: ['format'], error: 'flagd: a FeatureFlag holds flags in the format of flagd alone' },
);
