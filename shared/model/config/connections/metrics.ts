import { z } from 'zod';
import { credentialSchema, durationSchema, httpUrlSchema } from '../scalars.ts';
import { idField } from './common.ts';

export const prometheusConnectionSchema = z.strictObject({
  id: idField,
  kind: z.literal('prometheus').describe('Prometheus, or what speaks its HTTP API'),
  url: httpUrlSchema.describe('Address of the server, such as http://127.0.0.1:9090'),
  credential: credentialSchema
    .optional()
    .describe('env:NAME, an environment variable that holds a bearer token, or user:password for Basic'),
  ca: z.string().min(1).optional().describe("File with a private authority's certificate, PEM, relative to scram.yaml"),
  refresh: durationSchema
    .prefault('1s')
    .describe('Distance of samples, and time between queries of a chart that is looked at, such as 1s'),
  timeout: durationSchema.prefault('5s').describe('Time that one query may take, such as 5s'),
});

export const sandboxConnectionSchema = z.strictObject({
  id: idField,
  kind: z.literal('sandbox').describe("The practice world's metrics"),
  refresh: durationSchema.prefault('1s').describe('Distance of samples, such as 1s'),
});
