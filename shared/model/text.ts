import { z } from 'zod';

/**
 * A sentence that the page renders in the operator's language: a message id of the catalogues and its parameters
 * (H2). The back end never sends prose for the page, apart from an outside system's own words.
 */
export const messageSchema = z.strictObject({
  id: z.string().max(120),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).default({}),
});
export type Message = z.infer<typeof messageSchema>;

export function message(id: string, params: Message['params'] = {}): Message {
  return { id, params };
}
