import { z } from 'zod';
import { publicKeyTextSchema, roleSchema } from '../operator.ts';
import { nameSchema } from './scalars.ts';

export const operatorConfigSchema = z.strictObject({
  id: nameSchema.describe('Id of the person, once in the file and never given to somebody else'),
  name: z.string().min(1).max(100).describe("The person's name, as the others see it"),
  roles: z
    .array(roleSchema)
    .min(1)
    .describe('What the person may do: viewer, responder, approver, release-manager, admin; one or several'),
  publicKeys: z
    .array(publicKeyTextSchema)
    .default([])
    .describe('Public keys, one for each console that the person unlocks; scram operator enrol ID prints one'),
});
export type OperatorConfig = z.output<typeof operatorConfigSchema>;
