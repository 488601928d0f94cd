import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createNotifyService } from '../../electron/services/notify/notify-service.ts';
import type { NotifyTarget } from '../../electron/services/notify/target.ts';
import { notifyEventSchema } from '../../shared/model/notify.ts';
import { memoryLedger } from '../support/ledger.ts';
import { aMessage, NEVER, targetOf } from '../support/notify.ts';
import { type PagerDutyServer, startPagerDuty } from '../support/pagerduty-server.ts';
import { type SlackServer, startSlack } from '../support/slack-server.ts';
import { type RunningSmtp, startSmtp } from '../support/smtp-server.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';
import { manualClock } from '../unit/changes/world.ts';
import { lookups } from '../unit/notify/facts.ts';

/** Every secret of this test holds this, in capitals or not; nothing else of it does. */
const CANARY = /canary/i;

/** Where a secret stands, with what is around it; the name of this file in a stack is none. */
function found(seen: string): string[] {
  const words = seen.replaceAll('027-notify-canary.test.ts', '');
  return [...words.matchAll(/.{0,60}canary.{0,60}/gi)].map(([around]) => around);
}
const SLACK = 'T00CANARY/B00CANARY/xoxcanary7f3a';
const PASSWORD = 'CANARY-smtp-s3cr3t';

let slack: SlackServer;
let pager: PagerDutyServer;
let receiver: WebhookReceiver;
let smtp: RunningSmtp;
beforeEach(async () => {
  [slack, pager, receiver, smtp] = await Promise.all([
    startSlack(SLACK),
    startPagerDuty(),
    startWebhookReceiver(),
    startSmtp({ tls: 'starttls', user: 'scram', password: PASSWORD }),
  ]);
});
afterEach(() => Promise.all([slack, pager, receiver, smtp].map((server) => server.stop())));

function targets(password = PASSWORD) {
  const email = { id: 'mail', kind: 'email', host: '127.0.0.1', from: 'scram@example.org', to: ['a@example.org'] };
  const secrets = { hook: slack.webhook, routing: pager.routingKey, signing: receiver.key, login: `scram:${password}` };
  const parts = { secrets, files: { 'ca.pem': smtp.certificate.cert } };
  return [
    targetOf({ id: 'room', kind: 'slack', credential: 'hook', timeout: '500ms' }, parts),
    targetOf({ id: 'pager', kind: 'pagerduty', credential: 'routing', url: pager.origin, timeout: '500ms' }, parts),
    targetOf({ id: 'own', kind: 'webhook', credential: 'signing', url: receiver.url, timeout: '500ms' }, parts),
    targetOf({ ...email, port: smtp.port, ca: 'ca.pem', credential: 'login', timeout: '2s' }, parts),
  ];
}

/** Sends through a service, probes everything, and gives back all that a person or a file would ever see of it. */
async function everythingSeen(all: (NotifyTarget & { lines: string[] })[]): Promise<string> {
  const { ledger, store } = memoryLedger(1);
  const logged: unknown[] = [];
  const log = (event: string, fields?: unknown) => void logged.push([event, fields]);
  const service = createNotifyService({
    targets: all.map((target, index) => ({ id: `t${index}`, target, events: notifyEventSchema.options })),
    ledger,
    clock: manualClock(),
    log: { info: log, warn: log, error: log },
    device: ledger.device,
    lookups: lookups(),
    glass: () => [],
  });
  const results = await service.send(aMessage({ event: 'status' }), NEVER);
  const states = service.targets();
  const probes = await Promise.all(all.map((target) => target.probe(NEVER)));
  const errors = await Promise.all(
    all.map((target) =>
      target.send(aMessage(), NEVER).then(
        () => 'sent',
        (error: Error) => [error.message, error.stack, String(error.cause), JSON.stringify(error)],
      ),
    ),
  );
  service.dispose();
  return JSON.stringify([results, states, probes, errors, logged, store.rowsNow, all.map(({ lines }) => lines)]);
}

describe('027: the secrets of notify targets are in nothing that leaves them (E2)', () => {
  it('when all goes well: nor in the messages themselves', async () => {
    const seen = await everythingSeen(targets());
    expect(seen).toContain('"ok":true');
    expect(seen).not.toContain('"ok":false');
    expect(found(seen)).toEqual([]);
    expect(found(JSON.stringify([slack.posted, receiver.taken]))).toEqual([]);
    expect(found(JSON.stringify(pager.changes.map(({ payload }) => payload)))).toEqual([]);
    expect(found(JSON.stringify(await smtp.mails(2)))).toEqual([]);
    // Each secret did go where it belongs.
    expect(slack.heard[0]?.path).toContain('CANARY');
    expect(pager.heard[0]?.body).toMatch(CANARY);
  });

  it.each([
    ['the other side repeats everything that it was sent', 400],
    ['it fails and repeats everything', 500],
    ['it redirects to an address that holds everything', 302],
  ])('when %s', async (_name, status) => {
    const servers = [
      [slack, SLACK],
      [pager, pager.routingKey],
      [receiver, receiver.key],
    ] as const;
    for (const [server, secret] of servers) {
      server.trouble = ({ path, headers, body }) => {
        const said = `${path} ${JSON.stringify(headers)} ${body} ${secret} ${encodeURIComponent(secret)}`;
        const location = `https://other.example${path}/${secret}?key=${secret}`;
        return {
          status,
          headers: {
            'content-type': status === 400 ? 'text/plain' : 'application/json',
            ...(status === 302 ? { location } : {}),
          },
          body: status === 500 ? JSON.stringify({ message: said, errors: [said] }) : said,
        };
      };
    }
    const seen = await everythingSeen(targets('CANARY-wrong-password'));
    expect(seen).not.toContain('"ok":true');
    expect(found(seen)).toEqual([]);
  });

  it('when nothing answers in time', async () => {
    for (const server of [slack, pager, receiver]) server.trouble = () => 'hang';
    const seen = await everythingSeen(targets());
    expect(seen).toContain('not sent yet');
    expect(found(seen)).toEqual([]);
  });

  it('when nothing listens there any more', async () => {
    const all = targets();
    await Promise.all([slack, pager, receiver, smtp].map((server) => server.stop()));
    expect(found(await everythingSeen(all))).toEqual([]);
  });

  it('when a secret is not what it should be', async () => {
    const secrets = {
      hook: 'CANARY not an address',
      short: 'CANARY',
      login: 'CANARY-without-colon',
      lines: 'CANARY\nCANARY',
    };
    const seen = await everythingSeen([
      targetOf({ id: 'room', kind: 'slack', credential: 'hook' }, { secrets }),
      targetOf({ id: 'own', kind: 'webhook', credential: 'short', url: receiver.url }, { secrets }),
      targetOf({ id: 'pager', kind: 'pagerduty', credential: 'lines', url: pager.origin }, { secrets }),
      targetOf(
        { id: 'mail', kind: 'email', host: 'mail.test', from: 'a@b.org', to: ['c@d.org'], credential: 'login' },
        { secrets },
      ),
    ]);
    expect(found(seen)).toEqual([]);
    expect(seen).toContain('user:password');
  });
});
