import { z } from 'zod';
import { notifyMessageSchema, notifyTargetStateSchema } from '../model/notify.ts';
import { probeReportSchema } from '../model/probe.ts';
import { call, nothingSchema, stream } from './define.ts';

const targetsSchema = z.strictObject({ targets: z.array(notifyTargetStateSchema) });

/** What a status update is made of (A8): the rest comes from the console's own state. */
export const statusInputSchema = z.strictObject({
  environment: z.string().max(200),
  incident: z.string().max(100).nullable(),
  /** What is done next, in the person's own words. */
  next: z.string().max(2000),
});

export const notifyContract = {
  'notify.watch': stream({ access: 'view', input: nothingSchema, snapshot: targetsSchema, delta: targetsSchema }),
  /** Tries a target out with a message that says that it is a test. */
  'notify.probe': call({
    access: 'act',
    input: z.strictObject({ target: z.string().max(200) }),
    output: probeReportSchema,
  }),
  /** The update as it would go out, and as plain text to copy when every channel is down (A8). */
  'notify.preview': call({
    access: 'view',
    input: statusInputSchema,
    output: z.strictObject({ message: notifyMessageSchema, text: z.string() }),
  }),
  /** Sends it to every target that takes status updates. */
  'notify.send': call({
    access: 'act',
    input: statusInputSchema,
    output: z.strictObject({
      results: z.array(z.strictObject({ target: z.string(), ok: z.boolean(), detail: z.string().nullable() })),
    }),
  }),
} as const;
