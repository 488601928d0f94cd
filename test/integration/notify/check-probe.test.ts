import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { probeConnections } from '../../../electron/compose/probe.ts';
import type { TeamStore } from '../../../electron/services/team/store.ts';
import { configSchema } from '../../../shared/model/config/index.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { type PagerDutyServer, startPagerDuty } from '../../support/pagerduty-server.ts';
import { type SlackServer, startSlack } from '../../support/slack-server.ts';
import { type RunningSmtp, startSmtp } from '../../support/smtp-server.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../../support/webhook-receiver.ts';

let slack: SlackServer;
let pager: PagerDutyServer;
let receiver: WebhookReceiver;
let smtp: RunningSmtp;
beforeAll(async () => {
  [slack, pager, receiver, smtp] = await Promise.all([
    startSlack(),
    startPagerDuty(),
    startWebhookReceiver(),
    startSmtp({ tls: 'none', user: 'scram', password: 'CANARY-s3cret' }),
  ]);
});
afterAll(() => Promise.all([slack, pager, receiver, smtp].map((server) => server.stop())));

const MAIL = { id: 'mail', kind: 'email', host: '127.0.0.1', security: 'none', from: 'a@b.org', to: ['c@d.org'] };

const configOf = (notify: unknown[], more: Record<string, unknown> = {}) =>
  configSchema.parse({ version: 1, team: 'a', environments: { production: {} }, notify, ...more });

const env = (password = 'CANARY-s3cret') => ({
  SLACK: slack.webhook,
  PAGER: pager.routingKey,
  HOOK: receiver.key,
  MAIL: `scram:${password}`,
  STORE: 'postgres://x',
});

const all = () => [
  { id: 'room', kind: 'slack', credential: 'env:SLACK' },
  { id: 'pager', kind: 'pagerduty', credential: 'env:PAGER', url: pager.origin },
  { id: 'own', kind: 'webhook', credential: 'env:HOOK', url: receiver.url },
  { ...MAIL, port: smtp.port, credential: 'env:MAIL' },
];

describe('scram check --probe', () => {
  it('A8: tries every notify target out', async () => {
    const probed = await probeConnections(configOf(all()), { baseDir: '/nowhere', env: env() });
    expect(probed.map(({ id, kind, role, report }) => [id, kind, role, report.ok, report.detail])).toEqual([
      ['room', 'slack', 'notify', true, expect.stringContaining('test message')],
      ['pager', 'pagerduty', 'notify', true, expect.stringContaining('test')],
      ['own', 'webhook', 'notify', true, expect.stringContaining('event test')],
      ['mail', 'email', 'notify', true, expect.stringContaining('No mail was sent')],
    ]);
    expect(slack.posted.map(({ text }) => text)).toEqual([expect.stringMatching(/test/i)]);
    expect(pager.open.size).toBe(0);
    expect(smtp.events().some(({ kind }) => kind === 'mail')).toBe(false);
  });

  it('E2: says of each what is wrong with it, without its secret, and goes on with the others', async () => {
    slack.trouble = () => ({ status: 404, body: 'no_service' });
    const probed = await probeConnections(
      configOf([...all(), { id: 'unset', kind: 'slack', credential: 'env:NOT_SET' }]),
      { baseDir: '/nowhere', env: env('CANARY-wrong') },
    );
    slack.trouble = null;
    expect(probed.map(({ id, report }) => [id, report.ok])).toEqual([
      ['room', false],
      ['pager', true],
      ['own', true],
      ['mail', false],
      ['unset', false],
    ]);
    expect(probed[0]?.report.detail).toContain('new incoming webhook');
    expect(probed[4]?.report.detail).toContain('NOT_SET');
    expect(JSON.stringify(probed)).not.toMatch(/CANARY/i);
  });

  it('D8: tries the team store out, and lets go of it', async () => {
    const config = configOf([], { teamStore: { kind: 'postgres', credential: 'env:STORE' } });
    const calls: string[] = [];
    const store = (connect: () => Promise<void>): TeamStore =>
      ({
        connect: () => {
          calls.push('connect');
          return connect();
        },
        heads: async () => {
          calls.push('heads');
          return new Map([['dev-1', 4]]);
        },
        dispose: async () => void calls.push('dispose'),
      }) as unknown as TeamStore;
    const where = { baseDir: '/nowhere', env: env() };
    expect(await probeConnections(config, where, () => store(async () => undefined))).toMatchObject([
      {
        id: 'teamStore',
        kind: 'postgres',
        role: 'team',
        report: { ok: true, detail: 'the team store holds the chain of 1 console' },
      },
    ]);
    const failing = async () => {
      throw new ScramError('credential', 'the role is not let in', { action: 'Check it.' });
    };
    expect(await probeConnections(config, where, () => store(failing))).toMatchObject([
      { role: 'team', report: { ok: false, detail: 'the role is not let in. Check it.' } },
    ]);
    expect(calls).toEqual(['connect', 'heads', 'dispose', 'connect', 'dispose']);
  });

  it('a configuration without them has none to try', async () => {
    expect(await probeConnections(configOf([]), { baseDir: '/nowhere', env: {} })).toEqual([]);
  });
});
