import { z } from 'zod';

/** Who is at which console, and what they are at. Told by the consoles themselves: a courtesy, not evidence. */
export const presenceSchema = z.strictObject({
  device: z.string(),
  operator: z.string().nullable(),
  /** In words, such as the view or the step; empty when nothing is said. */
  doing: z.string().max(200),
  atMs: z.number(),
});
export type Presence = z.infer<typeof presenceSchema>;

/** An entry that was not taken over, and why (D8). It is kept aside as it came. */
export const quarantinedSchema = z.strictObject({
  device: z.string(),
  sequence: z.number().int(),
  hash: z.string(),
  what: z.string(),
  atMs: z.number(),
});
export type Quarantined = z.infer<typeof quarantinedSchema>;

/** One chain of the team's ledger as this console holds it. */
export const chainSchema = z.strictObject({
  device: z.string(),
  /** People who unlock that console, by the roster; empty when it names none. */
  operators: z.array(z.string()),
  here: z.boolean(),
  entries: z.number().int(),
  hash: z.string(),
  lastAtMs: z.number().nullable(),
  /** Highest entry that another device has countersigned (D10). */
  countersigned: z.number().int(),
  problem: z.string().nullable(),
});
export type Chain = z.infer<typeof chainSchema>;

export const teamStateSchema = z.strictObject({
  configured: z.boolean(),
  state: z.enum(['none', 'connecting', 'synced', 'away']),
  lastSyncAtMs: z.number().nullable(),
  /** Entries of this console that the store does not have yet. */
  waiting: z.number().int(),
  problem: z.string().nullable(),
  chains: z.array(chainSchema),
  quarantined: z.array(quarantinedSchema),
  presence: z.array(presenceSchema),
});
export type TeamState = z.infer<typeof teamStateSchema>;
