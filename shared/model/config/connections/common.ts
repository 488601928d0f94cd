import { z } from 'zod';
import { credentialSchema, durationSchema, httpUrlSchema, nameSchema } from '../scalars.ts';
import { observerSchema } from './observers.ts';

export const idField = nameSchema.describe('Id of the connection, once in the file');

/** What every flag connection may say. */
export const flagFields = {
  refresh: durationSchema
    .optional()
    .describe("What the services' SDKs poll at, the worst case of propagation, such as 15s"),
  observers: z.array(observerSchema).default([]).describe('How the console sees what running services use'),
};

/** How long the console waits, and how often it looks. */
export const paceFields = {
  timeout: durationSchema.prefault('10s').describe('Time that one request may take, such as 10s'),
  poll: durationSchema.prefault('10s').describe('How often the console looks for changes, such as 10s'),
};

/** How an HTTP service is reached. */
export const httpFields = {
  url: httpUrlSchema.describe('Address of the service, such as http://127.0.0.1:4242'),
  credential: credentialSchema.optional().describe('env:NAME, an environment variable that holds the token'),
  ca: z.string().min(1).optional().describe("File with a private authority's certificate, PEM, relative to scram.yaml"),
  proxy: httpUrlSchema
    .optional()
    .describe('Proxy that requests go through; without it HTTPS_PROXY, HTTP_PROXY and NO_PROXY count'),
};

/** Names of environments there, by ours. */
export const environmentMapSchema = (example: string) =>
  z
    .record(nameSchema, z.string().min(1).max(200))
    .refine((value) => Object.keys(value).length > 0, 'at least one environment')
    // A kill in one of two environments that are the same there would be a kill in both (B3).
    .refine((value) => new Set(Object.values(value)).size === Object.keys(value).length, 'another one there for each')
    .describe(`The service's name of each environment, as ${example}`);
