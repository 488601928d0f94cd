import type { NotifyEvent, NotifyMessage } from '../../../../shared/model/notify.ts';
import { cut, oneLine, plainLines } from '../../../../shared/rules/notify-text.ts';

/** PagerDuty's limits, characters. */
const SUMMARY = 1024;
const DEDUP_KEY = 255;
/** A whole event may have 512 KB; what a person reads of it is far less. */
const DETAIL = 4000;
const DETAILS = 60;

/** What somebody must act on is an alert, which opens and is closed; all else is a change event, which wakes nobody. */
const ALERTS: ReadonlySet<NotifyEvent> = new Set<NotifyEvent>([
  'break-glass',
  'break-glass-overdue',
  'incident',
  'approval-wanted',
  'approval-decided',
]);

export type PagerDutyEvent =
  | { readonly path: '/v2/enqueue'; readonly body: Readonly<Record<string, unknown>> }
  | { readonly path: '/v2/change/enqueue'; readonly body: Readonly<Record<string, unknown>> };

/** A message as PagerDuty's Events API v2 takes it, without the routing key. */
export function pagerDutyEvent(message: NotifyMessage): PagerDutyEvent {
  const details = detailsOf(message);
  const payload = {
    summary: cut(oneLine(message.title) || 'Scram', SUMMARY),
    source: 'scram',
    timestamp: new Date(message.atMs).toISOString(),
    custom_details: details,
  };
  if (!ALERTS.has(message.event)) return { path: '/v2/change/enqueue', body: { payload } };
  const dedup_key = cut(message.key, DEDUP_KEY);
  if (message.resolved)
    return {
      path: '/v2/enqueue',
      body: { event_action: 'resolve', dedup_key, payload: { ...payload, severity: 'info' } },
    };
  return {
    path: '/v2/enqueue',
    body: {
      event_action: 'trigger',
      dedup_key,
      client: 'Scram',
      payload: { ...payload, severity: message.severity, class: message.event },
    },
  };
}

function detailsOf({ facts, text }: NotifyMessage): Record<string, string> {
  // Without a prototype: a label named __proto__ is a label.
  const details: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const fact of facts.slice(0, DETAILS)) {
    const label = oneLine(fact.label);
    const before = details[label];
    details[label] = cut(before === undefined ? oneLine(fact.text) : `${before}; ${oneLine(fact.text)}`, DETAIL);
  }
  if (text !== '') details.Text = cut(plainLines(text), DETAIL);
  return details;
}
