import { z } from 'zod';

/**
 * What a person may do (D5). `viewer`: look. `responder`: mitigate. `approver`: be the second person.
 * `release-manager`: give features back, and approve. `admin`: the roster, the vault, the record.
 */
export const roleSchema = z.enum(['viewer', 'responder', 'approver', 'release-manager', 'admin']);
export type Role = z.infer<typeof roleSchema>;

/** One person of the team. An id stands in ledgers and policies for ever: it is never given to somebody else. */
export const operatorSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  roles: z.array(roleSchema),
  /** Public keys, one for each console that the person unlocks: see `operatorKeySchema`. */
  publicKeys: z.array(z.string()),
});
export type Operator = z.infer<typeof operatorSchema>;

/** One public key of a person as text: `scram1:` and 96 bytes in base64url (signing, sealing, device). */
export const publicKeyTextSchema = z
  .string()
  .regex(/^scram1:[A-Za-z0-9_-]{128}$/, 'a public key as scram operator enrol prints it: scram1: and 128 characters');

/** A public key taken apart. A person has one on each console; a console has one for each person who unlocks it. */
export const operatorKeySchema = z.strictObject({
  /** First 16 hex digits of the SHA-256 of the key's text. */
  id: z.string(),
  /** Id of the device that it was made on: the chain that its acts stand in. */
  device: z.string(),
  text: z.string(),
});
export type OperatorKey = z.infer<typeof operatorKeySchema>;

/** Who did something, by which key. */
export const personRefSchema = z.strictObject({ operator: z.string(), key: z.string() });
export type PersonRef = z.infer<typeof personRefSchema>;

/** The signature of a person over an entry: `scram-act-v1` and the hash of the entry without it. */
export const actSignatureSchema = personRefSchema.extend({ signature: z.string() });

export const rosterBodySchema = z.strictObject({
  format: z.literal('scram-roster-v1'),
  team: z.string(),
  /** 1 for the first; each version names the one before it. */
  version: z.number().int().positive(),
  /** Hash of the version before; null for the first. */
  previous: z.string().nullable(),
  atMs: z.number().int(),
  operators: z.array(operatorSchema),
  signedBy: personRefSchema,
});
export type RosterBody = z.infer<typeof rosterBodySchema>;

/** One version of the roster, signed by an admin of the version before (the first: by an admin of its own). */
export const signedRosterSchema = z.strictObject({ body: rosterBodySchema, signature: z.string() });
export type SignedRoster = z.infer<typeof signedRosterSchema>;

/** `roster.json`, beside `scram.yaml` in version control: every version, oldest first. */
export const rosterFileSchema = z.strictObject({ versions: z.array(signedRosterSchema).min(1) });
export type RosterFile = z.infer<typeof rosterFileSchema>;

export const rosterKeyViewSchema = operatorKeySchema.extend({
  /** Made on this console. */
  here: z.boolean(),
});

export const rosterViewSchema = z.strictObject({
  /** Version in force; 0 when none has been signed yet. */
  version: z.number().int(),
  /** Fingerprint of the key that this console trusts as the first: to compare by voice. Null: nothing pinned. */
  pinned: z.string().nullable(),
  signedBy: personRefSchema.nullable(),
  signedAtMs: z.number().nullable(),
  operators: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      roles: z.array(roleSchema),
      keys: z.array(rosterKeyViewSchema),
    }),
  ),
  /** What scram.yaml says that no admin has signed yet, in words; empty when they agree. */
  unsigned: z.array(z.string()),
  /** Names exactly what would be signed next, so that nothing else is than was shown; left out where nothing can be. */
  proposal: z.string().optional(),
  /** Why a roster that was found is not in force, in words; null when nothing is wrong. */
  problem: z.string().nullable(),
});
export type RosterView = z.infer<typeof rosterViewSchema>;

export const rightSchema = z.enum(['view', 'act', 'approve', 'administer']);
export type Right = z.infer<typeof rightSchema>;

/** The person whose session this is. */
export const meSchema = z.strictObject({
  operator: z.string(),
  name: z.string(),
  roles: z.array(roleSchema),
  unlockedAtMs: z.number(),
  /** When it locks by itself unless it is used; null: not by itself. */
  locksAtMs: z.number().nullable(),
});
export type Me = z.infer<typeof meSchema>;

/** Who is at this console, and what they may do. The page draws from it; the back end decides by itself (D5). */
export const peopleStateSchema = z.strictObject({
  /** False when the configuration names no operators: whoever started the console may then do everything. */
  enforced: z.boolean(),
  roster: rosterViewSchema,
  me: meSchema.nullable(),
  /** What the session may do now; a locked one may view. */
  rights: z.array(rightSchema),
  /** Who can unlock this console, and how. */
  unlockable: z.array(
    z.strictObject({
      operator: z.string(),
      name: z.string(),
      by: z.array(z.enum(['passphrase', 'keychain'])),
      /** False: the key is not in the roster in force, or was revoked. */
      inRoster: z.boolean(),
    }),
  ),
  /** The host offers the operating system's keychain. */
  keychain: z.boolean(),
  /** After wrong passphrases: no further try before this, epoch ms; null when none is held back. */
  retryAtMs: z.number().nullable(),
  /** The passphrase of every practice operator in the sandbox; null outside it. */
  practicePassphrase: z.string().nullable(),
});
export type PeopleState = z.infer<typeof peopleStateSchema>;
