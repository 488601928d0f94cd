import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aMessage, failureOf, HOSTILE, NEVER, targetOf } from '../../support/notify.ts';
import { startWebhookReceiver, verify, type WebhookReceiver } from '../../support/webhook-receiver.ts';

let receiver: WebhookReceiver;
beforeEach(async () => {
  receiver = await startWebhookReceiver();
});
afterEach(() => receiver.stop());

const open = (key = receiver.key) =>
  targetOf({ id: 'own', kind: 'webhook', credential: 'key', url: receiver.url }, { secrets: { key } });

describe('the signed webhook', () => {
  it('A8: a receiver that checks the signature takes the message as it is', async () => {
    const message = aMessage({ title: HOSTILE, text: 'é ✓ 日本' });
    await open().send(message, NEVER);
    expect(receiver.taken).toEqual([{ id: expect.any(String), ...message }]);
    expect(receiver.heard[0]?.path).toBe('/hooks/scram?team=a');
  });

  it('the same message sent twice has the same id, another one has another', async () => {
    const target = open();
    await target.send(aMessage(), NEVER);
    await target.send(aMessage(), NEVER);
    expect(receiver.heard).toHaveLength(2);
    expect(receiver.taken).toHaveLength(1);
    await target.send(aMessage({ atMs: 1 }), NEVER);
    expect(receiver.taken).toHaveLength(2);
  });

  it('is refused with another key, with another body, and when it is old', async () => {
    await failureOf(open('another key, long enough').send(aMessage(), NEVER));
    receiver.nowS = () => Date.now() / 1000 + 301;
    expect(await failureOf(open().send(aMessage(), NEVER))).toMatchObject({ code: 'credential', retryable: false });
    expect(receiver.refused).toEqual(['wrong signature', 'too old']);
    const [, { headers, body }] = receiver.heard as [unknown, (typeof receiver.heard)[number]];
    const nowS = Date.now() / 1000;
    expect(verify(receiver.key, headers, body, nowS)).toBeNull();
    expect(verify(receiver.key, headers, body.replace('accepted', 'refused'), nowS)).toBe('wrong signature');
    expect(verify(receiver.key, { ...headers, 'scram-id': 'other' }, body, nowS)).toBe('wrong signature');
    const later = String(Number(headers['scram-timestamp']) + 1);
    expect(verify(receiver.key, { ...headers, 'scram-timestamp': later }, body, nowS)).toBe('wrong signature');
  });

  it('a probe is a signed message of event test', async () => {
    expect(await open().probe(NEVER)).toMatchObject({ ok: true });
    expect(receiver.taken[0]).toMatchObject({ event: 'test' });
  });

  it('follows no redirect, and repeats nothing of what the endpoint says', async () => {
    receiver.trouble = () => ({ status: 307, headers: { location: 'http://127.0.0.1:9/' } });
    expect(await failureOf(open().send(aMessage(), NEVER))).toMatchObject({ code: 'provider', retryable: false });
    receiver.trouble = ({ headers }) => ({ status: 500, body: `key ${receiver.key} ${headers['scram-signature']}` });
    const error = await failureOf(open().send(aMessage(), NEVER));
    expect(error).toMatchObject({ code: 'provider', retryable: true });
    expect(error.message).not.toMatch(/CANARY|v1=/);
  });

  it('E2: a short key is refused', async () => {
    expect(await failureOf(open('short').send(aMessage(), NEVER))).toMatchObject({ code: 'credential' });
  });
});
