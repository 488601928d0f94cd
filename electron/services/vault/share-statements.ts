import { z } from 'zod';
import { ScramError } from '../../../shared/model/error.ts';
import type { JsonValue } from '../../../shared/model/json.ts';
import { type PersonRef, personRefSchema } from '../../../shared/model/operator.ts';
import { credentialNameSchema } from '../../../shared/model/vault.ts';
import { canonicalText, sha256Hex } from '../signing/canonical.ts';
import type { Roster } from '../operators/api.ts';
import { signedBy } from '../signing/public-key.ts';
import type { Keyring } from './api.ts';

const base64url = z.string().regex(/^[A-Za-z0-9_-]{1,2000}$/);
const operatorId = z.string().min(1).max(100);

const openRequestBodySchema = z.strictObject({
  version: z.literal(1),
  name: credentialNameSchema,
  holder: operatorId,
  /** The holder's share, once for each console that they unlock. */
  shares: z
    .array(z.strictObject({ key: z.string().min(1).max(100), box: base64url }))
    .min(1)
    .max(50),
  /** X25519, raw: the share is to be encrypted to it. Its private half is in the memory of the asker's console alone. */
  ephemeral: base64url,
  asker: personRefSchema,
  atMs: z.number().int(),
  expiresAtMs: z.number().int(),
});
export type OpenRequestBody = z.infer<typeof openRequestBodySchema>;

const openShareBodySchema = z.strictObject({
  version: z.literal(1),
  /** Hash of the request that it answers. */
  request: z.string().regex(/^[0-9a-f]{64}$/),
  name: credentialNameSchema,
  asker: personRefSchema,
  by: personRefSchema,
  box: base64url,
  atMs: z.number().int(),
});
export type OpenShareBody = z.infer<typeof openShareBodySchema>;

export interface Statement<T> {
  readonly body: T;
  readonly signature: string;
  /** SHA-256 of the canonical body: what was signed. */
  readonly hash: string;
}

const CONTEXTS = { 'open-request': 'scram-open-request-v1', 'open-share': 'scram-open-share-v1' } as const;
export type StatementKind = keyof typeof CONTEXTS;

export function signStatement<T>(kind: StatementKind, body: T, signer: Keyring): Statement<T> {
  const hash = sha256Hex(canonicalText(body));
  return { body, hash, signature: signer.sign(`${CONTEXTS[kind]}\n${hash}`) };
}

export const readOpenRequest = (value: JsonValue) => read(openRequestBodySchema, value);
export const readOpenShare = (value: JsonValue) => read(openShareBodySchema, value);

/** Throws `refused` unless a key that the person has now signed it. */
export function requireSigned<T>(
  kind: StatementKind,
  statement: Statement<T>,
  person: PersonRef,
  roster: Roster,
): void {
  const key = roster.key(person);
  if (key !== null && signedBy(key, `${CONTEXTS[kind]}\n${statement.hash}`, statement.signature)) return;
  throw new ScramError('refused', `it is not signed by a key of ${person.operator} that is in force here`, {
    action: 'compare the roster versions of both consoles (Setup), and ask for a new block',
  });
}

function read<T>(schema: z.ZodType<T>, value: JsonValue): Statement<T> {
  const parsed = z.strictObject({ body: schema, signature: z.string().max(200) }).safeParse(value);
  if (!parsed.success) {
    throw new ScramError('invalid-input', 'the block does not hold what it says: it was made by another version', {
      action: 'update both consoles to the same version of Scram',
    });
  }
  const { body, signature } = parsed.data;
  return { body, signature, hash: sha256Hex(canonicalText(body)) };
}
