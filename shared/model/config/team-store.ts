import { z } from 'zod';
import { credentialSchema, durationSchema } from './scalars.ts';

export const teamStoreSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('postgres').describe('A PostgreSQL database that the consoles meet in'),
    credential: credentialSchema.describe('Connection string: postgres://user:password@host:5432/database'),
    schema: z
      .string()
      .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'a schema name of small letters, digits and underscore')
      .default('scram')
      .describe('Schema that the tables stand in'),
    ca: z.string().min(1).optional().describe('PEM file of a private certificate authority, relative to scram.yaml'),
    poll: durationSchema
      .refine((ms) => ms >= 1000 && ms <= 600_000, 'a duration from 1s to 10m, such as 15s')
      .prefault('15s')
      .describe('How often it is looked at besides, should a notification be lost, such as 15s'),
  }),
]);
export type TeamStoreConfig = z.output<typeof teamStoreSchema>;
