import { describe, expect, it } from 'vitest';
import { messagesFor } from '../../../electron/services/notify/triggers.ts';
import { entryDataSchema, type EntryData } from '../../../shared/model/entry.ts';
import { notifyMessageSchema } from '../../../shared/model/notify.ts';
import { messageText } from '../../../shared/rules/notify-text.ts';
import { HOSTILE } from '../../support/notify.ts';
import {
  aBatch,
  aChange,
  aGlass,
  BATCH,
  decision,
  entryOf,
  HASH,
  incident,
  lookups,
  REQUEST,
  request,
} from './facts.ts';

const heads = [{ device: 'dev-1', sequence: 7, hash: 'a'.repeat(64) }];
const result = (over: Partial<Extract<EntryData, { kind: 'change.result' }>> = {}): EntryData => ({
  kind: 'change.result',
  hash: HASH,
  outcome: 'accepted',
  reconciled: false,
  detail: null,
  ...over,
});

/** What each entry says, who did it, and what must stand in the message. */
const CAUSES: [string, EntryData, { event: string; severity: string; key: string; resolved: boolean }, string[]][] = [
  [
    'D1: an approval is wanted',
    { kind: 'approval.requested', request },
    { event: 'approval-wanted', severity: 'warning', key: `approval/${REQUEST}`, resolved: false },
    [
      'kill enable_new_pricing in production',
      'Asked by: Alex',
      'Check code: 4F7K-92QX',
      'errors at checkout',
      '20 % of users',
      'nobody',
    ],
  ],
  [
    'D1: it is given',
    { kind: 'approval.decided', decision },
    { event: 'approval-decided', severity: 'info', key: `approval/${REQUEST}`, resolved: true },
    ['Approved: kill enable_new_pricing', 'Approved by: Sam', 'looks right', 'Nothing has been changed yet'],
  ],
  [
    'D4: a decision came as a text block',
    { kind: 'approval.imported', request: null, decision, changes: [], batch: null },
    { event: 'approval-decided', severity: 'info', key: `approval/${REQUEST}`, resolved: true },
    ['Approved by: Sam'],
  ],
  [
    'D11: a request ended by itself',
    {
      kind: 'approval.ended',
      request: REQUEST,
      subject: { kind: 'change', hash: HASH },
      end: 'expired',
      why: 'after 30 minutes',
    },
    { event: 'approval-decided', severity: 'info', key: `approval/${REQUEST}`, resolved: true },
    ['in production was not approved in time', 'after 30 minutes'],
  ],
  [
    'D3: the glass is broken',
    { kind: 'breakglass.opened', glass: aGlass().glass },
    { event: 'break-glass', severity: 'critical', key: 'break-glass/g1', resolved: false },
    [
      'Break-glass in production: Alex acts alone',
      'Why: nobody else is awake',
      'Until: 2023-11-14 22:28:20 UTC',
      'reviews it',
    ],
  ],
  [
    'D3: its time is over, its review is not',
    { kind: 'breakglass.ended', id: 'g1' },
    { event: 'break-glass', severity: 'warning', key: 'break-glass/g1', resolved: false },
    ['waits for its review', 'Changes made: 1'],
  ],
  [
    'D3: somebody has reviewed it',
    { kind: 'breakglass.reviewed', id: 'g1', verdict: 'contested', note: 'why not wait' },
    { event: 'break-glass', severity: 'warning', key: 'break-glass/g1', resolved: true },
    ['was reviewed: contested', 'Reviewed by: Alex', 'why not wait'],
  ],
  [
    'a change was accepted',
    result(),
    { event: 'change', severity: 'info', key: `change/${HASH}`, resolved: false },
    [
      'Kill enable_new_pricing in production: accepted',
      'Who: Alex',
      'Why: errors at checkout',
      'Change: abababababab',
      'Services: checkout',
    ],
  ],
  [
    'a change failed',
    result({ outcome: 'failed', detail: 'no answer' }),
    { event: 'change', severity: 'warning', key: `change/${HASH}`, resolved: false },
    [': failed', 'Was to be: nobody', 'In words: no answer'],
  ],
  [
    'D9: an incident is opened',
    { kind: 'incident.opened', incident },
    { event: 'incident', severity: 'critical', key: 'incident/i1', resolved: false },
    ['Incident opened: Checkout errors', 'Opened by: Alex', 'are held'],
  ],
  [
    'D9: an incident is closed',
    { kind: 'incident.closed', id: 'i1', note: 'all green' },
    { event: 'incident', severity: 'info', key: 'incident/i1', resolved: true },
    ['Closed by: Alex', 'all green'],
  ],
  [
    'D9: a change is let through',
    { kind: 'freeze.overridden', incident: 'i1', subject: { kind: 'change', hash: HASH }, reason: 'it is the fix' },
    { event: 'incident', severity: 'warning', key: 'incident/i1', resolved: false },
    ['Let through during the incident Checkout errors: kill enable_new_pricing', 'it is the fix'],
  ],
  [
    'D10: an anchor for a notify target',
    { kind: 'anchor.made', place: 'notify', where: 'room', digest: 'f'.repeat(64), heads },
    { event: 'anchor', severity: 'info', key: 'anchor', resolved: false },
    [`scram-anchor-v1 ${'f'.repeat(64)}`],
  ],
];

describe('which entries cause which messages', () => {
  it.each(CAUSES)('%s', (_name, data, head, words) => {
    expect(entryDataSchema.safeParse(data).error).toBeUndefined();
    const [message, ...more] = messagesFor(entryOf(data), lookups());
    expect(more).toEqual([]);
    expect(message).toMatchObject(head);
    expect(notifyMessageSchema.safeParse(message).error).toBeUndefined();
    const text = messageText(message!);
    for (const word of words) expect(text).toContain(word);
    expect(text).not.toContain('definitions are not told');
  });

  it.each<EntryData>([
    { kind: 'notify.sent', target: 'room', event: 'change', ok: true, detail: null },
    { kind: 'change.proposed', change: aChange() },
    { kind: 'operator.unlocked', operator: 'alex', key: 'k1', how: 'passphrase' },
    { kind: 'anchor.made', place: 'file', where: 'anchor.txt', digest: 'f'.repeat(64), heads },
    { kind: 'approval.imported', request, decision: null, changes: [], batch: null },
    { kind: 'note.added', text: 'hello', incident: null },
  ])('$kind causes none', (data) => {
    expect(messagesFor(entryOf(data), lookups())).toEqual([]);
  });

  it('B4: a bulk kill is one message, and none for each of its flags', () => {
    const of = lookups({
      batchesOf: () => [BATCH],
      batch: () =>
        aBatch([
          ['a', 'accepted', null],
          ['b', 'failed', 'no answer'],
        ]),
    });
    expect(messagesFor(entryOf(result()), of)).toEqual([]);
    const [message] = messagesFor(entryOf({ kind: 'batch.ended', hash: BATCH }), of);
    expect(message).toMatchObject({
      title: 'Bulk kill checkout-minimum in production: 1 of 2 accepted',
      severity: 'warning',
    });
    expect(messageText(message!)).toContain('Not done: b (no answer)');
    // After a crash no end of it would tell.
    expect(messagesFor(entryOf(result({ reconciled: true })), of)).toHaveLength(1);
  });

  it('D3: a change under break-glass says so, and says who began it', () => {
    const of = lookups({ began: () => ({ operator: 'sam', breakGlass: true }) });
    const [message] = messagesFor(entryOf(result(), null), of);
    expect(message).toMatchObject({ severity: 'warning' });
    expect(messageText(message!)).toMatch(/Who: Sam\n[\s\S]*Alone: under break-glass/);
  });

  it('what is not known is left out, and nothing is thrown', () => {
    const nothing = lookups({
      change: () => null,
      approval: () => null,
      glass: () => null,
      incident: () => null,
      batch: () => null,
      nameOf: (operator) => operator,
    });
    for (const [, data] of CAUSES) {
      for (const message of messagesFor(entryOf(data, null), nothing)) {
        expect(notifyMessageSchema.safeParse(message).error).toBeUndefined();
      }
    }
    expect(messagesFor(entryOf({ kind: 'batch.ended', hash: BATCH }), nothing)).toEqual([]);
  });

  it('foreign words stay on their line and within the limits, however long they are', () => {
    const change = aChange(
      { flag: HOSTILE, affectedServices: Array.from({ length: 400 }, () => HOSTILE) },
      HOSTILE.repeat(200),
    );
    const [message] = messagesFor(entryOf(result({ detail: HOSTILE.repeat(99) })), lookups({ change: () => change }));
    expect(notifyMessageSchema.safeParse(message).error).toBeUndefined();
    expect(message?.title).not.toMatch(/[\r\n\u202e]/);
    for (const { text } of message?.facts ?? []) {
      expect(text).not.toMatch(/[\r\n\u202e]/);
      expect(text.length).toBeLessThanOrEqual(1000);
    }
  });

  it('D10: a line that no message holds whole is not sent in part', () => {
    const data = { kind: 'anchor.made', place: 'notify', where: 'room', digest: 'f'.repeat(64), heads } as const;
    const [message] = messagesFor(entryOf(data), lookups({ anchorLine: () => 'x'.repeat(4001) }));
    expect(message?.text).toBe('');
    expect(messageText(message!)).toContain('f'.repeat(64));
  });
});
