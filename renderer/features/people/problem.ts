import type { ScramError } from '../../../shared/model/error.ts';
import type { Translate } from '../../messages/index.ts';

/** Why a passphrase was not taken, and what to do (H3). */
export function problemText(t: Translate, error: ScramError, name: string): string {
  if (error.code === 'locked') return t('people.wrong', { name });
  return [error.message, error.action].filter((part) => part !== null).join('. ');
}
