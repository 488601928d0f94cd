import { ScramError } from '../../../shared/model/error.ts';
import type { Vault } from './api.ts';
import { decryptItem, encryptItem } from './items.ts';
import type { Opening } from './opening.ts';
import { splitCredential } from './shares.ts';

export interface VaultCredentialsPorts {
  readonly opening: Pick<Opening, 'document' | 'key' | 'save'>;
  readonly queued: <T>(task: () => Promise<T>) => Promise<T>;
  readonly nowMs: () => number;
}

type CredentialPart = Pick<
  Vault,
  'credentials' | 'credential' | 'setCredential' | 'removeCredential' | 'sealed' | 'seal'
>;

/** The part of the vault that keeps credentials, whole and sealed. */
export function vaultCredentials({ opening, queued, nowMs }: VaultCredentialsPorts): CredentialPart {
  const { document, key, save } = opening;
  const itemOf = (name: string) => document().items.find((item) => item.name === name);
  const sealedOf = (name: string) => document().sealed.find((record) => record.name === name);

  function credential(name: string): string {
    const dataKey = key();
    const item = itemOf(name);
    if (item === undefined) throw missing(name, sealedOf(name) !== undefined);
    const value = decryptItem(dataKey, document().id, item);
    if (value !== null) return value;
    throw new ScramError('credential', `the credential ${name} cannot be decrypted`, {
      action: `set it again: scram vault set ${name}`,
    });
  }

  return {
    credentials: () => document().items.map(({ name, setAtMs }) => ({ name, setAtMs })),
    credential,
    setCredential: (name, value) =>
      queued(async () => {
        const dataKey = key();
        if (sealedOf(name) !== undefined) {
          throw new ScramError('conflict', `${name} is sealed to two people, and would be open to one`, {
            action: 'remove the sealed credential first, set the new one, then seal it',
          });
        }
        const before = document();
        const revision = (itemOf(name)?.revision ?? 0) + 1;
        const head = { kind: 'credential', name, revision, setAtMs: nowMs() } as const;
        const items = [
          ...before.items.filter((item) => item.name !== name),
          encryptItem(dataKey, before.id, head, value),
        ];
        await save({ ...before, items }, dataKey, false);
      }),
    removeCredential: (name) =>
      queued(async () => {
        const dataKey = key();
        if (itemOf(name) === undefined && sealedOf(name) === undefined) throw missing(name, false);
        const before = document();
        const items = before.items.filter((item) => item.name !== name);
        await save({ ...before, items, sealed: before.sealed.filter((record) => record.name !== name) }, dataKey, true);
      }),
    sealed: () => document().sealed,
    seal: (name, holders) =>
      queued(async () => {
        const shares = await splitCredential(name, credential(name), holders);
        const before = document();
        const record = { name, sealedAtMs: nowMs(), shares };
        const items = before.items.filter((item) => item.name !== name);
        // Both copies: what one person could still read in the previous one would not be sealed (E3).
        await save({ ...before, items, sealed: [...before.sealed, record] }, key(), true);
      }),
  };
}

function missing(name: string, isSealed: boolean): ScramError {
  if (isSealed) {
    return new ScramError('credential', `${name} is sealed: two people open it together`, {
      action: 'two people open it',
    });
  }
  return new ScramError('credential', `there is no credential ${name} in the vault`, {
    action: `scram vault set ${name}`,
  });
}
