import { z } from 'zod';
import { environmentMapSchema, flagFields, httpFields, paceFields, idField } from './common.ts';

export const fliptConnectionSchema = z.strictObject({
  id: idField,
  kind: z.literal('flipt').describe('Flipt v2'),
  ...flagFields,
  ...httpFields,
  ...paceFields,
  namespace: z.string().min(1).max(100).default('default').describe('Namespace of the flags'),
  environments: environmentMapSchema('{ production: default }'),
});
