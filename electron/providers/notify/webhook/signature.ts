import { createHmac } from 'node:crypto';

export interface SignedParts {
  readonly id: string;
  /** Epoch seconds, as text. */
  readonly timestamp: string;
  readonly body: string;
}

/** What stands in `scram-signature`: HMAC-SHA256 over id, timestamp and body, joined by dots, under the target's key. */
export function signatureOf(key: string, { id, timestamp, body }: SignedParts): string {
  return `v1=${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('hex')}`;
}
