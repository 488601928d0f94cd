import { z } from 'zod';
import { wireErrorSchema } from '../model/error.ts';
import { jsonValueSchema } from '../model/json.ts';

/** Longest id of a request, and of an operation's name. */
const idSchema = z.string().min(1).max(64);
const nameSchema = z.string().min(1).max(64);

/** From the page to the back end. */
export const requestFrameSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('call'), id: idSchema, op: nameSchema, input: jsonValueSchema }),
  z.strictObject({ type: z.literal('listen'), id: idSchema, op: nameSchema, input: jsonValueSchema }),
  z.strictObject({ type: z.literal('cancel'), id: idSchema }),
]);
export type RequestFrame = z.infer<typeof requestFrameSchema>;

/**
 * From the back end to the page. A stream's `snapshot` has sequence 0, its deltas 1, 2, 3 …: a receiver that misses a
 * number subscribes again. Payloads are `unknown` here: the operation's own schema reads them.
 */
export const responseFrameSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('result'), id: idSchema, output: z.unknown() }),
  z.strictObject({ type: z.literal('error'), id: z.string().max(64), error: wireErrorSchema }),
  z.strictObject({ type: z.literal('snapshot'), id: idSchema, data: z.unknown() }),
  z.strictObject({ type: z.literal('delta'), id: idSchema, sequence: z.number().int().positive(), data: z.unknown() }),
  z.strictObject({ type: z.literal('end'), id: idSchema }),
]);
export type ResponseFrame = z.infer<typeof responseFrameSchema>;

/** A frame larger than this is refused before it is parsed, bytes. */
export const MAX_REQUEST_BYTES = 256 * 1024;
