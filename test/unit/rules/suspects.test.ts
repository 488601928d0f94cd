import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Marker } from '../../../shared/model/marker.ts';
import { separationOf } from '../../../shared/rules/cohort.ts';
import { rankSuspects } from '../../../shared/rules/suspects.ts';
import { START, series, times } from './series.ts';

const BREACH = START + 3_600_000;

function marker(subject: string, minutesBefore: number, more: Partial<Marker> = {}): Marker {
  return {
    id: subject,
    kind: 'flag',
    atMs: BREACH - minutesBefore * 60_000,
    approximate: false,
    environment: 'production',
    connection: 'local',
    subject,
    services: ['checkout'],
    fromPercentage: 0,
    toPercentage: 20,
    ours: false,
    by: null,
    ...more,
  };
}

function rank(markers: Marker[], more: Partial<Parameters<typeof rankSuspects>[0]> = {}): string[] {
  return asked(markers, more).map((suspect) => suspect.marker.subject);
}

function asked(markers: Marker[], more: Partial<Parameters<typeof rankSuspects>[0]> = {}) {
  return rankSuspects({ breachSinceMs: BREACH, service: 'checkout', markers, nowMs: BREACH + 300_000, ...more });
}

describe('rankSuspects (A7)', () => {
  it('puts the nearest change before the breach first', () => {
    expect(rank([marker('old', 40), marker('near', 1), marker('middle', 10)])).toEqual(['near', 'middle', 'old']);
  });

  it('leaves out what changed after the breach began', () => {
    expect(rank([marker('after', -1), marker('before', 30)])).toEqual(['before']);
  });

  it('allows a change noted seconds after the first bad sample, and longer where the time is approximate', () => {
    expect(rank([marker('just', -4 / 60)])).toEqual(['just']);
    expect(rank([marker('noticed', -1, { approximate: true })])).toEqual(['noticed']);
    expect(rank([marker('noticed', -3, { approximate: true })])).toEqual([]);
    expect(asked([marker('noticed', -1, { approximate: true })])[0]?.reasons.map(({ id }) => id)).toContain(
      'suspect.time-approximate',
    );
  });

  it('leaves out what is long ago, and what lies ahead of the clock', () => {
    expect(rank([marker('yesterday', 61)])).toEqual([]);
    expect(rank([marker('ahead', -0.05)], { nowMs: BREACH })).toEqual([]);
  });

  it('suspects a feature raised more than one taken away', () => {
    expect(rank([marker('lowered', 3, { fromPercentage: 20, toPercentage: 0 }), marker('raised', 4)])).toEqual([
      'raised',
      'lowered',
    ]);
  });

  it('suspects the service’s own flags more than those of others', () => {
    expect(rank([marker('foreign', 3, { services: ['search'] }), marker('own', 6)])).toEqual(['own', 'foreign']);
  });

  it('A6: puts a flag whose cohort fares worse before a nearer change', () => {
    const markers = [marker('guilty', 9), marker('nearer', 4)];
    expect(rank(markers)).toEqual(['nearer', 'guilty']);
    const cohort = { flag: 'guilty', ratio: 3.1, separated: true };
    expect(rank(markers, { cohort })).toEqual(['guilty', 'nearer']);
    const reasons = asked(markers, { cohort })[0]?.reasons;
    expect(reasons?.map(({ id }) => id)).toEqual([
      'suspect.raised-before',
      'suspect.of-service',
      'suspect.cohort-separated',
    ]);
    expect(reasons?.[0]?.params).toEqual({ from: 0, to: 20, beforeMs: 9 * 60_000 });
  });

  it('names each subject once', () => {
    const twice = [marker('a', 20, { id: '1' }), marker('a', 2, { id: '2', fromPercentage: 20, toPercentage: 50 })];
    expect(asked(twice).map((suspect) => suspect.marker.id)).toEqual(['2']);
  });

  it('ranks the same whatever the order, with scores from 0 to 1 and reasons', () => {
    const anyMarker = fc.record({
      minutes: fc.integer({ min: -5, max: 70 }),
      to: fc.option(fc.integer({ min: 0, max: 100 })),
      subject: fc.constantFrom('a', 'b', 'c', 'd'),
    });
    fc.assert(
      fc.property(fc.array(anyMarker, { maxLength: 12 }), (given) => {
        const markers = given.map(({ minutes, to, subject }, index) =>
          marker(subject, minutes, { id: `${index}`, toPercentage: to }),
        );
        const ranked = asked(markers);
        expect(asked([...markers].reverse())).toEqual(ranked);
        for (const suspect of ranked) {
          expect(suspect.score).toBeGreaterThanOrEqual(0);
          expect(suspect.score).toBeLessThanOrEqual(1);
          expect(suspect.marker.atMs).toBeLessThanOrEqual(BREACH + 5_000);
        }
      }),
    );
  });
});

describe('separationOf (A6)', () => {
  const compare = (
    on: (number | null)[],
    off: (number | null)[],
    objective: { below: number } | { above: number } = { below: 0.6 },
  ) => separationOf({ on: series(on), off: series(off) }, objective, START, START + 60_000);

  it('tells how many times worse the cohort with the flag on fares', () => {
    expect(compare(times(10, 0.6), times(10, 0.2))).toMatchObject({ separated: true, samples: 10 });
    expect(compare(times(10, 0.6), times(10, 0.2))?.ratio).toBeCloseTo(3);
    expect(compare(times(10, 0.2), times(10, 0.2))).toMatchObject({ separated: false, ratio: 1 });
    expect(compare(times(10, 0.5), times(10, 1), { above: 0.9 })?.ratio).toBeCloseTo(2);
  });

  it('says nothing where the two have no moment in common, and does not call two samples proof', () => {
    expect(compare([1, null], [null, 1])).toBeNull();
    expect(compare([1, 1], [0.1, 0.1])?.separated).toBe(false);
  });

  it('stays finite where one cohort has none at all', () => {
    expect(compare(times(5, 0.1), times(5, 0))).toMatchObject({ ratio: 100, separated: true });
    expect(compare(times(5, 0), times(5, 0))?.ratio).toBe(1);
  });
});
