import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Objective, Series } from '../../../shared/model/sli.ts';
import { baselineOf } from '../../../shared/rules/baseline.ts';
import { assessRecovery, type RecoveryQuestion } from '../../../shared/rules/recovery.ts';
import { anyValue, healthy, START, series, times } from './series.ts';

const BELOW: Objective = { below: 0.6 };
const at = (index: number): number => START + index * 1_000;

/** 60 healthy samples, 30 breached ones, a change at the last of them, then `after`. */
const BREACH = 60;
const CHANGE = 89;
const LIMIT_MS = 10 * 60_000;

function world(after: readonly (number | null)[]): Series {
  return series([...healthy(60), ...times(30, 1.9), ...after]);
}

function ask(after: readonly (number | null)[], more: Partial<RecoveryQuestion> = {}) {
  const held = more.series ?? world(after);
  return assessRecovery({
    series: held,
    changedAtMs: at(CHANGE),
    breachedSinceMs: at(BREACH),
    objective: BELOW,
    baseline: baselineOf(held, at(BREACH)),
    nowMs: at(CHANGE + after.length),
    ...more,
  });
}

describe('assessRecovery (A4)', () => {
  it('says recovered after five good samples in a row, with the numbers and the time it took', () => {
    const answer = ask([1.9, 1.5, 0.9, ...times(5, 0.21)]);
    expect(answer).toMatchObject({
      verdict: 'recovered',
      recoveredAtMs: at(CHANGE + 4),
      tookMs: 4_000,
      worst: 1.9,
      latest: 0.21,
      goodSamples: 5,
      neededSamples: 5,
      samples: 8,
      deadlineMs: at(CHANGE) + LIMIT_MS,
    });
    expect(answer.reason.id).toBe('recovery.recovered');
    expect(answer.baselineMedian).toBeCloseTo(0.2, 2);
    expect(answer.limit).toBeGreaterThan(0.21);
    expect(answer.limit).toBeLessThan(0.6);
  });

  const good = times(5, 0.2);
  const watching: [string, (number | null)[], string][] = [
    ['no samples yet', [], 'recovery.waiting-for-samples'],
    ['only gaps', times(8, null), 'recovery.waiting-for-samples'],
    ['only NaN', times(8, Number.NaN), 'recovery.waiting-for-samples'],
    ['a single good sample', [1.9, 1.9, 1.9, 1.9, 0.2], 'recovery.good-samples'],
    ['four good samples', [1.9, ...times(4, 0.2)], 'recovery.good-samples'],
    ['good samples with a bad one last', [...times(9, 0.2), 1.9], 'recovery.still-breached'],
    ['good samples with a hole between', [0.2, 0.2, 0.2, null, null, null, 0.2, 0.2], 'recovery.good-samples'],
    ['still breached', times(20, 1.2), 'recovery.still-breached'],
    ['under the objective, far above the baseline', times(20, 0.55), 'recovery.outside-baseline'],
    ['good samples that stopped', [...good, ...times(20, null)], 'recovery.samples-stopped'],
  ];
  it.each(watching)('goes on watching: %s', (_name, after, reason) => {
    expect(ask(after)).toMatchObject({
      verdict: 'watching',
      recoveredAtMs: null,
      tookMs: null,
      reason: { id: reason },
    });
  });

  const over: [string, (number | null)[], string, string][] = [
    ['no samples', [], 'cannot-tell', 'recovery.too-few-samples'],
    ['too few samples', [0.2, 0.2, 0.2, 0.2], 'cannot-tell', 'recovery.too-few-samples'],
    ['NaN all the way', times(600, Number.NaN), 'cannot-tell', 'recovery.too-few-samples'],
    ['samples that stopped', times(100, 1.9), 'cannot-tell', 'recovery.samples-stopped'],
    ['good samples that stopped', times(100, 0.2), 'cannot-tell', 'recovery.samples-stopped'],
    ['breached to the end', times(600, 1.9), 'not-recovered', 'recovery.still-breached'],
    ['outside the baseline to the end', times(600, 0.5), 'not-recovered', 'recovery.outside-baseline'],
    ['good only at the very end', [...times(598, 1.9), 0.2, 0.2], 'not-recovered', 'recovery.time-over'],
    ['good in time', [...times(590, 1.9), ...times(10, 0.2)], 'recovered', 'recovery.recovered'],
    [
      'good only past the deadline',
      [...times(600, 1.9), ...times(60, 0.2)],
      'not-recovered',
      'recovery.still-breached',
    ],
  ];
  it.each(over)('at the deadline, %s: %s', (_name, after, verdict, reason) => {
    expect(ask(after, { nowMs: at(CHANGE) + LIMIT_MS })).toMatchObject({ verdict, reason: { id: reason } });
    // The verdict stays what it was, however much later it is asked for.
    expect(ask(after, { nowMs: at(CHANGE) + 3 * LIMIT_MS })).toMatchObject({ verdict, reason: { id: reason } });
  });

  it('says cannot tell where nothing was worse before: nothing recovered', () => {
    const held = series(healthy(100));
    expect(
      ask([], { series: held, breachedSinceMs: null, nowMs: at(99), baseline: baselineOf(held, at(CHANGE)) }),
    ).toMatchObject({
      verdict: 'cannot-tell',
      reason: { id: 'recovery.was-not-worse' },
    });
  });

  it('says cannot tell where neither objective nor baseline says what is good', () => {
    expect(ask(times(10, 0.2), { objective: null, baseline: null })).toMatchObject({
      verdict: 'cannot-tell',
      limit: null,
      reason: { id: 'recovery.no-limit' },
    });
  });

  it('needs no baseline where there is an objective', () => {
    expect(ask(times(5, 0.59), { baseline: null })).toMatchObject({
      verdict: 'recovered',
      limit: 0.6,
      baselineMedian: null,
    });
  });

  it('works without an objective, on both sides of the baseline', () => {
    expect(ask(times(5, 0.2), { objective: null })).toMatchObject({ verdict: 'recovered' });
    expect(ask(times(8, 0.02), { objective: null })).toMatchObject({ verdict: 'watching' });
  });

  it('works for an SLI whose good side is above', () => {
    const held = series([...times(60, 0.999), ...times(30, 0.9), ...times(5, 0.998)]);
    const question = {
      series: held,
      objective: { above: 0.99 },
      baseline: baselineOf(held, at(BREACH)),
      nowMs: at(94),
    };
    expect(ask([], question)).toMatchObject({ verdict: 'recovered', limit: 0.99, worst: 0.9 });
    expect(ask([], { ...question, objective: { above: 0.9985 } })).toMatchObject({ verdict: 'watching' });
  });
});

describe('assessRecovery never says recovered (A4)', () => {
  const anyAfter = fc.array(anyValue, { maxLength: 80 });
  const mostlyGood = fc.oneof({ weight: 4, arbitrary: fc.constant(0.2) }, { weight: 1, arbitrary: anyValue });
  const anyNow = fc.integer({ min: -10, max: 1_500 });
  const recovered = (after: (number | null)[], nowSteps: number, more: Partial<RecoveryQuestion> = {}): boolean =>
    ask(after, { nowMs: at(CHANGE + nowSteps), ...more }).verdict === 'recovered';

  it('on no data or NaN', () => {
    const nothing = fc.array(fc.constantFrom(null, Number.NaN, Infinity, -Infinity), { maxLength: 700 });
    fc.assert(fc.property(nothing, anyNow, (after, now) => !recovered(after, now)));
  });

  it('on a single good sample among bad ones and gaps', () => {
    const bad = fc.array(fc.oneof(fc.double({ min: 0.6, max: 9, noNaN: true }), fc.constantFrom(null, Number.NaN)), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(bad, bad, anyNow, fc.integer({ min: -3, max: 2 }), (before, after, now, consecutive) => {
        // Even a setting that asks for one sample does not make one enough.
        return !recovered([...before, 0.2, ...after], now, { options: { consecutive, minimumSamples: consecutive } });
      }),
    );
  });

  it('while the objective is still breached', () => {
    fc.assert(
      fc.property(
        anyAfter,
        fc.double({ min: 0.6, max: 100, noNaN: true }),
        (after, last) => !recovered([...after, last], after.length + 1),
      ),
    );
  });

  it('on samples that are stale', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constant(0.2), { minLength: 5, maxLength: 60 }),
        fc.integer({ min: 16, max: 300 }),
        (after, age) => {
          return !recovered(after, after.length + age);
        },
      ),
    );
  });

  it('on samples from before the change', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 700 }), (now) => {
        const held = series(times(CHANGE + 1, 0.2));
        return !recovered([], now, { series: held, baseline: baselineOf(held, at(BREACH)) });
      }),
    );
  });

  it('on fewer good samples in a row than asked for, for any series and any moment', () => {
    fc.assert(
      fc.property(
        fc.array(mostlyGood, { maxLength: 80 }),
        anyNow,
        fc.integer({ min: 2, max: 8 }),
        (after, now, consecutive) => {
          const answer = ask(after, { nowMs: at(CHANGE + now), options: { consecutive } });
          if (answer.verdict !== 'recovered') return true;
          const until = Math.min(now, LIMIT_MS / 1_000);
          const seen = after.slice(0, until).filter((value) => value !== null && Number.isFinite(value));
          const last = seen.slice(-consecutive);
          return (
            last.length === consecutive &&
            last.every((value) => value !== null && value < 0.6 && value <= (answer.limit ?? 0))
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  it('and keeps its verdict once the deadline has passed', () => {
    fc.assert(
      fc.property(fc.array(anyValue, { maxLength: 700 }), fc.integer({ min: 600, max: 2_000 }), (after, later) => {
        const first = ask(after, { nowMs: at(CHANGE) + LIMIT_MS });
        expect(ask(after, { nowMs: at(CHANGE + later) })).toEqual(first);
        expect(first.verdict).not.toBe('watching');
      }),
    );
  });
});
