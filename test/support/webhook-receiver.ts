import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { notifyMessageSchema } from '../../shared/model/notify.ts';
import { type PlainServer, startPlainServer } from './notify-http.ts';

const OLDEST_S = 300;

/** The receiver of docs/notify.md: checks the signature before it reads a word, and takes nothing twice. */
export function verify(key: string, headers: Record<string, unknown>, body: string, nowS: number): string | null {
  const { 'scram-id': id, 'scram-timestamp': timestamp, 'scram-signature': signature } = headers;
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signature !== 'string') return 'unsigned';
  if (!/^\d+$/.test(timestamp) || Math.abs(nowS - Number(timestamp)) > OLDEST_S) return 'too old';
  const expected = `v1=${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('hex')}`;
  const given = Buffer.from(signature);
  const wanted = Buffer.from(expected);
  return given.length === wanted.length && timingSafeEqual(given, wanted) ? null : 'wrong signature';
}

const bodySchema = notifyMessageSchema.extend({ id: z.string().regex(/^[0-9a-f]{32}$/) });

export interface WebhookReceiver extends PlainServer {
  readonly url: string;
  readonly key: string;
  readonly taken: readonly z.infer<typeof bodySchema>[];
  /** Why it refused, in order. */
  readonly refused: readonly string[];
  nowS: () => number;
}

export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const key = 'CANARY-webhook-signing-key-0123456789';
  const taken = new Map<string, z.infer<typeof bodySchema>>();
  const refused: string[] = [];
  const plainServer = await startPlainServer(({ headers, body }) => {
    const why = verify(key, headers, body, receiver.nowS());
    if (why !== null) {
      refused.push(why);
      return { status: 401, body: why };
    }
    const read = bodySchema.safeParse(JSON.parse(body));
    if (!read.success || read.data.id !== headers['scram-id']) return { status: 422, body: 'not a message' };
    taken.set(read.data.id, read.data);
    return { status: 204 };
  });
  const receiver: WebhookReceiver = Object.assign(plainServer, {
    url: `${plainServer.origin}/hooks/scram?team=a`,
    key,
    refused,
    nowS: () => Date.now() / 1000,
    taken: [],
  });
  return Object.defineProperty(receiver, 'taken', { get: () => [...taken.values()] });
}
