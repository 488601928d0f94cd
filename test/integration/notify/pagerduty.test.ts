import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NotifyEvent } from '../../../shared/model/notify.ts';
import { aMessage, failureOf, HOSTILE, NEVER, targetOf } from '../../support/notify.ts';
import { type PagerDutyServer, startPagerDuty } from '../../support/pagerduty-server.ts';

let pager: PagerDutyServer;
beforeEach(async () => {
  pager = await startPagerDuty();
});
afterEach(() => pager.stop());

const open = (key = pager.routingKey) =>
  targetOf({ id: 'pager', kind: 'pagerduty', credential: 'key', url: pager.origin }, { secrets: { key } });

describe('PagerDuty', () => {
  it('D3: break-glass opens one alert, and its review closes it', async () => {
    const target = open();
    const glass = { key: 'break-glass/1', title: 'Break-glass in production' };
    await target.send(aMessage({ event: 'break-glass', severity: 'critical', ...glass }), NEVER);
    await target.send(aMessage({ event: 'break-glass-overdue', severity: 'critical', ...glass }), NEVER);
    expect([...pager.open.keys()]).toEqual(['break-glass/1']);
    expect(pager.open.get('break-glass/1')?.payload).toMatchObject({
      severity: 'critical',
      timestamp: '2023-11-14T22:13:20.000Z',
      custom_details: { Flag: 'enable_new_pricing' },
    });
    await target.send(aMessage({ event: 'break-glass', resolved: true, ...glass }), NEVER);
    expect(pager.open.size).toBe(0);
  });

  it.each<[NotifyEvent, number, number]>([
    ['incident', 1, 0],
    ['approval-wanted', 1, 0],
    ['change', 0, 1],
    ['status', 0, 1],
    ['anchor', 0, 1],
  ])('%s: what is to be acted on is an alert, the rest a change event', async (event, alerts, changes) => {
    await open().send(aMessage({ event }), NEVER);
    expect([pager.open.size, pager.changes.length]).toEqual([alerts, changes]);
  });

  it('takes whatever a flag is called, and keeps within the limits', async () => {
    const facts = [
      { label: '__proto__', text: HOSTILE },
      ...Array.from({ length: 200 }, (_, index) => ({ label: `f${index}`, text: 'x'.repeat(9000) })),
    ];
    await open().send(aMessage({ title: 'é'.repeat(300), facts, key: 'k'.repeat(255) }), NEVER);
    expect(Object.keys(pager.changes[0]?.payload.custom_details ?? {})).toContain('f1');
  });

  it('a probe sends a change event that says that it is a test, and wakes nobody', async () => {
    expect(await open().probe(NEVER)).toMatchObject({ ok: true, detail: expect.stringContaining('test') });
    expect(pager.open.size).toBe(0);
    expect(pager.changes[0]?.payload.summary).toMatch(/test/i);
  });

  it('E2: a wrong key is a matter of the credential, and stands in no error', async () => {
    const error = await failureOf(open('WRONG-secret-routing-key').send(aMessage(), NEVER));
    expect(error).toMatchObject({ code: 'credential', retryable: false });
    expect(`${error.message} ${error.action}`).not.toContain('WRONG-secret-routing-key');
    const report = await open('WRONG-secret-routing-key').probe(NEVER);
    expect(report.ok).toBe(false);
    expect(JSON.stringify(report)).not.toContain('WRONG-secret-routing-key');
  });

  it.each(Array.from({ length: 12 }, (_, index) => 440 + 8 * index))(
    'E2: nor in part, where its words are cut: at %i',
    async (at) => {
      pager.trouble = () => ({
        status: 400,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ message: (at % 16 === 0 ? 'routing_key ' : '').padEnd(at, 'x') + pager.routingKey }),
      });
      const { message } = await failureOf(open().send(aMessage(), NEVER));
      expect(message).not.toContain(pager.routingKey.slice(0, 4));
    },
  );

  it.each([
    [429, 'rate-limited', true],
    [503, 'provider', true],
    [400, 'provider', false],
  ])('%i is %s', async (status, code, retryable) => {
    pager.trouble = () => ({ status, headers: { 'retry-after': '60' }, body: '' });
    expect(await failureOf(open().send(aMessage(), NEVER))).toMatchObject({ code, retryable });
  });

  it('E2: the key goes over no network in the clear', async () => {
    const target = targetOf(
      { id: 'pager', kind: 'pagerduty', credential: 'key', url: 'http://events.example.org' },
      { secrets: { key: pager.routingKey } },
    );
    expect(await failureOf(target.send(aMessage(), NEVER))).toMatchObject({ code: 'config-invalid' });
  });
});
