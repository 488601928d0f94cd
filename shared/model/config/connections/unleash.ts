import { z } from 'zod';
import { environmentMapSchema, flagFields, httpFields, paceFields, idField } from './common.ts';

export const unleashConnectionSchema = z.strictObject({
  id: idField,
  kind: z.literal('unleash').describe('Unleash, by its Admin API'),
  ...flagFields,
  ...httpFields,
  ...paceFields,
  project: z.string().min(1).max(100).default('default').describe('Project, such as default'),
  environments: environmentMapSchema('{ production: production, staging: development }'),
});
