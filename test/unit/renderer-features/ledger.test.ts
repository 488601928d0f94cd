import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeEntry } from '../../../renderer/features/ledger/describe.ts';
import { isFiltered, NO_FILTER, queryOf, spanFilter } from '../../../renderer/features/ledger/filter.ts';
import { GROUP_KINDS, groupOf } from '../../../renderer/features/ledger/groups.ts';
import { consoleName, createNameBook, type Names } from '../../../renderer/features/ledger/names.ts';
import {
  backdated,
  entryAt,
  missingPage,
  NOTHING_LOADED,
  receivePage,
} from '../../../renderer/features/ledger/paging.ts';
import { plainText } from '../../../renderer/kit/marks.ts';
import { formatText, type TextId, type TextParams } from '../../../renderer/messages/format.ts';
import { type Entry, type EntryData, entryDataSchema } from '../../../shared/model/entry.ts';
import { HERE, recordOf, THERE, timelineOf } from '../../support/record.ts';

const t = (id: TextId, params?: TextParams) => formatText('en', id, params);
const newestFirst = (entries: readonly Entry[]) => [...entries].reverse();

describe('pages of the record', () => {
  it('D8: whatever is looked at and however it grows, each line is the entry that the whole list has there', () => {
    const whole = recordOf(900, 1_700_000_000_000);
    const step = fc.oneof(fc.record({ look: fc.nat(899) }), fc.record({ grow: fc.integer({ min: 1, max: 120 }) }));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600 }), fc.array(step, { maxLength: 12 }), (first, steps) => {
        let held = whole.slice(0, first);
        const ask = (offset: number, limit: number) => ({ offset, ...timelineOf(held, { offset, limit }) });
        let loaded = receivePage(NOTHING_LOADED, ask(0, 150));
        for (const each of steps) {
          if ('grow' in each) {
            held = whole.slice(0, held.length + each.grow);
            loaded = receivePage(loaded, ask(0, 60));
          } else {
            const from = each.look % held.length;
            for (let page = missingPage(loaded, from, from + 30); page; page = missingPage(loaded, from, from + 30)) {
              expect(page.limit).toBeLessThanOrEqual(500);
              loaded = receivePage(loaded, ask(page.offset, page.limit));
            }
            const right = newestFirst(held);
            for (let index = from; index < Math.min(held.length, from + 30); index += 1) {
              expect(entryAt(loaded, index)?.hash).toBe(right[index]?.hash);
            }
          }
        }
      }),
    );
  });

  it('D8: entries of another console that come late and stand among older ones are seen where they belong', () => {
    const whole = recordOf(300, 1_700_000_000_000);
    const late = new Set(whole.filter((_, index) => index > 100 && index % 7 === 0).map(({ hash }) => hash));
    const early = whole.filter(({ hash }) => !late.has(hash));
    let loaded = receivePage(NOTHING_LOADED, { offset: 0, ...timelineOf(early, { offset: 0, limit: 150 }) });
    loaded = receivePage(loaded, { offset: 0, ...timelineOf(whole, { offset: 0, limit: 60 }) });
    for (let page = missingPage(loaded, 0, 299); page; page = missingPage(loaded, 0, 299)) {
      loaded = receivePage(loaded, { offset: page.offset, ...timelineOf(whole, page) });
    }
    expect(newestFirst(whole).map(({ hash }) => hash)).toEqual(whole.map((_, index) => entryAt(loaded, index)?.hash));
  });

  it('keeps no more than it needs of 100,000', () => {
    const whole = recordOf(30_000, 1_700_000_000_000);
    let loaded = receivePage(NOTHING_LOADED, { offset: 0, ...timelineOf(whole, { offset: 0, limit: 150 }) });
    for (let first = 0; first < 12_000; first += 30) {
      const page = missingPage(loaded, first, first + 30);
      if (page)
        loaded = receivePage(loaded, {
          offset: page.offset,
          total: 30_000,
          entries: newestFirst(whole).slice(page.offset, page.offset + page.limit),
        });
    }
    expect(loaded.byPlace.size).toBeLessThan(7_000);
  });

  it('D6: an entry that is dated before one that stands before it in its chain is found, and no other', () => {
    const whole = recordOf(64, 1_700_000_000_000);
    const good = receivePage(NOTHING_LOADED, { offset: 0, ...timelineOf(whole, { offset: 0, limit: 64 }) });
    expect(backdated(good).size).toBe(0);
    const at = whole.findIndex(({ body }) => body.device === HERE && body.sequence === 20);
    const set = whole.map((entry, index) =>
      index === at ? { ...entry, body: { ...entry.body, atMs: entry.body.atMs - 20 * 97_000 } } : entry,
    );
    const bad = receivePage(NOTHING_LOADED, { offset: 0, ...timelineOf(set, { offset: 0, limit: 64 }) });
    expect([...backdated(bad)]).toEqual([whole[at]?.hash]);
  });
});

describe('kinds of entries', () => {
  const kinds = entryDataSchema.options.map((option) => option.shape.kind.value);

  it('D6: every kind belongs to exactly one group, so that no filter hides one for ever', () => {
    expect(Object.values(GROUP_KINDS).flat().sort()).toEqual([...kinds].sort());
    expect(groupOf('incident.opened')).toBe('incidents');
  });
});

const names: Names = {
  person: (operator) => (operator === 'alex' ? 'Alex Marten' : operator),
  console: (device) => (device === HERE ? 'this console' : device.slice(0, 8)),
  change: () => null,
  incident: () => null,
};
const words = (data: EntryData, by: string | null = null) => {
  const { text, result } = describeEntry(t, data, names, by);
  return `${plainText(text)}${result === null ? '' : ` [${result.text}]`}`;
};

describe('an entry in words', () => {
  it('H2: names the flag rather than the hash once its proposal was read', () => {
    const book = createNameBook();
    const [proposal] = recordOf(16, 0).filter(({ body }) => body.data.kind === 'change.proposed');
    if (proposal?.body.data.kind !== 'change.proposed') throw new Error('the record has no proposal');
    const { hash } = proposal.body.data.change;
    const served: EntryData = { kind: 'change.served', hash };
    expect(words(served)).toBe('Change 00000000: served');
    book.learn(proposal);
    expect(plainText(describeEntry(t, served, { ...names, change: book.change }).text)).toBe(
      'enable_new_pricing in production: served',
    );
  });

  it('D6: says who where the entry itself bears no person', () => {
    expect(words({ kind: 'operator.unlock-failed', operator: 'alex' })).toBe(
      'Wrong passphrase for Alex Marten [refused]',
    );
    const locked: EntryData = { kind: 'operator.locked', operator: 'alex', why: 'idle' };
    expect(words(locked, 'alex')).toBe('Console locked: nobody used it');
    expect(words(locked)).toBe('Session of Alex Marten locked: nobody used it');
  });

  it('says what became of it', () => {
    expect(
      words({ kind: 'change.result', hash: 'ab'.repeat(32), outcome: 'conflict', reconciled: false, detail: null }),
    ).toBe('Change abababab: the provider answered [conflict, nothing written]');
    expect(words({ kind: 'notify.sent', target: 'room', event: 'status', ok: false, detail: 'answered 500' })).toBe(
      'Told room: status update [answered 500]',
    );
  });

  it('a console is named by its people and its id', () => {
    const chain = {
      device: THERE,
      operators: ['alex'],
      here: false,
      entries: 1,
      hash: '',
      lastAtMs: null,
      countersigned: 0,
      problem: null,
    };
    expect(consoleName(THERE, [chain], 'this console', names.person)).toBe('Alex Marten · b7e8f900');
    expect(consoleName(HERE, [{ ...chain, device: HERE, here: true }], 'this console', names.person)).toBe(
      'this console',
    );
    expect(consoleName(HERE, [], 'this console', names.person)).toBe('a1b2c3d4');
  });
});

describe('what is asked for', () => {
  it('nothing but what was chosen', () => {
    expect(queryOf(NO_FILTER)).toEqual({});
    expect(isFiltered({ ...NO_FILTER, search: '  ' })).toBe(false);
    expect(queryOf({ ...NO_FILTER, search: ' p99 ', group: 'flags', ...spanFilter('hour', 10_000_000) })).toEqual({
      search: 'p99',
      kinds: ['flag.seen-changed', 'drift.began', 'drift.ended'],
      sinceMs: 6_400_000,
    });
  });
});
