import type { ConnectionState } from '../../../shared/model/connection.ts';
import { ScramError } from '../../../shared/model/error.ts';

/** What is known of one environment's reading. */
export interface ReadFacts {
  /** Last full answer, epoch ms; null before the first one and while only the cache is known. */
  readonly readAtMs: number | null;
  readonly cachedAtMs: number | null;
  readonly error: ScramError | null;
}

export interface StatusView {
  readonly state: ConnectionState;
  readonly lastReadAtMs: number | null;
  readonly fromCache: boolean;
  readonly problem: string | null;
}

/** Errors that no retry will mend: a person must act. The source is still looked at, in case somebody did. */
const FATAL: ReadonlySet<ScramError['code']> = new Set([
  'credential',
  'config-invalid',
  'refused',
  'forbidden',
  'approval-required',
]);

/** State of a connection from its environments: the worst of them counts, the oldest read tells the age. */
export function statusOf(environments: readonly ReadFacts[], nowMs: number, staleAfterMs: number): StatusView {
  const errors = environments.flatMap((facts) => (facts.error ? [facts.error] : []));
  const reads = environments.map((facts) => facts.readAtMs ?? facts.cachedAtMs);
  const known = reads.filter((atMs) => atMs !== null);
  const lastReadAtMs = known.length === reads.length && known.length > 0 ? Math.min(...known) : null;
  const fromCache = environments.some((facts) => facts.readAtMs === null && facts.cachedAtMs !== null);
  const problem = errors.length > 0 ? [...new Set(errors.map(problemOf))].join(' · ') : null;
  return { state: stateOf(), lastReadAtMs, fromCache, problem };

  function stateOf(): ConnectionState {
    if (errors.some((error) => FATAL.has(error.code))) return 'fatal';
    // To be asked to wait is no failure: what was read stays good for as long as it is young.
    const waits = lastReadAtMs !== null && errors.every((error) => error.code === 'rate-limited');
    if (errors.length > 0 && !waits) return 'error';
    if (lastReadAtMs === null) return environments.length === 0 ? 'ready' : 'not-ready';
    return fromCache || nowMs - lastReadAtMs > staleAfterMs ? 'stale' : 'ready';
  }
}

function problemOf(error: ScramError): string {
  return error.action === null ? error.message : `${error.message}. ${error.action}`;
}

export function asScramError(error: unknown): ScramError {
  if (error instanceof ScramError) return error;
  return new ScramError('provider', error instanceof Error ? error.message : String(error), { cause: error });
}

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

/** Time until the next try after `failures` in a row. */
export function retryDelay(failures: number): number {
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.max(0, failures - 1));
}
