import type { Operator } from '../../shared/model/operator.ts';
import { deviceIdOf } from '../services/signing/device-id.ts';
import { readPublicKey } from '../services/signing/public-key.ts';
import type { Keyring, Vault } from '../services/vault/api.ts';

/** What every practice operator's console is unlocked by: it is shown, and protects nothing. */
export const PRACTICE_PASSPHRASE = 'practice';

/** Who has unlocked the sandbox when it starts. */
const FIRST = 'alex';

const PEOPLE: readonly Omit<Operator, 'publicKeys'>[] = [
  { id: FIRST, name: 'Alex', roles: ['responder', 'release-manager'] },
  { id: 'sam', name: 'Sam', roles: ['responder', 'approver'] },
  { id: 'kim', name: 'Kim', roles: ['admin'] },
  { id: 'robin', name: 'Robin', roles: ['viewer'] },
];

export interface PracticePeople {
  readonly operators: readonly Operator[];
  readonly first: Keyring;
}

/** Makes the practice operators' keys in the sandbox's own vault, or finds them there (D1: four eyes can be tried at once). */
export async function practicePeople(vault: Vault, devicePublicKey: string): Promise<PracticePeople> {
  const device = deviceIdOf(devicePublicKey);
  let first: Keyring | null = null;
  for (const { id } of PEOPLE) {
    const slot = vault.slots().find(({ operator }) => operator === id);
    // A world that was copied from another console has people with keys of that one.
    if (slot !== undefined && readPublicKey(slot.publicKey)?.device !== device) await vault.removeSlot(id);
    const there = vault.slots().some(({ operator }) => operator === id);
    if (!there) await vault.enrol(id, PRACTICE_PASSPHRASE, first);
    first ??= await vault.unlock(id, PRACTICE_PASSPHRASE);
  }
  if (first === null) throw new Error('the practice world has nobody');
  const operators = PEOPLE.map(
    (person): Operator => ({
      ...person,
      roles: [...person.roles],
      publicKeys: vault.slots().flatMap(({ operator, publicKey }) => (operator === person.id ? [publicKey] : [])),
    }),
  );
  return { operators, first };
}
