import { describe, expect, it } from 'vitest';
import { parseQuery } from '../../../electron/providers/metrics/sandbox/query.ts';
import { type FlagVersion, readFlagVersion } from '../../../electron/sandbox/flag-version.ts';
import { flagFileText, pastOf, RAISED_BEFORE_MS } from '../../../electron/sandbox/scenario.ts';
import { REFRESH_MS } from '../../../electron/sandbox/services.ts';
import { createWorld, type World } from '../../../electron/sandbox/world.ts';

const START = Date.UTC(2026, 0, 5, 9);
const FLAG = 'enable_new_pricing';

function version(environment: string, atMs: number, text: string): FlagVersion {
  const read = readFlagVersion(environment, atMs, text);
  if (!read) throw new Error('flagd cannot read it');
  return read;
}

function past(startMs = START): FlagVersion[] {
  return pastOf(startMs).map((content) => version(content.environment, content.atMs, content.text));
}

function valuesOf(world: World, query: string, fromMs: number, toMs: number, stepMs = 1_000): (number | null)[] {
  const parsed = parseQuery(query);
  return Array.from({ length: Math.floor((toMs - fromMs) / stepMs) + 1 }, (_, index) =>
    world.value(parsed, fromMs + index * stepMs),
  );
}

function mean(values: (number | null)[]): number {
  const numbers = values.filter((value) => value !== null);
  expect(numbers).toHaveLength(values.length);
  return numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
}

const P99 = 'p99{service="checkout",environment="production"}';
const ON = 'p99{service="checkout",environment="production",variant="on"}';
const OFF = 'p99{service="checkout",environment="production",variant="off"}';

describe.each([1, 2, 20_240])('G1: the practice world, seed %i', (seed) => {
  it('is calm for an hour, then breaks four minutes before the start', () => {
    const world = createWorld(seed, past());
    const calm = valuesOf(world, P99, START - 3_600_000, START - RAISED_BEFORE_MS - 1_000);
    for (const value of calm) expect(value).toBeLessThan(0.3);
    expect(mean(calm)).toBeCloseTo(0.25, 1);
    const burning = valuesOf(world, P99, START - RAISED_BEFORE_MS + 10_000, START);
    for (const value of burning) expect(value).toBeGreaterThan(0.6);
    expect(mean(burning)).toBeGreaterThan(0.7);
    expect(mean(burning)).toBeLessThan(0.9);
  });

  it('triples p99 for the cohort alone, and has no such line before the raise', () => {
    const world = createWorld(seed, past());
    const on = mean(valuesOf(world, ON, START - 60_000, START));
    const off = mean(valuesOf(world, OFF, START - 60_000, START));
    expect(on / off).toBeGreaterThan(3);
    expect(off).toBeCloseTo(0.25, 1);
    expect(new Set(valuesOf(world, ON, START - 3_600_000, START - RAISED_BEFORE_MS - 1_000))).toEqual(new Set([null]));
  });

  it('raises the errors, and keeps them within their objective', () => {
    const world = createWorld(seed, past());
    const errors = 'errors{service="checkout",environment="production"}';
    const before = mean(valuesOf(world, errors, START - 600_000, START - 300_000));
    const after = valuesOf(world, errors, START - 200_000, START);
    expect(mean(after) / before).toBeGreaterThan(1.2);
    for (const value of after) expect(value).toBeLessThan(0.01);
  });

  it('20 % is a fifth of the users and of the requests', () => {
    const world = createWorld(seed, past());
    const rate = (cohort: string) =>
      mean(valuesOf(world, `rate{service="checkout",environment="production"${cohort}}`, START - 120_000, START));
    const share = rate(',variant="on"') / rate('');
    expect(share).toBeGreaterThan(0.17);
    expect(share).toBeLessThan(0.23);
  });

  it('A4: recovers within 10 s of a kill, and breaks again after the undo', () => {
    const versions = past();
    const world = createWorld(seed, versions);
    const undone = START + 60_000;
    versions.push(version('production', START, flagFileText('production', 0)));
    versions.push(version('production', undone, flagFileText('production', 20)));
    for (const value of valuesOf(world, P99, START + 10_000, undone)) expect(value).toBeLessThan(0.3);
    for (const value of valuesOf(world, P99, undone + 10_000, undone + 60_000)) expect(value).toBeGreaterThan(0.6);
    expect(world.value(parseQuery(ON), START + 10_000)).toBeNull();
  });

  it('B5: instances take a change up one after the other, all within their refresh', () => {
    const versions = past();
    const world = createWorld(seed, versions);
    versions.push(version('production', START, flagFileText('production', 0)));
    const killed = (atMs: number) => {
      const byInstance = Map.groupBy(world.observe('checkout', FLAG, 'production', atMs), (seen) => seen.instance);
      expect(byInstance.size).toBe(9);
      return [...byInstance.values()].filter((rows) => rows.every((row) => row.variant === 'off')).length;
    };
    expect(killed(START - 1)).toBe(0);
    const counts = Array.from({ length: REFRESH_MS / 100 + 1 }, (_, step) => killed(START + step * 100));
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    expect(counts.at(-1)).toBe(9);
    expect(new Set(counts).size).toBeGreaterThanOrEqual(9);
    const regions = new Set(world.observe('checkout', FLAG, 'production', START).map((row) => row.region));
    expect(regions).toEqual(new Set(['eu-west', 'us-east', 'ap-south']));
  });

  it('the calm services, and staging, stay calm', () => {
    const world = createWorld(seed, past());
    const all = { search: 0.4, 'payments-api': 1 };
    for (const [service, limit] of Object.entries(all)) {
      const values = valuesOf(
        world,
        `p99{service="${service}",environment="production"}`,
        START - 3_600_000,
        START,
        5_000,
      );
      for (const value of values) expect(value).toBeLessThan(limit);
    }
    const staging = valuesOf(world, 'p99{service="checkout",environment="staging"}', START - 3_600_000, START, 5_000);
    for (const value of staging) expect(value).toBeLessThan(0.6);
  });
});

describe('determinism', () => {
  it('the same seed and past give the same values, whatever was asked before; another seed gives others', () => {
    const one = createWorld(7, past());
    const two = createWorld(7, past());
    valuesOf(two, ON, START - 5_000, START);
    const asked = valuesOf(one, P99, START - 3_600_000, START, 7_000);
    expect(valuesOf(two, P99, START - 3_600_000, START, 7_000)).toEqual(asked);
    expect(valuesOf(createWorld(8, past()), P99, START - 3_600_000, START, 7_000)).not.toEqual(asked);
  });

  it('what is to come does not change what was', () => {
    const versions = past();
    const world = createWorld(7, versions);
    const before = valuesOf(world, P99, START - 600_000, START);
    versions.push(version('production', START + 1, flagFileText('production', 0)));
    expect(valuesOf(world, P99, START - 600_000, START)).toEqual(before);
  });
});

describe('flag files as flagd reads them', () => {
  const observed = (text: string) => {
    const versions = [...past(), version('production', START, text)];
    const rows = createWorld(1, versions).observe('checkout', FLAG, 'production', START + REFRESH_MS);
    return new Set(rows.map((row) => row.variant));
  };
  const edit = (change: (flag: Record<string, unknown>, flags: Record<string, unknown>) => void) => {
    const file = JSON.parse(flagFileText('production', 20));
    change(file.flags[FLAG], file.flags);
    return JSON.stringify(file);
  };

  it('serves both variants at 20 %, one at 0 and 100, and the code default for a flag that is disabled or gone', () => {
    expect(observed(flagFileText('production', 20))).toEqual(new Set(['on', 'off']));
    expect(observed(flagFileText('production', 0))).toEqual(new Set(['off']));
    expect(observed(flagFileText('production', 100))).toEqual(new Set(['on']));
    expect(observed(edit((flag) => Object.assign(flag, { state: 'DISABLED' })))).toEqual(new Set([null]));
    expect(observed(edit((_, flags) => delete flags[FLAG]))).toEqual(new Set([null]));
  });

  it('does not read what is not a flag file', () => {
    for (const text of ['', '{', '[]', '{"flags": 5}']) expect(readFlagVersion('production', 0, text)).toBeNull();
  });
});

it.each([
  ['p99{service="chekout",environment="production"}', 'no service chekout; there are checkout, search, payments-api'],
  ['p99{service="checkout",environment="prod"}', 'no environment prod; there are production, staging'],
  ['p99{service="checkout",environment="production",region="mars"}', 'no instance mars'],
  ['p99{service="search",environment="production",variant="on"}', 'search has no cohorts'],
])('%s is an error that says what there is', (query, message) => {
  expect(() => createWorld(1, past()).value(parseQuery(query), START)).toThrow(message);
});
