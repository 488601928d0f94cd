import { z } from 'zod';
import { type JsonValue, jsonValueSchema } from '../../json.ts';
import { environmentMapSchema, flagFields, httpFields, idField, paceFields } from './common.ts';

/** What stands in a mapping for a value that is known when the request is made. */
export type Placeholder = 'flag' | 'environment' | 'value' | 'percentage' | 'reason' | 'revision' | 'cursor';

const WORD = /\$(flag|environment|value|percentage|reason|revision|cursor)\b/g;

/** The placeholders that stand in a text or anywhere in a JSON value, names of members included. */
export function placeholdersIn(...mapped: readonly (JsonValue | undefined)[]): ReadonlySet<Placeholder> {
  const text = mapped.map((value) => JSON.stringify(value) ?? '').join('\n');
  return new Set([...text.matchAll(WORD)].map(([, word]) => word as Placeholder));
}

const pointer = (what: string) =>
  z
    .string()
    .regex(/^(\/([^~]|~[01])*)?$/, 'a JSON pointer (RFC 6901), such as /data/flags')
    .describe(`JSON pointer to ${what}`);

const headerName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'the name of a header, such as If-Match');

const requestFields = {
  path: z
    .string()
    .regex(/^\/[\x21-\x7e]*$/, 'a path with its query, such as /flags/$flag?env=$environment')
    .describe(
      "Path and query. $flag stands for the flag's key, $environment for the service's name of the environment; in writes also $value, $percentage, $reason and $revision",
    ),
  headers: z
    .record(headerName, z.string().max(1000))
    .default({})
    .describe('Headers beside the credential, which may hold $revision and the like, as { If-Match: \'"$revision"\' }'),
  body: jsonValueSchema
    .optional()
    .describe('JSON body; a text that is $value alone becomes the value itself, with its type'),
};

const readingSchema = z.strictObject({
  method: z.enum(['GET', 'POST']).default('GET').describe('Method; it must change nothing'),
  ...requestFields,
});

const successSchema = z
  .strictObject({
    status: z
      .array(z.number().int().min(200).max(599))
      .min(1)
      .default([200, 201, 202, 204])
      .describe('Statuses that mean done'),
    pointer: pointer('a value of the answer that must be as `equals`').optional(),
    equals: jsonValueSchema.optional().describe('Value that means done'),
  })
  .prefault({})
  .refine(
    (success) => (success.pointer === undefined) === (success.equals === undefined),
    'pointer and equals together, or neither',
  );

const writingSchema = z
  .strictObject({
    method: z.enum(['PUT', 'POST', 'PATCH', 'DELETE']).default('PUT').describe('Method'),
    ...requestFields,
    values: z
      .strictObject({
        on: jsonValueSchema.describe('What $value is for a flag that is to be on'),
        off: jsonValueSchema.describe('What $value is for a flag that is to be off'),
      })
      .optional()
      .describe('How on and off are written, where that is not as they are read, as { on: enable, off: disable }'),
    success: successSchema.describe('What says that the write was accepted'),
  })
  .refine(
    (write) => placeholdersIn(write.path, write.headers, write.body).has('flag'),
    '$flag in the path, a header or the body: which flag is to be set',
  )
  .refine(
    (write) => placeholdersIn(write.path, write.headers, write.body).has('value'),
    '$value in the path, a header or the body: what the flag is to be set to',
  );

const flagMappingSchema = z.strictObject({
  key: pointer("the flag's key; left out where the list is an object by key").optional(),
  value: pointer('its value: what counts as on and off is told by on and off'),
  revision: pointer('what changes with every change: a version, a time; $revision in a write stands for it').optional(),
  description: pointer('its description').optional(),
  owner: pointer('its owner').optional(),
  changedAt: pointer('when it changed last: an ISO time, or seconds or milliseconds since 1970').optional(),
  changedBy: pointer('who changed it last').optional(),
  percentage: pointer('the share of users with the feature, 0 to 100').optional(),
});

const httpConnectionFields = z.strictObject({
  id: idField,
  kind: z.literal('http').describe('Any flag service with a JSON API, mapped by this configuration'),
  ...flagFields,
  ...httpFields,
  ...paceFields,
  environments: environmentMapSchema('{ production: prod }'),
  auth: z
    .strictObject({
      header: headerName.default('Authorization').describe('Header that carries the credential'),
      scheme: z
        .string()
        .regex(/^[A-Za-z0-9-]*$/, 'one word, such as Bearer, or nothing')
        .default('Bearer')
        .describe('Word before the credential, empty for none; with Basic the credential is user:password'),
    })
    .prefault({})
    .describe('How the credential is sent, as { header: Authorization, scheme: Bearer }'),
  list: readingSchema
    .extend({
      items: pointer('the list of flags, or the object that holds them by key'),
      next: pointer("the next page's path or cursor; $cursor then stands for it in the path").optional(),
    })
    .describe('Request that lists every flag of an environment'),
  read: readingSchema
    .extend({ item: pointer('the flag').default('') })
    .refine(
      (read) => placeholdersIn(read.path, read.headers, read.body, read.item).has('flag'),
      '$flag in the path, a header, the body or item: which flag is to be read',
    )
    .describe('Request that reads one flag'),
  write: writingSchema.optional().describe('Request that sets a flag; without it the connection only shows'),
  flag: flagMappingSchema.describe('Where the parts of a flag are, seen from the flag'),
  on: jsonValueSchema.default(true).describe('Value of a flag that is on'),
  off: jsonValueSchema.default(false).describe('Value of a flag that is off'),
});

type Fields = z.output<typeof httpConnectionFields>;

/** A request that is the same for two environments would read, or kill, in both at once (B3). */
function tellsEnvironmentsApart({ environments, list, read, write, flag }: Fields): boolean {
  if (Object.keys(environments).length < 2) return true;
  const told = (...mapped: (JsonValue | undefined)[]) => placeholdersIn(...mapped).has('environment');
  const { items } = list;
  const { item } = read;
  const { value } = flag;
  return (
    told(list.path, list.headers, list.body, items, value) &&
    told(read.path, read.headers, read.body, item, value) &&
    (write === undefined || told(write.path, write.headers, write.body))
  );
}

export const httpConnectionSchema = httpConnectionFields
  .refine(tellsEnvironmentsApart, {
    path: ['environments'],
    error: '$environment in the requests list, read and write, since there is more than one environment',
  })
  .refine(({ on, off }) => JSON.stringify(on) !== JSON.stringify(off), {
    path: ['off'],
    error: 'another value than that of on',
  })
  .refine(({ write, flag }) => !usesRevision(write) || flag.revision !== undefined, {
    path: ['flag', 'revision'],
    error: 'a pointer to the revision, since write uses $revision',
  })
  .refine(
    ({ write, flag }) =>
      !placeholdersIn(write?.path, write?.headers, write?.body).has('percentage') || flag.percentage !== undefined,
    {
      path: ['flag', 'percentage'],
      error: 'a pointer to the percentage, since write uses $percentage',
    },
  );

function usesRevision(write: Fields['write']): boolean {
  return placeholdersIn(write?.path, write?.headers, write?.body).has('revision');
}
export type HttpConnectionConfig = z.output<typeof httpConnectionSchema>;
