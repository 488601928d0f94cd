import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Answer,
  type ActualState,
  type DriftInput,
  driftOf,
  driftText,
  holds,
  type IntendedState,
  intentOf,
  KILL_STANDS_MS,
  placeId,
  placesOf,
  type SeenPlace,
} from '../../../shared/rules/drift.ts';
import { agreesWith, expectationOf, isForAll, variantForAll, variantInUse } from '../../../shared/rules/expectation.ts';
import { sameJson } from '../../../shared/rules/same-json.ts';
import { driftSchema } from '../../../shared/model/drift.ts';
import type { JsonValue } from '../../../shared/model/json.ts';

const T = 1_700_000_000_000;
const KILLED: IntendedState = { exposure: 'nobody', percentage: 0, serves: 'off', targeting: null, killed: true };
const ALL: IntendedState = { exposure: 'everyone', percentage: 100, serves: 'on', targeting: null, killed: false };
const SOME: IntendedState = { exposure: 'some', percentage: 20, serves: 'off', targeting: 'on 20 %', killed: false };
const KILL = { hash: 'h1', after: KILLED, acceptedAtMs: T };

const actual = (
  state: IntendedState,
  changedAtMs: number | null = null,
  changedBy: string | null = null,
): ActualState => ({
  state,
  changedAtMs,
  changedBy,
});

describe('what everybody should get', () => {
  it.each([
    ['a kill, whatever rules remain', { ...KILLED, targeting: 'beta' }, 'off'],
    ['everyone', ALL, 'on'],
    ['nobody', { ...KILLED, killed: false }, 'off'],
    ['some', SOME, null],
    ['everyone by a rule', { ...ALL, targeting: 'country' }, null],
    ['the code decides', { ...KILLED, serves: null }, null],
  ] as const)('B5: %s', (_, state, variant) => {
    expect(variantForAll(state)).toBe(variant);
  });

  it('B5: a kill is used; a feature given back shows by anything but what all had', () => {
    expect(expectationOf({ before: SOME, after: KILLED })).toEqual({ uses: 'off' });
    expect(expectationOf({ before: KILLED, after: SOME })).toEqual({ notOnly: 'off' });
    expect(expectationOf({ before: SOME, after: SOME })).toBeNull();
    expect(isForAll(SOME)).toBe(false);
    expect(agreesWith('off', { uses: 'off' })).toBe(true);
    expect(agreesWith(null, { uses: 'off' })).toBe(false);
    expect(agreesWith('on', { notOnly: 'off' })).toBe(true);
    expect(agreesWith('on', null)).toBe(false);
  });

  it('B5: a value tells its variant; one that no variant has is surely not the expected one', () => {
    const variants = [
      { name: 'on', value: true },
      { name: 'off', value: false },
      { name: 'safe', value: false },
      { name: 'rich', value: { b: [1, null], a: 'x' } },
    ];
    const name = (value: JsonValue, expected: string | null) =>
      variantInUse({ variant: null, value }, variants, expected);
    expect(variantInUse({ variant: 'named', value: true }, variants, 'off')).toBe('named');
    expect(variantInUse({ variant: null }, variants, 'off')).toBeNull();
    expect(name(false, 'off')).toBe('off');
    expect(name(false, 'safe')).toBe('safe');
    expect(name(false, 'on')).toBe('off');
    expect(name({ a: 'x', b: [1, null] }, null)).toBe('rich');
    expect(name(7, 'off')).toBe('7');
    expect(name(7, 'not-a-variant')).toBeNull();
    expect(variantInUse({ variant: null, value: 7 }, [], null)).toBeNull();
  });

  it('JSON values are the same whatever the order of their members', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
        const [a, b] = [JSON.parse(JSON.stringify(left)), JSON.parse(JSON.stringify(right))] as [JsonValue, JsonValue];
        const turned = JSON.parse(JSON.stringify(a), (_, value) =>
          value && typeof value === 'object' && !Array.isArray(value)
            ? Object.fromEntries(Object.entries(value).reverse())
            : value,
        ) as JsonValue;
        expect(sameJson(a, turned)).toBe(true);
        expect(sameJson(a, b)).toBe(sameJson(b, a));
      }),
    );
    expect(sameJson([1], [1, 2])).toBe(false);
    expect(sameJson({ a: null }, { b: null })).toBe(false);
  });
});

describe('what is meant', () => {
  it.each([
    ['the kill is held', KILL, actual(KILLED, T, 'console'), 'change', false],
    ['a kill holds with rules left', KILL, actual({ ...KILLED, targeting: 'x' }), 'change', false],
    ['somebody turned it on after the kill', KILL, actual(ALL, T + 60_000, 'ana'), 'change', true],
    ['the kill never came about', KILL, actual(SOME), 'change', true],
    ['the kill serves another variant', KILL, actual({ ...KILLED, serves: 'other' }), 'change', true],
    ['nothing was done here', null, actual(ALL), 'provider', false],
    ['a rollout was changed there later', { ...KILL, after: SOME }, actual(ALL, T + 9), 'provider', false],
    ['a rollout is held', { ...KILL, after: SOME }, actual(SOME), 'change', false],
  ] as const)('B6: %s', (_, made, held, source, providerDiffers) => {
    expect(intentOf(made, held, T + 120_000)).toMatchObject({ source, providerDiffers });
  });

  it('B6: what stands against a kill for a day is meant', () => {
    const held = actual(ALL, T + 60_000, 'ana');
    expect(intentOf(KILL, held, T + 60_000 + KILL_STANDS_MS - 1).source).toBe('change');
    expect(intentOf(KILL, held, T + 60_000 + KILL_STANDS_MS)).toMatchObject({
      source: 'provider',
      startMs: T + 60_000,
    });
    expect(holds(ALL, ALL)).toBe(true);
    expect(holds(ALL, { ...ALL, percentage: 99 })).toBe(false);
  });
});

const answer = (over: Partial<Answer> = {}): Answer => ({
  instance: 'a',
  region: 'eu',
  variant: 'on',
  atMs: T,
  ...over,
});

function see(answers: readonly Answer[], over: Partial<Parameters<typeof placesOf>[0]> = {}): SeenPlace[] {
  return placesOf({
    observer: 'o',
    answers,
    uses: 'off',
    startMs: null,
    freshFromMs: T - 30_000,
    earlier: new Map(),
    ...over,
  });
}

const asMap = (places: readonly SeenPlace[]) => new Map(places.map((place) => [placeId(place), place]));

describe('places', () => {
  it('B5: an instance that uses two variants disagrees; one that tells none is unknown', () => {
    expect(see([answer({ variant: 'off' }), answer({ variant: 'on' })])).toMatchObject([
      { verdict: 'disagrees', variant: 'on' },
    ]);
    expect(see([answer({ variant: 'off' }), answer({ instance: 'b', variant: null })])).toMatchObject([
      { instance: 'a', verdict: 'agrees' },
      { instance: 'b', verdict: 'unknown' },
    ]);
    expect(see([answer(), answer({ region: 'us' })])).toHaveLength(2);
  });

  it('B6: what is too old, or from before it was meant, tells neither way', () => {
    expect(see([answer({ atMs: T - 30_001 })])[0]?.verdict).toBe('unknown');
    expect(see([answer({ atMs: T - 30_001, variant: 'off' })])[0]?.verdict).toBe('unknown');
    expect(see([answer({ atMs: T - 1 })], { startMs: T })[0]?.verdict).toBe('unknown');
    expect(see([answer({ atMs: T })], { startMs: T })[0]?.verdict).toBe('disagrees');
  });

  it('B6: since when it disagrees is kept through looks and silence, until it agrees', () => {
    const first = asMap(see([answer({ atMs: T })]));
    const second = asMap(see([answer({ atMs: T + 9_000, variant: 'other' })], { earlier: first }));
    expect([...second.values()]).toMatchObject([{ disagreesSinceMs: T, sinceMs: T + 9_000 }]);
    const silent = asMap(see([answer({ atMs: T + 9_000 })], { earlier: second, freshFromMs: T + 99_000 }));
    expect([...silent.values()]).toMatchObject([{ verdict: 'unknown', disagreesSinceMs: T }]);
    const again = see([answer({ atMs: T + 100_000 })], { earlier: silent });
    expect(again).toMatchObject([{ verdict: 'disagrees', disagreesSinceMs: T }]);
    const agreed = see([answer({ atMs: T + 110_000, variant: 'off' })], { earlier: asMap(again) });
    expect(agreed).toMatchObject([{ verdict: 'agrees', disagreesSinceMs: null, sinceMs: T + 110_000 }]);
  });
});

function input(over: Partial<DriftInput> = {}): DriftInput {
  return {
    connection: 'c',
    flag: 'f',
    environment: 'production',
    nowMs: T + 60_000,
    intent: { source: 'change', change: 'h1', state: KILLED, startMs: T, providerDiffers: false },
    actual: actual(KILLED, T, 'console'),
    actualReadAtMs: T + 59_000,
    device: 'console',
    differsSinceMs: null,
    places: see([answer({ atMs: T + 40_000 }), answer({ instance: 'b', variant: 'off', atMs: T + 40_000 })]),
    graceMs: 30_000,
    objectiveMs: 30_000,
    keptSinceMs: null,
    earlier: null,
    ...over,
  };
}

const provider = { source: 'provider', change: null, state: KILLED, startMs: null, providerDiffers: false } as const;

describe('the verdict', () => {
  it('B5, B6: a place that uses something else after the grace drifts, since the first look that disagreed', () => {
    const verdict = driftOf(input());
    expect(verdict.kind).toBe('drift');
    if (verdict.kind !== 'drift') return;
    expect(driftSchema.parse(verdict.drift)).toMatchObject({
      intended: { source: 'change', change: 'h1', variant: 'off', percentage: 0 },
      actual: { variant: 'off', percentage: 0 },
      providerDiffers: false,
      disagreeing: 1,
      sinceMs: T + 40_000,
      overdue: false,
    });
    expect(verdict.drift.places.map(({ instance, agrees }) => [instance, agrees])).toEqual([
      ['a', false],
      ['b', true],
    ]);
    expect(driftText(verdict.drift)).toBe('off is intended, 1 of 2 places use something else: on at eu a');
    expect(driftOf(input({ nowMs: T + 70_000 }))).toMatchObject({ drift: { overdue: true } });
  });

  it.each([
    ['within the grace it is propagating', { nowMs: T + 29_999 }, 'agrees'],
    ['at the end of the grace it is not', { nowMs: T + 30_000, actualReadAtMs: T + 41_000 }, 'drift'],
    ['a slow SDK has its own time', { graceMs: 90_000 }, 'agrees'],
    ['nobody disagrees', { places: see([answer({ variant: 'off' })]) }, 'agrees'],
    ['nobody is heard', { places: [] }, 'agrees'],
    [
      'the provider must have been read after the place was seen',
      { intent: provider, actualReadAtMs: T + 39_000 },
      'unknown',
    ],
    ['a provider that does not answer means nothing', { intent: provider, actualReadAtMs: null }, 'unknown'],
    ['but a kill from here is meant all the same', { actualReadAtMs: null }, 'drift'],
    ['silence proves nothing', { places: see([answer({ atMs: T })], { freshFromMs: T + 1 }) }, 'agrees'],
  ] as const)('B6, B14: %s', (_, over, kind) => {
    expect(driftOf(input(over as Partial<DriftInput>)).kind).toBe(kind);
  });

  it('B6: a place that fell silent after it disagreed has not agreed: what was told stays, marked as unknown', () => {
    const earlier = driftOf(input());
    if (earlier.kind !== 'drift') throw new Error('no drift');
    const seen = asMap(input().places);
    const silent = see([answer({ atMs: T + 40_000 })], { earlier: seen, freshFromMs: T + 99_000 });
    const verdict = driftOf(input({ places: silent, nowMs: T + 130_000, earlier: earlier.drift }));
    expect(verdict).toMatchObject({
      kind: 'unknown',
      drift: { disagreeing: 0, overdue: true, sinceMs: T + 40_000, places: [{ unknown: true, agrees: false }] },
    });
  });

  it('B6: that somebody turned a killed flag on is told at once, with who and when; our own write is waited for', () => {
    const differs = { source: 'change', change: 'h1', state: KILLED, startMs: T, providerDiffers: true } as const;
    const theirs = input({ intent: differs, actual: actual(ALL, T + 2_000, 'ana'), nowMs: T + 3_000, places: [] });
    const verdict = driftOf(theirs);
    expect(verdict).toMatchObject({
      kind: 'drift',
      drift: {
        providerDiffers: true,
        disagreeing: 0,
        sinceMs: T + 2_000,
        actual: { variant: 'on', percentage: 100, changedAtMs: T + 2_000, changedBy: 'ana' },
      },
    });
    if (verdict.kind === 'drift') {
      expect(driftText(verdict.drift)).toBe('off is intended, the provider holds on, changed by ana');
    }
    const unseen = { ...theirs, actual: actual(ALL, T - 9), differsSinceMs: T + 1_000 };
    expect(driftOf(unseen).kind).toBe('agrees');
    expect(driftOf({ ...unseen, nowMs: T + 31_000 })).toMatchObject({ kind: 'drift', drift: { sinceMs: T + 1_000 } });
    expect(driftOf({ ...theirs, actualReadAtMs: null, nowMs: T + 31_000 }).kind).toBe('unknown');
  });

  it('B6: since when is the earliest that is known, but not from before it was meant', () => {
    expect(driftOf(input({ keptSinceMs: T + 10_000 }))).toMatchObject({ drift: { sinceMs: T + 10_000 } });
    expect(driftOf(input({ keptSinceMs: T - 10_000 }))).toMatchObject({ drift: { sinceMs: T + 40_000 } });
  });

  const arbitraryAnswer = fc.record({
    instance: fc.constantFrom('a', 'b', 'c'),
    region: fc.constantFrom('eu', 'us', null),
    variant: fc.constantFrom('on', 'off', null),
    atMs: fc.integer({ min: T - 60_000, max: T + 60_000 }),
  });

  it('B5, B6: drift is never told without one place, or the provider, that surely disagrees', () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryAnswer, { maxLength: 8 }),
        fc.integer({ min: 0, max: 120_000 }),
        fc.boolean(),
        fc.option(fc.integer({ min: T - 60_000, max: T + 60_000 }), { nil: null }),
        (answers, ageMs, differs, readAtMs) => {
          const nowMs = T + ageMs;
          const places = see(answers, { startMs: T, freshFromMs: nowMs - 30_000 });
          const verdict = driftOf(
            input({
              places,
              nowMs,
              intent: { source: 'change', change: 'h', state: KILLED, startMs: T, providerDiffers: differs },
              actual: actual(differs ? ALL : KILLED, null),
              actualReadAtMs: readAtMs,
              differsSinceMs: differs ? T : null,
            }),
          );
          const stray = answers.filter(({ atMs, variant }) => variant === 'on' && atMs >= T && atMs >= nowMs - 30_000);
          const instances = new Set(stray.map(placeIdOf));
          if (verdict.kind !== 'drift') return;
          expect(ageMs).toBeGreaterThanOrEqual(30_000);
          expect(verdict.drift.disagreeing).toBeLessThanOrEqual(instances.size);
          expect(verdict.drift.disagreeing > 0 || (differs && verdict.drift.providerDiffers)).toBe(true);
          expect(verdict.drift.sinceMs).toBeGreaterThanOrEqual(T);
          expect(verdict.drift.overdue).toBe(nowMs - verdict.drift.sinceMs >= 30_000);
          const order = verdict.drift.places.map(({ agrees, unknown }) => (agrees ? 2 : unknown ? 1 : 0));
          expect(order).toEqual([...order].sort());
        },
      ),
    );
  });

  it('B5: fresh answers that all use what is meant never drift', () => {
    fc.assert(
      fc.property(fc.array(arbitraryAnswer, { maxLength: 8 }), fc.boolean(), (answers, mine) => {
        const places = see(answers.map((seen) => ({ ...seen, variant: 'off' })));
        expect(driftOf(input({ places, intent: mine ? input().intent : provider })).kind).toBe('agrees');
      }),
    );
  });
});

function placeIdOf({ instance, region }: Answer): string {
  return placeId({ observer: 'o', instance, region });
}
