import type { ScramError } from '../../../shared/model/error.ts';
import { ErrorState } from '../../kit/index.ts';

/** What did not work, in the back end's words, and what to do (H3). */
export function Failed({ title, error }: { readonly title: string; readonly error: ScramError | null }) {
  if (!error) return null;
  return <ErrorState title={title} detail={error.message} action={error.action} />;
}
