import { ScramError } from '../../../shared/model/error.ts';

export const RETRY = { firstMs: 500, limitMs: 30_000 };

/** What happened and what to do, in one line. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof ScramError)) return error instanceof Error ? error.message : String(error);
  return error.action === null ? error.message : `${error.message}. ${error.action}`;
}

export function codeOf(error: unknown): string {
  return error instanceof ScramError ? error.code : 'internal';
}
