import { z } from 'zod';
import { httpUrlSchema } from '../scalars.ts';
import { environmentMapSchema, flagFields, httpFields, paceFields, idField } from './common.ts';

export const flagsmithConnectionSchema = z.strictObject({
  id: idField,
  kind: z.literal('flagsmith').describe('Flagsmith, by its Admin API'),
  ...flagFields,
  ...httpFields,
  ...paceFields,
  url: httpUrlSchema
    .prefault('https://api.flagsmith.com/api/v1')
    .describe('Address of the API with its version: https://api.flagsmith.com/api/v1, or that of your own host'),
  project: z.number().int().positive().describe('Number of the project'),
  environments: environmentMapSchema('{ production: Production, staging: Staging }'),
});
