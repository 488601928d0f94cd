import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aMessage, failureOf, HOSTILE, NEVER, targetOf } from '../../support/notify.ts';
import { type SlackServer, startSlack } from '../../support/slack-server.ts';

let slack: SlackServer;
beforeEach(async () => {
  slack = await startSlack();
});
afterEach(() => slack.stop());

const open = (webhook = slack.webhook, timeout = '10s') =>
  targetOf({ id: 'room', kind: 'slack', credential: 'hook', timeout }, { secrets: { hook: webhook } });

describe('Slack', () => {
  it('A8: posts a message as blocks, with its facts, and with text for notifications', async () => {
    await open().send(aMessage({ text: 'first line\nsecond line' }), NEVER);
    const [posted] = slack.posted;
    expect(posted?.text).toBe('Kill enable_new_pricing in production: accepted');
    const words = JSON.stringify(posted?.blocks);
    for (const part of ['Flag:\\nenable_new_pricing', 'errors at checkout', 'first line\\nsecond line', '2023-11-14']) {
      expect(words).toContain(part);
    }
  });

  it('shows foreign words as they are: no mention, no link, no formatting', async () => {
    await open().send(aMessage({ title: HOSTILE, facts: [{ label: HOSTILE, text: HOSTILE }], text: HOSTILE }), NEVER);
    const [posted] = slack.posted;
    for (const block of posted?.blocks ?? []) {
      if (block.type === 'context') continue;
      const texts = 'text' in block ? [block.text] : block.fields;
      for (const { type, text } of texts) {
        expect(type).toBe('plain_text');
        expect(text).toContain('&lt;!here&gt;');
        expect(text).toContain('&amp;amp;');
        expect(text).not.toContain('\u202e');
      }
    }
  });

  it("keeps within Slack's limits whatever comes", async () => {
    const facts = Array.from({ length: 60 }, (_, index) => ({ label: `<${index}>`, text: '<&>'.repeat(1500) }));
    await open().send(aMessage({ title: '<'.repeat(300), facts, text: '&'.repeat(4000) }), NEVER);
    await open().send(aMessage({ title: 'a & b', facts: [], text: 'y'.repeat(4000) }), NEVER);
    expect(slack.posted).toHaveLength(2);
    const last = slack.posted[1]?.blocks?.flatMap((block) =>
      block.type === 'section' && 'text' in block ? [block.text.text] : [],
    );
    expect(last?.join('')).toBe('y'.repeat(4000));
  });

  it('a probe posts a message that says that it is a test', async () => {
    const report = await open().probe(NEVER);
    expect(report).toMatchObject({ ok: true, canWrite: true, detail: expect.stringContaining('test message') });
    expect(slack.posted[0]?.text).toMatch(/test/i);
  });

  it.each([
    [404, 'no_service', 'credential', 'was removed'],
    [403, 'action_prohibited', 'refused', 'forbid'],
    [410, 'channel_is_archived', 'refused', 'archived'],
    [404, 'channel_not_found', 'refused', 'not there'],
    [400, 'invalid_payload', 'provider', 'could not be read'],
    [500, 'rollup_error', 'provider', 'rollup_error'],
    [200, '<html>Sign in</html>', 'provider', 'a proxy'],
  ])('says what a refusal means: %i %s', async (status, body, code, words) => {
    slack.trouble = () => ({ status, body });
    const error = await failureOf(open().send(aMessage(), NEVER));
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
    expect(error.retryable).toBe(status === 500);
  });

  it('tells how long it is to be left alone', async () => {
    slack.trouble = () => ({ status: 429, headers: { 'retry-after': '7' } });
    expect(await failureOf(open().send(aMessage(), NEVER))).toMatchObject({ code: 'rate-limited', retryAfterMs: 7000 });
  });

  it('E2: the address is in no error, whatever fails', async () => {
    const secretParts = slack.webhook.slice(slack.origin.length + '/services/'.length).split('/');
    const troubles = [
      () => ({ status: 302, headers: { location: `https://other.example/services/${secretParts.join('/')}?x=1` } }),
      () => ({ status: 500, body: `failed for ${slack.webhook}` }),
      () => 'hang' as const,
    ];
    const errors = [];
    for (const trouble of troubles) {
      slack.trouble = trouble;
      errors.push(await failureOf(open(slack.webhook, '300ms').send(aMessage(), NEVER)));
    }
    await slack.stop();
    errors.push(await failureOf(open().send(aMessage(), NEVER)));
    expect(errors.map(({ code }) => code)).toEqual(['provider', 'provider', 'timeout', 'unreachable']);
    for (const error of errors) {
      const words = `${error.message} ${error.action} ${String(error.cause)} ${error.stack}`;
      for (const part of secretParts) expect(words).not.toContain(part);
    }
    slack = await startSlack();
  });

  it.each([
    'http://hooks.slack.com/services/T/B/secretsecret',
    'ftp://hooks.slack.com/services/T',
    'secretsecret',
    'https://hooks.slack.com',
  ])('E2: posts to https addresses alone: not to %s', async (webhook) => {
    const error = await failureOf(open(webhook).send(aMessage(), NEVER));
    expect(error.code).toBe('credential');
    expect(`${error.message} ${error.action}`).not.toContain('secretsecret');
  });
});
