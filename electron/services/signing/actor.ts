import type { PersonRef } from '../../../shared/model/operator.ts';

/** A person whose key is unlocked: what an entry, a request or a decision is signed by (D5). */
export interface Actor {
  readonly person: PersonRef;
  /** Ed25519 over the text, base64url. Throws `locked` once the key has been forgotten. */
  sign(text: string): string;
}
