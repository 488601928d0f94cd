import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Objective } from '../../../shared/model/sli.ts';
import { assessSli } from '../../../shared/rules/breach.ts';
import { anyValue, START, series, times } from './series.ts';

const BELOW: Objective = { below: 0.6 };
const at = (index: number): number => START + index * 1_000;

describe('assessSli (A3)', () => {
  const cases: [string, (number | null)[], Objective | null, string, number | null][] = [
    ['nothing at all', [], BELOW, 'no-data', null],
    ['only gaps', [null, null, null], BELOW, 'no-data', null],
    ['only NaN', [Number.NaN, Number.NaN], BELOW, 'no-data', null],
    ['good', [0.2, 0.2, 0.2], BELOW, 'ok', null],
    ['one bad sample is not a breach', [0.2, 0.2, 0.9], BELOW, 'ok', null],
    ['two bad samples are', [0.2, 0.9, 0.9], BELOW, 'breached', 1],
    ['the bound itself is bad', [0.2, 0.6, 0.6], BELOW, 'breached', 1],
    ['a short gap does not interrupt', [0.9, 0.9, null, null, 0.9], BELOW, 'breached', 0],
    ['a gap between the first two bad ones', [0.2, 0.9, null, 0.9], BELOW, 'breached', 1],
    ['one good sample does not end it', [0.9, 0.9, 0.2], BELOW, 'breached', 0],
    ['two good samples end it', [0.9, 0.9, 0.2, 0.2], BELOW, 'ok', null],
    ['a second breach counts from its own start', [0.9, 0.9, 0.2, 0.2, 0.9, 0.9], BELOW, 'breached', 4],
    ['above: too low is bad', [0.99, 0.5, 0.5], { above: 0.9 }, 'breached', 1],
    ['above: high is good', [0.99, 0.99], { above: 0.9 }, 'ok', null],
    ['no objective, no breach', [9, 9, 9], null, 'ok', null],
    ['a long gap ends a breach', [0.9, 0.9, ...times(20, null), 0.9], BELOW, 'ok', null],
  ];
  it.each(cases)('%s', (_name, values, objective, state, since) => {
    const status = assessSli(series(values), objective, at(Math.max(0, values.length - 1)));
    expect(status.state).toBe(state);
    expect(status.breachedSinceMs).toBe(since === null ? null : at(since));
  });

  it('is stale when samples stop, after five steps and at least 15 s', () => {
    const held = series([0.9, 0.9]);
    expect(assessSli(held, BELOW, at(1) + 15_000).state).toBe('breached');
    expect(assessSli(held, BELOW, at(1) + 15_001)).toMatchObject({
      state: 'stale',
      latest: { value: 0.9 },
      breachedSinceMs: null,
    });
    const slow = series([0.9, 0.9], START, 60_000);
    expect(assessSli(slow, BELOW, START + 60_000 + 300_000).state).toBe('breached');
    expect(assessSli(held, BELOW, at(1) + 3_000, { staleAfterMs: 2_000 }).state).toBe('stale');
  });

  it('does not take samples ahead of the clock for the present', () => {
    expect(assessSli(series([0.2, 0.2, 0.9, 0.9], START), BELOW, START - 2_000).state).toBe('no-data');
  });

  it('never calls breached what has fewer than two bad samples, for any series', () => {
    fc.assert(
      fc.property(fc.array(anyValue, { maxLength: 40 }), fc.integer({ min: 0, max: 60 }), (values, ageSteps) => {
        const status = assessSli(series(values), BELOW, at(ageSteps));
        const bad = values.filter((value) => value !== null && Number.isFinite(value) && value >= 0.6).length;
        if (status.state === 'breached') {
          expect(bad).toBeGreaterThanOrEqual(2);
          expect(status.breachedSinceMs).not.toBeNull();
        } else {
          expect(status.breachedSinceMs).toBeNull();
        }
      }),
    );
  });
});
