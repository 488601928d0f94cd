import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ring } from '../../../electron/services/slis/ring.ts';

describe('Ring', () => {
  it('tells the first place that is new or changed, and null when all was known', () => {
    const ring = new Ring(0, 10, 100);
    expect(
      ring.replace(0, 30, [
        { atMs: 0, value: 1 },
        { atMs: 30, value: 4 },
      ]),
    ).toBe(0);
    expect(ring.series.values).toEqual([1, null, null, 4]);
    expect(ring.replace(20, 30, [{ atMs: 30, value: 4 }])).toBeNull();
    expect(
      ring.replace(10, 40, [
        { atMs: 20, value: 3 },
        { atMs: 30, value: 4 },
      ]),
    ).toBe(20);
    expect(ring.series.values).toEqual([1, null, 3, 4, null]);
    expect(ring.tail(20)).toEqual({ fromMs: 20, values: [3, 4, null] });
  });

  it('a hole between two windows is filled with gaps, never joined', () => {
    const ring = new Ring(0, 10, 100);
    ring.replace(0, 0, [{ atMs: 0, value: 1 }]);
    expect(ring.replace(30, 30, [{ atMs: 30, value: 2 }])).toBe(10);
    expect(ring.series.values).toEqual([1, null, null, 2]);
  });

  it('deltas put together are the ring, whatever the windows', () => {
    const windows = fc.array(
      fc.record({ advance: fc.nat(30), overlap: fc.nat(10), values: fc.infiniteStream(fc.option(fc.integer())) }),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(windows, fc.integer({ min: 1, max: 40 }), (steps, capacity) => {
        const ring = new Ring(0, 10, capacity);
        const held: (number | null)[] = [];
        let end = 0;
        for (const { advance, overlap, values } of steps) {
          const from = Math.max(ring.series.startMs / 10, end - overlap, 0);
          end += advance;
          const samples: { atMs: number; value: number }[] = [];
          for (let place = from; place <= end; place += 1) {
            const value = values.next().value;
            if (value !== null) samples.push({ atMs: place * 10, value });
          }
          const changed = ring.replace(from * 10, end * 10, samples);
          if (changed === null) continue;
          const tail = ring.tail(changed);
          tail.values.forEach((value, index) => {
            held[tail.fromMs / 10 + index] = value;
          });
        }
        const { startMs, values } = ring.series;
        expect(values.length).toBeLessThanOrEqual(capacity);
        expect(values).toEqual(held.slice(startMs / 10));
        expect(values.length).toBe(held.length - startMs / 10);
      }),
    );
  });
});
