import type { ScramError } from '../../../shared/model/error.ts';
import { codeOf } from './errors.ts';
import { retryAfterMs } from './retry-after.ts';
import type { HttpRequest, HttpResponse } from './types.ts';

/** A read is tried once more at most so many times. */
const MOST_REPEATS = 2;
const BASE_MS = 100;
const CAP_MS = 1000;

/** The service, or what stands before it, was not reached or broke off; another try may find it well. */
const PASSING = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** A service in front of the service that has none to hand the request to. */
export const isGatewayFailure = (status: number): boolean => status === 502 || status === 503 || status === 504;

export const mayRepeat = (request: HttpRequest): boolean =>
  request.method === 'GET' || request.method === 'HEAD' || request.idempotentRead === true;

export interface Tried {
  /** How often it was repeated so far. */
  readonly repeats: number;
  readonly outcome: HttpResponse | ScramError;
  /** Until the time limit over all, milliseconds. */
  readonly leftMs: number;
  readonly nowMs: number;
  /** From 0 up to 1. */
  readonly random: number;
}

/**
 * The pause before the next try, milliseconds, with full jitter and no shorter than the service asks for; null when there
 * is none: the outcome is not one that passes, or the time is up before. Holds for reads; a write is never repeated.
 */
export function pauseBeforeRepeat({ repeats, outcome, leftMs, nowMs, random }: Tried): number | null {
  if (repeats >= MOST_REPEATS) return null;
  const passing = 'status' in outcome ? isGatewayFailure(outcome.status) : PASSING.has(codeOf(outcome.cause));
  if (!passing) return null;
  const asked = 'status' in outcome ? (retryAfterMs(outcome.headers, outcome.dateMs ?? nowMs) ?? 0) : 0;
  const pause = Math.max(asked, random * Math.min(CAP_MS, BASE_MS * 2 ** repeats));
  return pause < leftMs ? pause : null;
}
