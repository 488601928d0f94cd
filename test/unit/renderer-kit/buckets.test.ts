import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  axisEnd,
  bucketWidth,
  chartRows,
  extremesByBucket,
  lastValue,
  valueAt,
} from '../../../renderer/kit/charts/buckets.ts';

const MINUTE_MS = 60_000;
const series = (values: (number | null)[], startMs = 0, stepMs = 1000) => ({ startMs, stepMs, values });

describe('bucketWidth', () => {
  it('keeps an hour to at most 120 buckets, and never cuts finer than the samples stand', () => {
    expect(bucketWidth(60 * MINUTE_MS, 1000)).toBe(30_000);
    expect(bucketWidth(60 * MINUTE_MS, 60_000)).toBe(60_000);
    expect(bucketWidth(60_000, 1000)).toBe(1000);
  });
});

describe('axisEnd', () => {
  it('moves in whole buckets', () => {
    expect(axisEnd(30_000, 15_000)).toBe(45_000);
    expect(axisEnd(44_999, 15_000)).toBe(45_000);
    expect(axisEnd(45_000, 15_000)).toBe(60_000);
  });
});

describe('extremesByBucket', () => {
  it('keeps lowest and highest in the order in which they came', () => {
    const found = extremesByBucket(series([3, 1, 9, 4, 8, 2]), 0, 6000, 3000);
    expect(found.get(0)).toEqual({ first: 1, second: 9 });
    expect(found.get(3000)).toEqual({ first: 8, second: 2 });
  });

  it('A3: a bucket without a value is a gap, never zero', () => {
    const found = extremesByBucket(
      series([1, 2, null, null, Number.NaN, Number.POSITIVE_INFINITY, 5, 6]),
      0,
      8000,
      2000,
    );
    expect([...found.keys()]).toEqual([0, 6000]);
  });

  it('never loses a spike and never invents a value (random series, seed in the failure)', () => {
    const values = fc.array(fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: null }), {
      maxLength: 400,
    });
    fc.assert(
      fc.property(
        values,
        fc.integer({ min: 1, max: 40_000 }),
        fc.integer({ min: 0, max: 5_000_000 }),
        (given, width, start) => {
          const line = series(given, start);
          const found = [...extremesByBucket(line, start, start + given.length * 1000, width).values()];
          const drawn = found.flatMap(({ first, second }) => [first, second]);
          const present = given.filter((value) => value !== null);
          expect(drawn.every((value) => present.includes(value))).toBe(true);
          expect(drawn.length === 0).toBe(present.length === 0);
          if (present.length > 0) {
            expect(Math.max(...drawn)).toBe(Math.max(...present));
            expect(Math.min(...drawn)).toBe(Math.min(...present));
          }
        },
      ),
    );
  });
});

describe('chartRows', () => {
  const hour = Array.from({ length: 3600 }, (_, index) => Math.sin(index / 7) * index);

  it('old buckets keep their points while new samples come', () => {
    const before = chartRows({ all: series(hour.slice(0, 3580), 500) }, 0, 3_600_000, 30_000);
    const longer = series([...hour.slice(20, 3580), ...Array.from({ length: 20 }, () => 1e6)], 20_500);
    const after = chartRows({ all: longer }, 0, 3_600_000, 30_000);
    // The first bucket has lost samples and the last has new ones; everything between is as it was.
    expect(after.slice(2, -2)).toEqual(before.slice(2, -2));
    expect(after.slice(-2)).not.toEqual(before.slice(-2));
  });

  it('covers the whole span with two rows a bucket, in the order of time', () => {
    const rows = chartRows({ all: series(hour), on: series([1, 2], 3_590_000) }, 0, 3_600_000, 30_000);
    expect(rows).toHaveLength(240);
    expect(rows.every((row, index) => index === 0 || row.atMs > (rows[index - 1]?.atMs ?? 0))).toBe(true);
    expect(rows[0]?.on).toBeNull();
    expect(rows.at(-1)?.on).toBe(2);
    expect(rows.every((row) => row.off === null)).toBe(true);
  });

  it('leaves samples outside the span out', () => {
    const rows = chartRows({ all: series([100, 1, 100], 0, 30_000) }, 30_000, 60_000, 30_000);
    expect(rows.map((row) => row.all)).toEqual([1, 1]);
  });
});

describe('single values', () => {
  it('lastValue looks past gaps at the end', () => {
    expect(lastValue({ all: series([1, 2, null, null]) }, 'all')).toBe(2);
    expect(lastValue({ all: series([null]) }, 'all')).toBeNull();
    expect(lastValue({}, 'all')).toBeNull();
  });

  it('lastValue of a cohort that is gone is none, while a late one keeps its own', () => {
    const all = series([1, 1, 1, 1, 1, 1, 1, 1]);
    expect(lastValue({ all, on: series([9, 9]) }, 'on')).toBeNull();
    expect(lastValue({ all, on: series([9, 9, null, null, null, null, null, null]) }, 'on')).toBeNull();
    expect(lastValue({ all, on: series([9, 9, 9, 9, 9, 8]) }, 'on')).toBe(8);
    expect(lastValue({ all, on: series([7], 7_000) }, 'on')).toBe(7);
  });

  it('valueAt gives the sample of that moment, null at a gap and outside', () => {
    const line = series([1, null, 3], 10_000);
    expect(valueAt(line, 10_999)).toBe(1);
    expect(valueAt(line, 11_500)).toBeNull();
    expect(valueAt(line, 9_000)).toBeNull();
    expect(valueAt(line, 13_000)).toBeNull();
  });
});
