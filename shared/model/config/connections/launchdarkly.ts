import { z } from 'zod';
import { httpUrlSchema } from '../scalars.ts';
import { environmentMapSchema, flagFields, httpFields, paceFields, idField } from './common.ts';

export const launchdarklyConnectionSchema = z.strictObject({
  id: idField,
  kind: z.literal('launchdarkly').describe('LaunchDarkly, by its REST API'),
  ...flagFields,
  ...httpFields,
  ...paceFields,
  url: httpUrlSchema
    .refine((url) => !/\/api(\/|$)/.test(url), 'the address alone, without /api/v2')
    .prefault('https://app.launchdarkly.com')
    .describe('Address of the service: https://app.launchdarkly.com, or that of the EU or federal instance'),
  project: z.string().min(1).max(100).default('default').describe('Key of the project'),
  environments: environmentMapSchema('{ production: production, staging: test }'),
});
