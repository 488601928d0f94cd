import type { ScramError } from '../../../shared/model/error.ts';
import { ErrorState } from '../../kit/index.ts';

/** What was asked for did not happen, why, and what to do. */
export function Failed({ title, error }: { readonly title: string; readonly error: ScramError | null }) {
  return error === null ? null : <ErrorState title={title} detail={error.message} action={error.action} />;
}
