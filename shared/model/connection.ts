import { z } from 'zod';

/**
 * Connection status. The service owns it, adapters report facts:
 * - `not-ready`: nothing has been read yet.
 * - `ready`: the last read worked and is within its limit of age.
 * - `stale`: what is shown is older than the limit, or comes from the cache of an earlier run.
 * - `error`: the last read failed; it is being retried and what was last known is still shown.
 * - `fatal`: no retry will help (bad configuration, refused credential); a person must act.
 */
export const connectionStateSchema = z.enum(['not-ready', 'ready', 'stale', 'error', 'fatal']);
export type ConnectionState = z.infer<typeof connectionStateSchema>;

export const connectionStatusSchema = z.strictObject({
  id: z.string(),
  kind: z.string(),
  role: z.enum(['flags', 'metrics']),
  state: connectionStateSchema,
  /** When the state began, epoch ms. */
  sinceMs: z.number(),
  /** When the source last answered in full, epoch ms; null before the first answer. */
  lastReadAtMs: z.number().nullable(),
  /** True when what is shown was loaded from the cache on disk and has not been read since (E1). */
  fromCache: z.boolean(),
  /** The source's error in words: what happened, where, what to do. Null when there is none. */
  problem: z.string().nullable(),
  /** The provider's own name of each of our environments (B3); empty for metrics. */
  environments: z.array(z.strictObject({ name: z.string(), theirs: z.string() })),
  /** What it can do with flags; empty for metrics. */
  can: z.array(z.enum(['watch', 'kill', 'restore', 'rollout', 'bulk', 'audit', 'comment'])),
  /** Number of flags or SLIs that depend on it. */
  items: z.number().int().nonnegative(),
});
export type ConnectionStatus = z.infer<typeof connectionStatusSchema>;
