import fc from 'fast-check';
import type { Series } from '../../../shared/model/sli.ts';

/** Epoch of the tests' series. */
export const START = 1_700_000_000_000;

export function series(values: readonly (number | null)[], startMs = START, stepMs = 1_000): Series {
  return { startMs, stepMs, values: [...values] };
}

export function times<T>(count: number, value: T): T[] {
  return Array.from({ length: count }, () => value);
}

/** Healthy values around 0.2 with some noise, the same each time. */
export function healthy(count: number): number[] {
  return Array.from({ length: count }, (_, index) => 0.2 + 0.01 * Math.sin(index));
}

/** Anything that may stand in a series: values of every kind, gaps, and what only a careless adapter lets through. */
export const anyValue = fc.oneof(
  { weight: 6, arbitrary: fc.double({ min: 0, max: 2, noNaN: true }) },
  { weight: 2, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Infinity, -Infinity) },
  { weight: 1, arbitrary: fc.double() },
);
