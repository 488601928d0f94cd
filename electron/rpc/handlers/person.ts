import { ScramError } from '../../../shared/model/error.ts';
import type { Actor } from '../../services/signing/actor.ts';
import type { Keyring } from '../../services/vault/api.ts';
import type { Session } from '../session.ts';

/** The person whose act it is. Throws `locked`, or `refused` in a console whose configuration names nobody. */
export function actorOf({ person }: Session): Actor {
  const actor = person.actor();
  if (actor !== null) return actor;
  throw nobody(person.rights().has('approve'));
}

/** The same with the keys that shares of sealed credentials are opened by. */
export function keyringOf({ person }: Session): Keyring {
  const keyring = person.keyring();
  if (keyring !== null) return keyring;
  throw nobody(person.rights().has('approve'));
}

function nobody(unenforced: boolean): ScramError {
  return unenforced
    ? new ScramError('refused', 'scram.yaml names no operators, so there is nobody to act as', {
        action: 'name the operators in scram.yaml: scram init DIR --operator ID writes a start',
      })
    : new ScramError('locked', 'this console is locked', { action: 'unlock it first' });
}
