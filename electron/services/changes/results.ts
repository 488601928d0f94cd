import type { Change, ChangePayload } from '../../../shared/model/change.ts';
import type { EntryData } from '../../../shared/model/entry.ts';
import { type ErrorCode, ScramError } from '../../../shared/model/error.ts';
import type { ProviderFlag, WriteRequest } from '../flags/provider.ts';
import { sourceMoved } from './preview.ts';
import type { Outcome, Settled } from './reconcile.ts';

/** Answers of a provider that say by themselves that nothing was written. */
const NOTHING_WRITTEN: Readonly<Partial<Record<ErrorCode, Outcome>>> = {
  conflict: 'conflict',
  'not-found': 'conflict',
  refused: 'refused',
  'approval-required': 'approval-required',
  credential: 'failed',
};

/** What became of one change. */
export interface Result {
  readonly change: Change;
  readonly outcome: Outcome;
  readonly error: unknown;
}

export function resultEntry({ change: { hash }, outcome, error }: Result): EntryData {
  const detail = outcome === 'accepted' ? null : wordsOf(error);
  return { kind: 'change.result', hash, outcome, reconciled: false, detail };
}

/** Why the flag as it was read now is not to be written; null when it is as it was previewed (B2, B3). */
export function reasonToStop(
  { payload }: Change,
  kind: string,
  read: ProviderFlag | Error | undefined,
): Omit<Result, 'change'> | null {
  if (read instanceof Error) return { outcome: 'failed', error: read };
  if (read === undefined) {
    const error = new ScramError('not-found', `there is no flag ${payload.flag} any more in ${payload.environment}`, {
      action: 'look at its flag system',
    });
    return { outcome: 'conflict', error };
  }
  const moved =
    sourceMoved(payload, kind, read) ??
    (read.state.revision === payload.before.revision
      ? null
      : `${payload.flag} in ${payload.environment} changed after the preview; nothing was written`);
  if (moved === null) return null;
  return { outcome: 'conflict', error: new ScramError('conflict', moved, { action: 'look again, and decide anew' }) };
}

/** `readAtMs`: when the reading began that found it as it was previewed, epoch ms. */
export function requestOf(change: Change, readAtMs: number): WriteRequest {
  const { flag, environment, write, before } = change.payload;
  return { key: flag, environment, expectRevision: before.revision, write, comment: commentOf(change), readAtMs };
}

/** What providers keep beside the change, where they can. */
function commentOf({ rationale, hash }: Change): string {
  return `${rationale.trim() === '' ? 'Scram' : rationale.trim()} (scram change ${hash.slice(0, 12)})`;
}

export function certain(error: unknown): Outcome | null {
  return error instanceof ScramError ? (NOTHING_WRITTEN[error.code] ?? null) : null;
}

/** Asked too often, and no longer waited for: says so, and when to try again. */
export function notWritten(limit: ScramError): ScramError {
  const when = limit.retryAfterMs === null ? 'later' : `in ${seconds(limit.retryAfterMs)}`;
  return new ScramError('rate-limited', `${limit.message}; nothing was written, try again ${when}`, {
    action: 'look again, and decide anew',
    cause: limit,
    ...(limit.retryAfterMs === null ? {} : { retryAfterMs: limit.retryAfterMs }),
  });
}

export function unknownOutcome({ connection, flag, environment }: ChangePayload, cause: unknown): ScramError {
  return new ScramError(
    'unreachable',
    `${connection} did not answer the write of ${flag}, and cannot be read: whether ${environment} changed is not known`,
    {
      action: 'keep watching this change: it is settled as soon as the provider can be read',
      cause,
      retryable: false,
    },
  );
}

/** What went wrong, with what reading the flag showed of it: the same words as the ledger's, and its outcome's code. */
export function foundOut({ outcome, detail }: Settled, error: unknown): unknown {
  if (!(error instanceof ScramError) || detail === null) return error;
  if (outcome === 'conflict') {
    return new ScramError('conflict', detail, { action: 'look again, and decide anew', cause: error });
  }
  const { code, action, retryable } = error;
  return new ScramError(code, detail, { ...(action === null ? {} : { action }), retryable, cause: error });
}

export function seconds(ms: number): string {
  return `${Math.ceil(ms / 1_000)} s`;
}

/** Words for the ledger: our own errors' alone, since a foreign message may carry anything. */
export function wordsOf(error: unknown): string {
  return error instanceof ScramError ? error.message : 'unexpected error';
}
