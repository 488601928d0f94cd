import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appendSeries, flagRows } from '../../../renderer/client/reducers.ts';
import { row } from './stand-in.ts';

describe('rows of flags', () => {
  it('any run of upserts and removals gives what a plain map would', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'Z', 'aa');
    const step = fc.record({ upserts: fc.array(key), removals: fc.array(key) });
    fc.assert(
      fc.property(fc.uniqueArray(key), fc.array(step), (first, steps) => {
        let data = flagRows.start({ rows: first.map((each) => row(each)) });
        const plain = new Set(first);
        for (const { upserts, removals } of steps) {
          data = flagRows.apply(data, {
            upserts: upserts.map((each) => row(each)),
            removals: removals.map((each) => ({ connection: 'local', key: each })),
          });
          for (const each of removals) plain.delete(each);
          for (const each of upserts) plain.add(each);
        }
        expect(data.rows.map((each) => each.key)).toEqual([...plain].sort());
      }),
    );
  });

  it('rows that did not change stay the same objects', () => {
    const before = flagRows.start({ rows: [row('a'), row('b')] });
    const after = flagRows.apply(before, { upserts: [row('b', { killed: true })], removals: [] });
    expect(after.rows[0]).toBe(before.rows[0]);
    expect(after.rows[1]).toMatchObject({ key: 'b', killed: true });
    expect(before.rows[1]).toMatchObject({ killed: false });
  });
});

describe('series', () => {
  const series = { startMs: 0, stepMs: 1_000, values: [1, 2, 3] };

  it('appends behind, and replaces where samples overlap', () => {
    expect(appendSeries(series, { fromMs: 3_000, values: [4] })?.values).toEqual([1, 2, 3, 4]);
    expect(appendSeries(series, { fromMs: 2_000, values: [9, 4] })?.values).toEqual([1, 2, 9, 4]);
  });

  it('a hole stays a gap, never a zero', () => {
    expect(appendSeries(series, { fromMs: 5_000, values: [6] })?.values).toEqual([1, 2, 3, null, null, 6]);
  });

  it('keeps one hour', () => {
    const hour = { startMs: 0, stepMs: 1_000, values: Array.from({ length: 3_601 }, (_, at) => at) };
    const after = appendSeries(hour, { fromMs: 3_601_000, values: [-1, -2] });
    expect(after?.values).toHaveLength(3_601);
    expect(after?.startMs).toBe(2_000);
    expect(after?.values.at(-1)).toBe(-2);
    expect(after?.values[0]).toBe(2);
    expect(hour.values).toHaveLength(3_601);
  });

  it('keeps one hour also when the page slept for longer, or more than an hour comes at once', () => {
    const after = appendSeries(series, { fromMs: 9_000_000, values: [5] });
    expect(after?.values).toHaveLength(3_601);
    expect(after?.startMs).toBe(9_000_000 - 3_600_000);
    expect(after?.values.slice(0, -1).every((value) => value === null)).toBe(true);
    expect(after?.values.at(-1)).toBe(5);
    const much = appendSeries(series, { fromMs: 3_000, values: Array.from({ length: 5_000 }, (_, at) => at) });
    expect(much?.values).toHaveLength(3_601);
    expect(much?.values.at(-1)).toBe(4_999);
    expect(much?.startMs).toBe((3 + 5_000 - 3_601) * 1_000);
  });
});
