import { generateKeyPairSync, sign } from 'node:crypto';
import type { Access } from '../../shared/contract/define.ts';
import type { Operator, Role } from '../../shared/model/operator.ts';
import { ScramError } from '../../shared/model/error.ts';
import type { ChangePorts } from '../../electron/services/changes/ports.ts';
import type { Actor } from '../../electron/services/signing/actor.ts';
import type { PersonSession, Roster } from '../../electron/services/operators/api.ts';
import { publicKeyText, readPublicKey } from '../../electron/services/signing/public-key.ts';
import { rosterOf } from '../../electron/services/operators/roster.ts';

const silent = { dispose: () => undefined };

/** An unlocked session that may do exactly this. */
export function sessionWith(access: readonly Access[], actor: Actor | null = null): PersonSession {
  const rights = new Set(access);
  return {
    actor: () => actor,
    keyring: () => null,
    me: () => ({ operator: 'tester', name: 'Tester', roles: [], unlockedAtMs: 0, locksAtMs: null }),
    rights: () => rights,
    unlock: async () => undefined,
    unlockByKeychain: async () => undefined,
    lock: () => undefined,
    touch: () => undefined,
    onChange: () => silent,
    dispose: () => undefined,
  };
}

/** A device's key and a person's keys on it, made anew: no private key is ever kept in the tests. */
export interface TestPerson extends Actor {
  readonly operator: string;
  readonly publicKey: string;
}

/** A device key as the ledger takes one. */
export function testDevice() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64url'),
    sign: (text: string) => sign(null, Buffer.from(text), privateKey).toString('base64url'),
  };
}

export function testPerson(operator: string, device: { readonly publicKey: string }): TestPerson {
  const signing = generateKeyPairSync('ed25519');
  const sealing = generateKeyPairSync('x25519');
  const publicKey = publicKeyText(signing.publicKey, sealing.publicKey, device.publicKey);
  const key = readPublicKey(publicKey)?.id ?? '';
  return {
    operator,
    publicKey,
    person: { operator, key },
    sign: (text) => sign(null, Buffer.from(text), signing.privateKey).toString('base64url'),
  };
}

/** A roster in force of people with their roles; `ever` were in it once. */
export function testRoster(
  people: readonly (readonly [TestPerson | readonly TestPerson[], readonly Role[]])[],
  ever: readonly Operator[] = [],
): Roster {
  const operators = people.map(([keys, roles]): Operator => {
    const list = Array.isArray(keys) ? (keys as readonly TestPerson[]) : [keys as TestPerson];
    const id = list[0]?.operator ?? '';
    return { id, name: id, roles: [...roles], publicKeys: list.map(({ publicKey }) => publicKey) };
  });
  return rosterOf(true, { version: 1, operators }, [ever]);
}

export const nobody: Roster = rosterOf(false, { version: 0, operators: [] }, []);

/** A console without operators: nobody is asked, and nothing holds a change. */
export const ALONE: Pick<ChangePorts, 'fourEyes' | 'incidents'> = {
  fourEyes: {
    permitFor: (_change, { people }) =>
      people < 2 ? {} : new ScramError('refused', 'policy asks for two people, and scram.yaml names no operators'),
    whyNotMake: () => null,
  },
  incidents: { heldBy: () => null },
};
