import { z } from 'zod';
import { jsonValueSchema } from '../../json.ts';
import { environmentMapSchema, flagFields, httpFields, paceFields, idField } from './common.ts';

const pointer = (what: string) =>
  z
    .string()
    .regex(/^(\/([^~]|~[01])*)?$/, 'a JSON pointer (RFC 6901), such as /data/flags')
    .describe(`JSON pointer to ${what}`);

/** `$flag`, `$environment` (the service's name), `$value`, `$reason` and `$revision` stand for their values. */
const requestSchema = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET').describe('Method'),
  path: z
    .string()
    .startsWith('/')
    .describe('Path; $flag, $environment, $value, $reason and $revision stand for their values'),
  headers: z.record(z.string(), z.string()).default({}).describe('Headers beside the credential'),
  body: jsonValueSchema.optional().describe('JSON body; texts in it may hold $flag and the like'),
});

const flagMappingSchema = z.strictObject({
  key: pointer("the flag's key").optional(),
  value: pointer('its value: what counts as on and off is told by on and off'),
  revision: pointer('what changes with every change: a version, a time').optional(),
  description: pointer('its description').optional(),
  owner: pointer('its owner').optional(),
  changedAt: pointer('when it changed last: an ISO time, or seconds or milliseconds since 1970').optional(),
  changedBy: pointer('who changed it last').optional(),
  percentage: pointer('the share of users with the feature, 0 to 100').optional(),
});

export const httpConnectionSchema = z.strictObject({
  id: idField,
  kind: z.literal('http').describe('Any flag service with a JSON API, mapped by this configuration'),
  ...flagFields,
  ...httpFields,
  ...paceFields,
  environments: environmentMapSchema('{ production: prod }'),
  auth: z
    .strictObject({
      header: z.string().min(1).default('Authorization').describe('Header that carries the credential'),
      scheme: z.string().default('Bearer').describe('Word before the credential; empty for none'),
    })
    .prefault({})
    .describe('How the credential is sent, as { header: Authorization, scheme: Bearer }'),
  list: requestSchema
    .extend({
      items: pointer('the list of flags, or the object that holds them by key'),
      next: pointer("the next page's path or cursor; $cursor then stands for it in the path").optional(),
    })
    .describe('Request that lists every flag of an environment'),
  read: requestSchema.extend({ item: pointer('the flag').default('') }).describe('Request that reads one flag'),
  write: requestSchema
    .extend({
      success: z
        .strictObject({
          status: z.array(z.number().int()).default([200, 201, 202, 204]).describe('Statuses that mean done'),
          pointer: pointer('a value of the answer that must be as `equals`').optional(),
          equals: jsonValueSchema.optional().describe('Value that means done'),
        })
        .prefault({})
        .describe('What says that the write was accepted'),
    })
    .optional()
    .describe('Request that sets a flag; without it the connection only shows'),
  flag: flagMappingSchema.describe('Where the parts of a flag are'),
  on: jsonValueSchema.default(true).describe('Value of a flag that is on'),
  off: jsonValueSchema.default(false).describe('Value of a flag that is off'),
});
