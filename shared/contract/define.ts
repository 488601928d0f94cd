import { z } from 'zod';

/**
 * What a caller must be allowed to do. `view` works on a locked console too (E1); the rest needs an unlocked
 * session whose operator has a role that grants it (D5).
 */
export const accessSchema = z.enum(['view', 'act', 'approve', 'administer']);
export type Access = z.infer<typeof accessSchema>;

export interface CallDefinition<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly mode: 'call';
  readonly access: Access;
  readonly input: I;
  readonly output: O;
}

/** A stream sends one snapshot, then deltas numbered from 1. */
export interface StreamDefinition<
  I extends z.ZodType = z.ZodType,
  S extends z.ZodType = z.ZodType,
  D extends z.ZodType = z.ZodType,
> {
  readonly mode: 'stream';
  readonly access: Access;
  readonly input: I;
  readonly snapshot: S;
  readonly delta: D;
}

export type Definition = CallDefinition | StreamDefinition;

export function call<I extends z.ZodType, O extends z.ZodType>(definition: {
  access: Access;
  input: I;
  output: O;
}): CallDefinition<I, O> {
  return { mode: 'call', ...definition };
}

export function stream<I extends z.ZodType, S extends z.ZodType, D extends z.ZodType>(definition: {
  access: Access;
  input: I;
  snapshot: S;
  delta: D;
}): StreamDefinition<I, S, D> {
  return { mode: 'stream', ...definition };
}

export const nothingSchema = z.strictObject({});
