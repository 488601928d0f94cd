/**
 * When the service keeps failing, what nobody waits for is not sent for a while: neither the service nor this machine
 * gets busier by it. What a person asked for always is, and its success closes the circuit again.
 */
export interface Circuit {
  /** Failures one after the other. */
  readonly failures: number;
  /** Closed: null. Until then nothing in the background is sent; from then on one request tries, epoch ms. */
  readonly openUntilMs: number | null;
  readonly pauseMs: number;
  /** The one request that tries is under way. */
  readonly trying: boolean;
}

const OPENS_AT = 5;
const FIRST_PAUSE_MS = 5000;
const LONGEST_PAUSE_MS = 30_000;

export const CLOSED: Circuit = { failures: 0, openUntilMs: null, pauseMs: FIRST_PAUSE_MS, trying: false };

export function admitsBackground(circuit: Circuit, nowMs: number): boolean {
  return circuit.openUntilMs === null || (nowMs >= circuit.openUntilMs && !circuit.trying);
}

/** A background request that was admitted sets out. */
export function setOut(circuit: Circuit): Circuit {
  return circuit.openUntilMs === null ? circuit : { ...circuit, trying: true };
}

/** It was given up by its caller, and tells nothing. */
export function gaveUp(circuit: Circuit): Circuit {
  return circuit.trying ? { ...circuit, trying: false } : circuit;
}

export function failed(circuit: Circuit, nowMs: number): Circuit {
  const failures = circuit.failures + 1;
  if (circuit.openUntilMs === null) {
    if (failures < OPENS_AT) return { ...circuit, failures };
    return { failures, openUntilMs: nowMs + circuit.pauseMs, pauseMs: circuit.pauseMs, trying: false };
  }
  // Failures of a person's own requests while it is open do not make the pause longer.
  if (nowMs < circuit.openUntilMs) return { ...circuit, failures };
  const pauseMs = Math.min(LONGEST_PAUSE_MS, circuit.pauseMs * 2);
  return { failures, openUntilMs: nowMs + pauseMs, pauseMs, trying: false };
}
