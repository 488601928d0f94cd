import { z } from 'zod';
import { nameSchema } from '../scalars.ts';
import { flagFields, idField } from './common.ts';

export const flagdConnectionSchema = z.strictObject({
  id: idField,
  kind: z.literal('flagd').describe('flagd flag files'),
  ...flagFields,
  files: z
    .record(nameSchema, z.string().min(1))
    .describe(
      'Flag file of each environment, JSON or YAML, relative to scram.yaml, as production: ./production.flagd.json',
    ),
});
