import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { baselineOf } from '../../../shared/rules/baseline.ts';
import { anyValue, healthy, START, series, times } from './series.ts';

const at = (index: number): number => START + index * 1_000;

describe('baselineOf (A4)', () => {
  it('needs ten samples', () => {
    expect(baselineOf(series(times(9, 0.2)), at(100))).toBeNull();
    expect(baselineOf(series(times(10, 0.2)), at(100))).toMatchObject({
      samples: 10,
      median: 0.2,
      low: 0.2,
      high: 0.2,
    });
  });

  it('takes nothing from the incident on', () => {
    const baseline = baselineOf(series([...healthy(30), ...times(100, 9)]), at(30));
    expect(baseline).toMatchObject({ samples: 30, fromMs: at(0), toMs: at(29) });
    expect(baseline?.high).toBeLessThan(0.3);
  });

  it('is not moved by outliers', () => {
    const values = healthy(200);
    for (let index = 0; index < 200; index += 40) values[index] = 50;
    const baseline = baselineOf(series(values), at(200));
    expect(baseline?.median).toBeCloseTo(0.2, 2);
    expect(baseline?.high).toBeLessThan(0.3);
  });

  it('counts gaps and NaN as nothing, never as zero', () => {
    const values = [...times(50, null), ...times(50, Number.NaN), ...times(9, 0.2)];
    expect(baselineOf(series(values), at(500))).toBeNull();
    expect(baselineOf(series([...values, 0.2]), at(500))).toMatchObject({ samples: 10, median: 0.2 });
  });

  it('looks back no further than its window', () => {
    const held = series([...times(100, 5), ...times(20, 1)]);
    expect(baselineOf(held, at(120), { windowMs: 20_000 })?.median).toBe(1);
  });

  it('has a band around its median, all finite, for any series', () => {
    fc.assert(
      fc.property(fc.array(anyValue, { maxLength: 60 }), fc.integer({ min: 0, max: 70 }), (values, before) => {
        const baseline = baselineOf(series(values), at(before));
        if (baseline === null) return;
        expect(baseline.low).toBeLessThanOrEqual(baseline.median);
        expect(baseline.median).toBeLessThanOrEqual(baseline.high);
        expect([baseline.low, baseline.high].every(Number.isFinite)).toBe(true);
        expect(baseline.toMs).toBeLessThan(at(before));
        expect(baseline.samples).toBeGreaterThanOrEqual(10);
      }),
    );
  });
});
