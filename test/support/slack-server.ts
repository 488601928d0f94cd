import { z } from 'zod';
import { type PlainReply, type PlainServer, parsed, startPlainServer } from './notify-http.ts';

/** Slack's documented limits, as it holds senders to them (docs.slack.dev, Block Kit reference). */
const text = (most: number) =>
  z.strictObject({
    type: z.enum(['plain_text', 'mrkdwn']),
    text: z.string().min(1).max(most),
    emoji: z.boolean().optional(),
  });
const plain = (most: number) => text(most).refine(({ type }) => type === 'plain_text');
const block = z.union([
  z.strictObject({ type: z.literal('header'), text: plain(150) }),
  z.strictObject({ type: z.literal('section'), text: text(3000) }),
  z.strictObject({ type: z.literal('section'), fields: z.array(text(2000)).min(1).max(10) }),
  z.strictObject({ type: z.literal('context'), elements: z.array(text(3000)).min(1).max(10) }),
]);
const payload = z.strictObject({
  text: z.string().min(1).max(40_000),
  mrkdwn: z.boolean().optional(),
  blocks: z.array(block).min(1).max(50).optional(),
  unfurl_links: z.boolean().optional(),
  unfurl_media: z.boolean().optional(),
});
export type SlackPayload = z.infer<typeof payload>;

export interface SlackServer extends PlainServer {
  /** The webhook's whole address: the secret. */
  readonly webhook: string;
  readonly posted: readonly SlackPayload[];
}

/** A strict Slack: one incoming webhook, over real HTTP. */
export async function startSlack(secret = 'T0000CANARY/B0000CANARY/xoxcanary7f3aSECRET'): Promise<SlackServer> {
  const posted: SlackPayload[] = [];
  const plainServer = await startPlainServer(({ method, path, headers, body }): PlainReply => {
    if (method !== 'POST') return { status: 400, body: 'invalid_payload' };
    if (path !== `/services/${secret}`) return { status: 404, body: 'no_service' };
    if (!headers['content-type']?.startsWith('application/json')) return { status: 400, body: 'invalid_payload' };
    const value = parsed(body);
    if (value === undefined) return { status: 400, body: 'invalid_payload' };
    const read = payload.safeParse(value);
    if (!read.success) return { status: 400, body: 'invalid_blocks' };
    const words = JSON.stringify(read.data.blocks ?? []);
    // Any of Slack's control characters that is not an entity, or a link or mention of Slack's own making.
    if (/[<>]|&(?!amp;|lt;|gt;)/.test(words)) return { status: 400, body: 'invalid_blocks' };
    if (lengthOf(read.data) > 13_000) return { status: 400, body: 'msg_blocks_too_long' };
    posted.push(read.data);
    return { status: 200, body: 'ok' };
  });
  return Object.assign(plainServer, { webhook: `${plainServer.origin}/services/${secret}`, posted });
}

function lengthOf({ blocks = [] }: SlackPayload): number {
  return blocks.reduce((sum, one) => {
    const texts = 'text' in one ? [one.text] : 'fields' in one ? one.fields : one.elements;
    return sum + texts.reduce((all, { text: words }) => all + words.length, 0);
  }, 0);
}
