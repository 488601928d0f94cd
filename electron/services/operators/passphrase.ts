import { ScramError } from '../../../shared/model/error.ts';

const SHORTEST = 10;

/** Throws `invalid-input` for a passphrase that is guessed too soon. */
export function checkNewPassphrase(passphrase: string): void {
  if (passphrase.length >= SHORTEST) return;
  throw new ScramError('invalid-input', `a passphrase has at least ${SHORTEST} characters`, {
    action: 'take several words',
  });
}
