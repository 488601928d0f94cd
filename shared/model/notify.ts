import { z } from 'zod';

/** What a message is about; a target may ask for some of them only. */
export const notifyEventSchema = z.enum([
  'approval-wanted',
  'approval-decided',
  'break-glass',
  'break-glass-overdue',
  'change',
  'incident',
  'status',
  'anchor',
  'test',
]);
export type NotifyEvent = z.infer<typeof notifyEventSchema>;

/** A message before it is put into the words of one kind of target. Holds no secret: it leaves the console. */
export const notifyMessageSchema = z.strictObject({
  event: notifyEventSchema,
  /** One line. */
  title: z.string().max(300),
  /** `critical`: loud where the target has a loud way. */
  severity: z.enum(['critical', 'warning', 'info']),
  /** Facts in order: label and text. */
  facts: z.array(z.strictObject({ label: z.string(), text: z.string() })),
  /** Free words, such as the status update that somebody wrote; empty when there are none. */
  text: z.string().max(4000),
  /** The same for everything about one subject, so that a target can thread or close it. */
  key: z.string().max(255),
  /** The subject is over: a target that keeps alerts open may close it. */
  resolved: z.boolean(),
  atMs: z.number(),
});
export type NotifyMessage = z.infer<typeof notifyMessageSchema>;

export const notifyTargetStateSchema = z.strictObject({
  id: z.string(),
  kind: z.string(),
  events: z.array(notifyEventSchema),
  state: z.enum(['ready', 'sending', 'failing', 'error']),
  lastSentAtMs: z.number().nullable(),
  /** Messages that wait to be sent again. */
  waiting: z.number().int(),
  problem: z.string().nullable(),
});
export type NotifyTargetState = z.infer<typeof notifyTargetStateSchema>;
