import { z } from 'zod';

/** One value that a connection found while it was tried out, with what is wrong with it. */
export const probeFieldSchema = z.strictObject({
  name: z.string(),
  /** Where it was looked for: a JSON pointer, a header, a path. */
  source: z.string().nullable(),
  value: z.string().nullable(),
  problem: z.string().nullable(),
});
export type ProbeField = z.infer<typeof probeFieldSchema>;

/** What a connection says of itself when it is tried out: authentication, permissions, latency, clock. */
export const probeReportSchema = z.strictObject({
  /** True when nothing found keeps the console from reading and, where that can be told, from killing. */
  ok: z.boolean(),
  latencyMs: z.number().nonnegative(),
  /** Its clock minus ours, milliseconds; null when it does not tell the time. */
  clockSkewMs: z.number().nullable(),
  canRead: z.boolean(),
  /** Null: cannot be told without writing. */
  canWrite: z.boolean().nullable(),
  /** One or two sentences: what answered, what is missing, what to do. */
  detail: z.string(),
  fields: z.array(probeFieldSchema),
});
export type ProbeReport = z.infer<typeof probeReportSchema>;
