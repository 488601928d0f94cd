import { describe, expect, it } from 'vitest';
import { asksText } from '../../../renderer/features/approvals/asks.tsx';
import { deadlineText } from '../../../renderer/features/approvals/deadline.ts';
import { newsOf, sortItems, toReview } from '../../../renderer/features/approvals/sort.ts';
import { stateOf } from '../../../renderer/features/approvals/state-of.ts';
import { batchPreviewOf } from '../../../renderer/features/changes/batch-preview-of.ts';
import { inputOf } from '../../../renderer/features/changes/resume-dialog.tsx';
import { termsOf } from '../../../renderer/features/changes/terms.ts';
import { formatText, type Language, type TextId, type TextParams } from '../../../renderer/messages/format.ts';
import { contract } from '../../../shared/contract/index.ts';
import { approvalEndSchema } from '../../../shared/model/approval.ts';
import { batchPreviewSchema } from '../../../shared/model/batch.ts';
import { change, glass, item } from './approval-samples.ts';
import { payload, state } from './samples.ts';

const words = (language: Language) => (id: TextId, params?: TextParams) => formatText(language, id, params);
const ids = (items: readonly { request: { body: { id: string } } }[]) => items.map(({ request }) => request.body.id);

describe('what is shown where', () => {
  const items = [
    item({ id: 'd', atMs: 40, requester: 'sam' }),
    item({ id: 'c', atMs: 30, requester: 'sam', state: 'approved' }),
    item({ id: 'b', atMs: 20 }),
    item({ id: 'a', atMs: 10, requester: 'kim' }),
    item({ id: 'e', atMs: 5, state: 'refused' }),
    item({ id: 'f', atMs: 4, state: 'approved' }),
  ];

  it('D1: nobody is offered to decide about their own; the longest waiting stands first, so that a new one moves nothing', () => {
    const sorted = sortItems(items, 'alex');
    expect(ids(sorted.waiting)).toEqual(['a', 'd']);
    expect(ids(sorted.own)).toEqual(['f', 'b']);
    expect(ids(sorted.ended)).toEqual(['c', 'e']);
    const more = sortItems([item({ id: 'g', atMs: 50, requester: 'sam' }), ...items], 'alex');
    expect(ids(more.waiting)).toEqual(['a', 'd', 'g']);
  });

  it('E1: a locked console shows every request that waits, and calls none its own', () => {
    const sorted = sortItems(items, null);
    expect(ids(sorted.waiting)).toEqual(['a', 'b', 'd']);
    expect(sorted.own).toEqual([]);
  });

  it('D3: what is overdue or due soonest is reviewed first; what is open or reviewed is not', () => {
    const all = [
      glass('open'),
      glass('to-review', { id: 'later', reviewByMs: 200 }),
      glass('overdue', { id: 'over', reviewByMs: 100 }),
      glass('reviewed'),
    ];
    expect(toReview(all).map(({ glass: own }) => own.id)).toEqual(['over', 'later']);
  });
});

describe('what a person hears of', () => {
  it('D4: a request that comes in for somebody else to decide, and what became of their own; never what was there before', () => {
    const waiting = item({ id: 'a', requester: 'sam' });
    expect(newsOf(null, [waiting], 'alex')).toEqual([]);
    expect(newsOf([], [waiting], 'alex')).toEqual([{ kind: 'asked', item: waiting }]);
    expect(newsOf([waiting], [waiting], 'alex')).toEqual([]);
    const own = item({ id: 'b' });
    expect(newsOf([], [own], 'alex')).toEqual([]);
    const approved = item({ id: 'b', state: 'approved' });
    expect(newsOf([own], [approved], 'alex')).toEqual([{ kind: 'approved', item: approved }]);
    expect(newsOf([own], [item({ id: 'b', state: 'refused' })], 'alex').map(({ kind }) => kind)).toEqual(['refused']);
    expect(newsOf([own], [item({ id: 'b', state: 'moved' })], 'alex')).toEqual([]);
    expect(newsOf([waiting], [item({ id: 'a', requester: 'sam', state: 'approved' })], 'alex')).toEqual([]);
  });
});

describe('how a request stands', () => {
  it('D11: it is expired at its time, before the back end has said it; an approval too', () => {
    expect(stateOf(item({ expiresAtMs: 100 }), 99)).toBe('waiting');
    expect(stateOf(item({ expiresAtMs: 100 }), 100)).toBe('expired');
    expect(stateOf(item({ state: 'approved', expiresAtMs: 100, approvedUntilMs: 200 }), 150)).toBe('approved');
    expect(stateOf(item({ state: 'approved', expiresAtMs: 100, approvedUntilMs: 200 }), 200)).toBe('expired');
    expect(stateOf(item({ state: 'used', expiresAtMs: 100 }), 200)).toBe('used');
  });

  it.each(approvalEndSchema.options)('H2: %s is said in both languages, with what to do', (end) => {
    for (const language of ['en', 'de'] as const) {
      const t = words(language);
      for (const id of [`approvals.ended.${end}`, `approvals.endedHow.${end}`, `approvals.state.${end}`] as const) {
        expect(t(id, { name: 'Sam' }), id).not.toMatch(/[{}]|approvals\./);
      }
    }
  });

  it('says the day where a deadline is not today', () => {
    const now = new Date(2026, 10, 21, 8, 42).getTime();
    expect(deadlineText(now + 60_000, now, 'en')).toBe('08:43');
    expect(deadlineText(now + 86_400_000, now, 'en')).toBe('22 Nov, 08:42');
    expect(deadlineText(now + 16 * 3_600_000, now, 'en')).toBe('22 Nov, 00:42');
  });
});

describe('who asks what, in one sentence', () => {
  it('D1: names the flag, the environment, the state now and the state then', () => {
    const on = { ...state({ exposure: 'some', percentage: 20 }), definition: {} };
    expect(asksText(words('en'), item({ changes: [change({ before: on })] }))).toBe(
      'Set enable_new_pricing to off in production. Now: feature on for 20 %. Then: feature off for everyone.',
    );
    expect(asksText(words('en'), item({ changes: [change({ action: 'rollout', before: on })] }))).toMatch(
      /^Give enable_new_pricing to 0 % of users in production\./,
    );
    const batch = {
      hash: 'e',
      id: 'b',
      name: 'checkout-minimum',
      environment: 'production',
      changes: [],
      rationale: '',
      proposedAtMs: 0,
    };
    expect(asksText(words('en'), item({ batch, changes: [change(), change()] }))).toBe(
      'Kill 2 flags (checkout-minimum) in production, in order.',
    );
    expect(asksText(words('de'), item())).toContain('Jetzt: Funktion an für alle.');
  });
});

describe('the confirmation of what takes two', () => {
  it('D2, D3: two people unless this very person broke the glass in this very environment and it is still open', () => {
    const alex = { operator: 'alex' };
    expect(termsOf({ people: 1 }, 'production', alex, [])).toBe('alone');
    expect(termsOf({ people: 2 }, 'production', alex, [])).toBe('approved');
    expect(termsOf({ people: 2 }, 'production', alex, [glass('open')])).toBe('glass');
    expect(termsOf({ people: 2 }, 'production', { operator: 'sam' }, [glass('open')])).toBe('approved');
    expect(termsOf({ people: 2 }, 'staging', alex, [glass('open')])).toBe('approved');
    expect(termsOf({ people: 2 }, 'production', null, [glass('open')])).toBe('approved');
    expect(termsOf({ people: 2 }, 'production', alex, [glass('to-review')])).toBe('approved');
  });

  it('D11: looking again at a request asks for the same change, in a form that the contract takes', () => {
    const undone = 'f'.repeat(64);
    const kinds = [payload(), payload({ action: 'undo', undoes: undone }), payload({ action: 'rollout' })];
    const inputs = kinds.map(inputOf);
    for (const input of inputs) expect(contract['changes.preview'].input.safeParse(input).success).toBe(true);
    expect(inputs[1]).toEqual({ action: 'undo', change: undone });
    expect(inputs[2]).toMatchObject({ action: 'rollout', flag: 'enable_new_pricing', percentage: 0 });
  });

  it('B4: a bulk kill that was asked for is shown with every change and the most that any of them demands', () => {
    const two = { people: 2, typed: false, rationale: true } as const;
    const preview = batchPreviewOf(
      item({
        changes: [
          change(),
          change({ flag: 'second', demand: two, affectedServices: ['cart', 'checkout'] }, 'b'.repeat(64)),
        ],
        batch: {
          hash: 'e',
          id: 'b',
          name: 'set',
          environment: 'production',
          changes: [],
          rationale: '',
          proposedAtMs: 0,
        },
      }),
    );
    expect(batchPreviewSchema.safeParse(preview).error).toBeUndefined();
    expect(preview.demand).toMatchObject({ people: 2, rationale: true });
    expect(preview.items.map(({ flag }) => flag)).toEqual(['enable_new_pricing', 'second']);
    expect(preview.affectedServices).toEqual(['checkout', 'cart']);
  });
});
