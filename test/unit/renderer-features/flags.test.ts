import { describe, expect, it } from 'vitest';
import { filterRows, NO_FILTER, servicesOf } from '../../../renderer/features/flags/filter.ts';
import { historyOf, isUndoable } from '../../../renderer/features/flags/history.ts';
import type { FlagRow } from '../../../shared/model/flag.ts';
import { row } from '../renderer-client/stand-in.ts';
import { marker, progress } from './samples.ts';

const rows: FlagRow[] = [
  row('checkout_total', { services: ['checkout'], owner: 'payments' }),
  row('enable_new_pricing', { services: ['checkout'], exposure: 'some', percentage: 20 }),
  row('ops_disable_recs', { type: 'ops', services: ['recommendations'], killed: true, exposure: 'nobody' }),
  row('old_banner', { stale: true }),
];
const keys = (found: readonly FlagRow[]) => found.map((each) => each.key);
const find = (change: Partial<typeof NO_FILTER>) => keys(filterRows(rows, { ...NO_FILTER, ...change }));

describe('finding a flag', () => {
  it('without a filter the very same rows are shown, nothing is copied', () => {
    expect(filterRows(rows, NO_FILTER)).toBe(rows);
  });

  it('matches key, service and owner, whatever the case, every word', () => {
    expect(find({ query: 'RECS' })).toEqual(['ops_disable_recs']);
    expect(find({ query: 'payments' })).toEqual(['checkout_total']);
    expect(find({ query: 'checkout pricing' })).toEqual(['enable_new_pricing']);
    expect(find({ query: '  ' })).toHaveLength(4);
    expect(find({ query: 'nowhere' })).toEqual([]);
  });

  it('a key that begins with the word stands before one that merely has it', () => {
    expect(find({ query: 'o' })[0]).toBe('ops_disable_recs');
    expect(find({ query: 'checkout' })).toEqual(['checkout_total', 'enable_new_pricing']);
  });

  it('filters by type, state, service, stale and killed together', () => {
    expect(find({ type: 'ops' })).toEqual(['ops_disable_recs']);
    expect(find({ exposure: 'some' })).toEqual(['enable_new_pricing']);
    expect(find({ service: 'checkout', exposure: 'everyone' })).toEqual(['checkout_total']);
    expect(find({ stale: true })).toEqual(['old_banner']);
    expect(find({ killed: true })).toEqual(['ops_disable_recs']);
    expect(find({ killed: true, stale: true })).toEqual([]);
  });

  it('names each service once, in order', () => {
    expect(servicesOf(rows)).toEqual(['checkout', 'recommendations']);
  });

  it('searches 10,000 rows in a small part of a frame once its words are made', () => {
    const many = Array.from({ length: 10_000 }, (_, at) => row(`team_${at % 50}_flag_${at}`));
    filterRows(many, { ...NO_FILTER, query: 'warm' });
    const runs = Array.from({ length: 21 }, (_, at) => {
      const from = performance.now();
      filterRows(many, { ...NO_FILTER, query: `flag_${at}` });
      return performance.now() - from;
    }).sort((a, b) => a - b);
    expect(runs[10]).toBeLessThan(25);
  });
});

describe('history of a flag', () => {
  it('newest first, and a change of ours is not told twice', () => {
    const made = progress({ acceptedAtMs: 300 });
    const items = historyOf(
      [
        marker({ id: 'seen', atMs: 100 }),
        marker({ id: 'own', atMs: 301, ours: true }),
        marker({ id: 'late', atMs: 400 }),
      ],
      [made],
    );
    expect(items.map((item) => item.atMs)).toEqual([400, 300, 100]);
    expect(items.map((item) => item.kind)).toEqual(['seen', 'change', 'seen']);
  });

  it('what was only proposed did not happen', () => {
    expect(historyOf([], [{ ...progress({ acceptedAtMs: null }), stage: 'proposed' }])).toEqual([]);
  });

  it('B7: undo is offered for what the provider took and nobody has undone', () => {
    expect(isUndoable(progress({ acceptedAtMs: 1 }))).toBe(true);
    expect(isUndoable(progress({ acceptedAtMs: null }))).toBe(false);
    expect(isUndoable({ ...progress({ acceptedAtMs: 1 }), undoneBy: 'a'.repeat(64) })).toBe(false);
  });
});
