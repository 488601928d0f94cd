import { z } from 'zod';

/**
 * Names of credentials: they stand in scram.yaml, in views and errors. Small letters and few digits, so that a token or a
 * key that somebody pasted in its place is a mistake at once, and is never shown as a name (E2).
 */
export const CREDENTIAL_NAME = /^(?!(?:[^0-9]*[0-9]){9})[a-z][a-z0-9._-]{0,63}$/;

export const credentialNameSchema = z
  .string()
  .regex(CREDENTIAL_NAME, 'a name of small letters, dot, dash, underscore and a few digits, at most 64');

/** What the page and the terminal may know of the vault: names and times, never a value (E2). */
export const vaultStateSchema = z.strictObject({
  exists: z.boolean(),
  /** Whether credentials can be read and set now: somebody has unlocked this console. */
  open: z.boolean(),
  credentials: z.array(
    z.strictObject({
      name: z.string(),
      setAtMs: z.number(),
      /** Connections and targets of the configuration that name it. */
      usedBy: z.array(z.string()),
    }),
  ),
  /** Names that the configuration asks for and the vault does not have. */
  missing: z.array(z.string()),
  sealed: z.array(
    z.strictObject({
      name: z.string(),
      sealedAtMs: z.number(),
      /** Operators who hold a share; any two of them open it (E3). */
      holders: z.array(z.string()),
      /** Opened by two people, for use until then; null while sealed. */
      openUntilMs: z.number().nullable(),
      usedBy: z.array(z.string()),
    }),
  ),
  /** What was set aside because it could not be decrypted, in words; nothing is ever deleted. */
  problems: z.array(z.string()),
});
export type VaultState = z.infer<typeof vaultStateSchema>;
