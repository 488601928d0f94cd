import { describe, expect, it } from 'vitest';
import { axisOf } from '../../../renderer/kit/charts/axis.ts';
import { plotFrame, timeToX, valueToY, xToTime } from '../../../renderer/kit/charts/frame.ts';
import { placeLabels, spread } from '../../../renderer/kit/charts/labels.ts';
import { timeTicks, valueScale } from '../../../renderer/kit/charts/scale.ts';

const row = (all: number | null) => ({ atMs: 0, all, on: null, off: null });

describe('valueScale', () => {
  it('starts at zero and holds values, objective and baseline', () => {
    const baseline = { fromMs: 0, toMs: 1, samples: 9, median: 0.4, low: 0.3, high: 2.7 };
    const scale = valueScale([row(0.4), row(1.9), row(null)], { below: 0.6 }, baseline);
    expect(scale.low).toBe(0);
    expect(scale.high).toBeGreaterThanOrEqual(2.7);
    expect(scale.ticks[0]).toBe(scale.low);
    expect(scale.ticks.at(-1)).toBe(scale.high);
  });

  it('shows the distance to an objective above, not a flat line under 100 %', () => {
    const scale = valueScale([row(0.9991), row(0.9996)], { above: 0.995 }, null);
    expect(scale.low).toBeGreaterThan(0.98);
    expect(scale.low).toBeLessThanOrEqual(0.995);
  });

  it('has an axis with no value at all, and with one value only', () => {
    expect(valueScale([row(null)], null, null)).toEqual({ low: 0, high: 1, ticks: [0, 0.5, 1] });
    const flat = valueScale([row(0)], null, null);
    expect(flat.high).toBeGreaterThan(flat.low);
  });

  it('writes ticks without the noise of binary fractions', () => {
    expect(valueScale([row(0.55)], null, null).ticks).toEqual([0, 0.2, 0.4, 0.6]);
  });
});

describe('time axis', () => {
  const sli = {
    id: 'a/b',
    service: 'a',
    name: 'b',
    unit: 's',
    objective: null,
    connection: 'c',
    environment: 'e',
    cohortFlag: null,
  } as const;
  const status = { state: 'ok', latest: null, breachedSinceMs: null, problem: null } as const;

  it('ends with the newest sample of any chart, whatever the browser thinks the time is', () => {
    const views = [10, 100].map((length) => ({
      sli,
      status,
      baseline: null,
      series: { all: { startMs: 0, stepMs: 1000, values: Array.from({ length }, () => 1) } },
    }));
    const axis = axisOf(views, 9e12);
    expect(axis.toMs).toBe(120_000);
    expect(axis.toMs - axis.fromMs).toBe(3_600_000);
    expect(axisOf([], 65_000).toMs).toBe(90_000);
  });

  it('has ticks at whole minutes inside the span', () => {
    const ticks = timeTicks(90_000, 3_690_000);
    expect(ticks.length).toBeGreaterThan(2);
    expect(ticks.every((tick) => tick % 600_000 === 0 && tick >= 90_000 && tick <= 3_690_000)).toBe(true);
  });

  it('goes from time to pixels and back', () => {
    const axis = { fromMs: 0, toMs: 3_600_000, widthMs: 30_000 };
    const frame = plotFrame(500, 200, true);
    expect(xToTime(frame, axis, timeToX(frame, axis, 1_234_000))).toBeCloseTo(1_234_000, 3);
    expect(timeToX(frame, axis, axis.toMs)).toBe(500 - frame.right);
    expect(valueToY(frame, { low: 0, high: 1, ticks: [] }, 5)).toBe(frame.top);
  });
});

describe('labels', () => {
  it('spreads line labels so that none covers another, inside the plot', () => {
    const placed = spread(
      [
        { item: 'a', at: 99 },
        { item: 'b', at: 98 },
        { item: 'c', at: 10 },
      ],
      14,
      0,
      100,
    );
    expect(placed.map(({ item }) => item)).toEqual(['c', 'b', 'a']);
    for (let index = 1; index < placed.length; index += 1) {
      expect((placed[index]?.at ?? 0) - (placed[index - 1]?.at ?? 0)).toBeGreaterThanOrEqual(14);
    }
    expect(placed.at(-1)?.at).toBeLessThanOrEqual(100);
  });

  it('A3: places marker labels in rows without overlap, the newest first, and leaves out what has no room', () => {
    const lines = [
      { id: 'old', at: 40, width: 100 },
      { id: 'mid', at: 60, width: 100 },
      { id: 'new', at: 190, width: 100 },
    ];
    const placed = placeLabels(lines, 200, 2);
    expect(placed.get('new')).toEqual({ row: 0, side: 'left' });
    expect(placed.get('mid')).toEqual({ row: 1, side: 'right' });
    expect(placed.has('old')).toBe(false);
  });
});
