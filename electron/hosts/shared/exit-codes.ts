import { type ErrorCode, ScramError } from '../../../shared/model/error.ts';

/** Exit codes that scripts rely on (INTERFACES): never renumbered. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  refused: 3,
  conflict: 4,
  unreachable: 5,
  locked: 6,
  config: 7,
  ledger: 8,
} as const;

const BY_CODE: Partial<Record<ErrorCode, number>> = {
  'invalid-input': EXIT.usage,
  refused: EXIT.refused,
  'approval-required': EXIT.refused,
  forbidden: EXIT.refused,
  conflict: EXIT.conflict,
  expired: EXIT.conflict,
  unreachable: EXIT.unreachable,
  timeout: EXIT.unreachable,
  locked: EXIT.locked,
  credential: EXIT.locked,
  'config-invalid': EXIT.config,
  ledger: EXIT.ledger,
};

/** Exit code of an error: by its code, 1 for everything that is not ours. */
export function exitCodeOf(error: unknown): number {
  return error instanceof ScramError ? (BY_CODE[error.code] ?? EXIT.failed) : EXIT.failed;
}

/** One error for a person: what happened, and what to do next (H3). */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof ScramError && error.action ? `${error.message}\n  next: ${error.action}` : error.message;
}
