import { z } from 'zod';
import { environmentMapSchema, flagFields, httpFields, idField, paceFields } from './common.ts';

export const unleashConnectionSchema = z.strictObject({
  id: idField,
  kind: z.literal('unleash').describe('Unleash, by its Admin API'),
  ...flagFields,
  ...httpFields,
  ...paceFields,
  project: z.string().min(1).max(100).default('default').describe('Project, such as default'),
  environments: environmentMapSchema('{ production: production, staging: development }'),
  largeRead: z
    .enum(['export', 'single'])
    .default('export')
    .describe(
      "How the strategies of more than 500 flags are read: export in a second, which leaves features-exported events in Unleash's log; single flag by flag, which takes a minute for 10,000",
    ),
});
