import { z } from 'zod';
import { notifyEventSchema } from '../notify.ts';
import { credentialSchema, durationSchema, httpUrlSchema, nameSchema } from './scalars.ts';

/** One plain address: with a line break or a comma in it, it would be more than that. */
const mailAddressSchema = z
  .string()
  .max(320)
  .regex(/^[^\s<>@,;:"()[\]\\]+@[^\s<>@,;:"()\\]+$/, 'one mail address, such as oncall@example.org');

const proxy = httpUrlSchema
  .optional()
  .describe('Proxy that messages go through; without it HTTPS_PROXY, HTTP_PROXY and NO_PROXY count');
const ca = z.string().min(1).optional().describe('PEM file of a private certificate authority, relative to scram.yaml');

const common = {
  id: nameSchema.describe('Id of the target, once in the file'),
  events: z.array(notifyEventSchema).min(1).optional().describe('What it is told of; left out: everything'),
  timeout: durationSchema.prefault('10s').describe('How long a message may take, such as 10s'),
};

export const notifyTargetSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('slack').describe('A Slack incoming webhook'),
    ...common,
    credential: credentialSchema.describe("The webhook's address, which is a secret"),
    proxy,
  }),
  z.strictObject({
    kind: z.literal('pagerduty').describe('PagerDuty, Events API v2'),
    ...common,
    credential: credentialSchema.describe('The routing key of the integration'),
    url: httpUrlSchema.default('https://events.pagerduty.com').describe('Address of the events API'),
    ca,
    proxy,
  }),
  z.strictObject({
    kind: z.literal('webhook').describe('An HTTP endpoint of your own; each message is signed'),
    ...common,
    url: httpUrlSchema.describe('Where messages are posted'),
    credential: credentialSchema.describe('The key that signs each message: HMAC-SHA256'),
    ca,
    proxy,
  }),
  z.strictObject({
    kind: z.literal('email').describe('E-mail over SMTP'),
    ...common,
    host: z.string().min(1).max(253).describe('Name or address of the SMTP server'),
    port: z.number().int().min(1).max(65_535).default(587).describe('Its port'),
    security: z
      .enum(['starttls', 'tls', 'none'])
      .default('starttls')
      .describe(
        'starttls: encrypted from STARTTLS on, or not at all sent. tls: from the first byte. none: in the clear',
      ),
    from: mailAddressSchema.describe("Sender's address"),
    to: z.array(mailAddressSchema).min(1).max(100).describe('Addresses that the message goes to'),
    credential: credentialSchema.optional().describe('user:password, where the server asks for one'),
    ca,
  }),
]);
export type NotifyTargetConfig = z.output<typeof notifyTargetSchema>;
