import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  admitsBackground,
  CLOSED,
  type Circuit,
  failed,
  gaveUp,
  setOut,
} from '../../../electron/platform/http/breaker.ts';

const failedTimes = (times: number, nowMs: number, from: Circuit = CLOSED): Circuit =>
  Array.from({ length: times }).reduce<Circuit>((circuit) => failed(circuit, nowMs), from);

describe('circuit of a failing service', () => {
  it('opens at the fifth failure in a row, and not before', () => {
    expect(admitsBackground(failedTimes(4, 1000), 1000)).toBe(true);
    expect(admitsBackground(failedTimes(5, 1000), 1000)).toBe(false);
  });

  it('lets one request try when its pause is over, and no other beside it', () => {
    const open = failedTimes(5, 1000);
    expect(admitsBackground(open, 5999)).toBe(false);
    expect(admitsBackground(open, 6000)).toBe(true);
    const trying = setOut(open);
    expect(admitsBackground(trying, 6000)).toBe(false);
    expect(admitsBackground(gaveUp(trying), 6000)).toBe(true);
  });

  it('waits twice as long after each try that fails, thirty seconds at most', () => {
    let circuit = failedTimes(5, 0);
    const pauses: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const nowMs = circuit.openUntilMs ?? Number.NaN;
      circuit = failed(setOut(circuit), nowMs);
      pauses.push((circuit.openUntilMs ?? Number.NaN) - nowMs);
    }
    expect(pauses).toEqual([10_000, 20_000, 30_000, 30_000, 30_000]);
  });

  it("is not held open longer by failures of people's own requests", () => {
    const open = failedTimes(5, 0);
    expect(failedTimes(20, 1000, open).openUntilMs).toBe(open.openUntilMs);
  });

  it('always admits again within thirty seconds, whatever happened', () => {
    const step = fc.constantFrom('failed', 'set out', 'gave up');
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.nat(60_000))), (steps) => {
        let circuit = CLOSED;
        let nowMs = 0;
        for (const [what, afterMs] of steps) {
          nowMs += afterMs;
          if (what === 'failed') circuit = failed(circuit, nowMs);
          else if (what === 'gave up') circuit = gaveUp(circuit);
          else if (admitsBackground(circuit, nowMs)) circuit = setOut(circuit);
        }
        expect(admitsBackground(gaveUp(circuit), nowMs + 30_000)).toBe(true);
      }),
    );
  });
});
