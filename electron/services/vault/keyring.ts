import { sign } from 'node:crypto';
import { ScramError } from '../../../shared/model/error.ts';
import { keyIdOf } from '../signing/public-key.ts';
import type { Keyring } from './api.ts';
import { openSealedBox } from './box.ts';
import type { PersonKeys, SlotHead } from './slots.ts';

export function lockedError(message = 'this console is locked', action = 'unlock the console'): ScramError {
  return new ScramError('locked', message, { action });
}

/** What the vault alone may do with an open keyring. */
export interface OwnedKeyring {
  readonly keyring: Keyring;
  /** Throws `locked` once it was disposed. */
  keys(): PersonKeys;
}

/** A person's unlocked keys. Their private halves stay in here; dispose lets go of them, and says so once. */
export function createKeyring(
  { operator, publicKey }: SlotHead,
  keys: PersonKeys,
  onDispose: () => void,
): OwnedKeyring {
  let held: PersonKeys | null = keys;
  const use = (): PersonKeys => {
    if (held === null) throw lockedError();
    return held;
  };
  const keyring: Keyring = {
    operator,
    publicKey,
    person: { operator, key: keyIdOf(publicKey) },
    sign: (text) => sign(null, Buffer.from(text, 'utf8'), use().signing).toString('base64url'),
    openBox: (box) => openSealedBox(use().sealing, box),
    dispose() {
      if (held === null) return;
      held = null;
      onDispose();
    },
  };
  return { keyring, keys: use };
}
