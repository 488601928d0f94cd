import type { BreakGlass } from '../../../shared/model/approval.ts';
import type { NotifyMessage } from '../../../shared/model/notify.ts';
import { utc } from '../../../shared/rules/notify-text.ts';
import { type Facts, messageOf } from './message.ts';

/** Templates about break-glass (D3), all under one key: a pager's alert stays open until somebody has reviewed it. */
const glassKey = (id: string): string => `break-glass/${id}`;

interface GlassFacts {
  readonly glass: BreakGlass;
  readonly who: string;
}
const glassFacts = ({ glass, who }: GlassFacts): Facts => [
  ['Environment', glass.environment],
  ['Who', who],
  ['Why', glass.reason],
  ['Opened', utc(glass.openedAtMs)],
];

export function breakGlassOpened(facts: GlassFacts): NotifyMessage {
  const { glass, who } = facts;
  return messageOf({
    event: 'break-glass',
    title: `Break-glass in ${glass.environment}: ${who} acts alone`,
    severity: 'critical',
    facts: [
      ...glassFacts(facts),
      ['Until', utc(glass.untilMs)],
      ['What next', `A second person reviews it in Scram, Approvals, by ${utc(glass.reviewByMs)}.`],
    ],
    key: glassKey(glass.id),
    atMs: glass.openedAtMs,
  });
}

/** Over, and still to be reviewed: it stays open until somebody has (D3). */
export function breakGlassEnded(facts: GlassFacts & { atMs: number; changes: number }): NotifyMessage {
  const { glass, atMs, changes } = facts;
  return messageOf({
    event: 'break-glass',
    title: `Break-glass in ${glass.environment} is over and waits for its review`,
    severity: 'warning',
    facts: [
      ...glassFacts(facts),
      ['Ended', utc(atMs)],
      ['Changes made', String(changes)],
      ['What next', `A second person reviews it in Scram, Approvals, by ${utc(glass.reviewByMs)}.`],
    ],
    key: glassKey(glass.id),
    atMs,
  });
}

export function breakGlassReviewed(
  facts: GlassFacts & { reviewer: string; verdict: 'accepted' | 'contested'; note: string; atMs: number },
): NotifyMessage {
  const { glass, verdict, atMs } = facts;
  return messageOf({
    event: 'break-glass',
    title: `Break-glass in ${glass.environment} was reviewed: ${verdict}`,
    severity: verdict === 'contested' ? 'warning' : 'info',
    facts: [...glassFacts(facts), ['Reviewed by', facts.reviewer], ['In words', facts.note]],
    key: glassKey(glass.id),
    resolved: true,
    atMs,
  });
}

export function breakGlassOverdue(facts: GlassFacts & { atMs: number }): NotifyMessage {
  const { glass, atMs } = facts;
  return messageOf({
    event: 'break-glass-overdue',
    title: `Break-glass in ${glass.environment} has not been reviewed in time`,
    severity: 'critical',
    facts: [
      ...glassFacts(facts),
      ['Review was due', utc(glass.reviewByMs)],
      ['What next', 'Somebody other than the person named here reviews it in Scram, Approvals.'],
    ],
    key: glassKey(glass.id),
    atMs,
  });
}
