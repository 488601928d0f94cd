import type { Armoured } from '../../../shared/model/approval.ts';
import { credentialsIn } from '../../../shared/model/config/credentials.ts';
import type { Config } from '../../../shared/model/config/index.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { VaultState } from '../../../shared/model/vault.ts';
import type { Actor } from '../signing/actor.ts';
import type { Ledger } from '../ledger/api.ts';
import type { Roster } from '../operators/api.ts';
import type { Clock, Disposable } from '../ports.ts';
import type { Keyring, Vault } from './api.ts';
import type { OpenedCredentials } from './opened.ts';
import type { ShareExchange } from './share-exchange.ts';

/** What the page and the terminal do with the vault: secrets go in, none comes out (E2, E3). */
export interface VaultService {
  state(): VaultState;
  onChange(listener: () => void): Disposable;
  set(name: string, value: string, actor: Actor | null): Promise<void>;
  remove(name: string, actor: Actor | null): Promise<void>;
  seal(name: string, holders: readonly string[], actor: Actor | null): Promise<void>;
  openTogether(name: string, first: Keyring, second: Keyring): Promise<{ untilMs: number }>;
  askForShare(name: string, holder: string, asker: Keyring): Armoured;
  readShareRequest(text: string): {
    name: string;
    holder: string;
    asker: string;
    askerName: string;
    checkCode: string;
    expiresAtMs: number;
  };
  giveShare(text: string, holder: Keyring): Armoured;
  takeShare(text: string, asker: Keyring): Promise<{ name: string; untilMs: number }>;
  dispose(): void;
}

export interface VaultServicePorts {
  readonly vault: Vault;
  readonly opened: OpenedCredentials;
  readonly exchange: ShareExchange;
  readonly roster: () => Roster;
  readonly ledger: Ledger;
  readonly config: Config;
  readonly clock: Clock;
  /** A credential can be used now that could not before, or the other way round. */
  readonly onUsable: () => void;
}

export function createVaultService(ports: VaultServicePorts): VaultService {
  const { vault, opened, exchange, ledger, config } = ports;
  const uses = usesOf(config);
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of [...listeners]) listener();
  };
  const subscriptions = [
    vault.onChange(() => {
      // With nobody here any more, what two people opened is theirs no longer (E3).
      if (!vault.open) opened.forgetAll();
      tell();
    }),
    opened.onChange(tell),
  ];

  function usable(name: string): void {
    if (uses.has(name)) ports.onUsable();
  }

  /** The name must not be silently both: a whole credential would make the two people of a sealed one needless. */
  function refuseSealed(name: string): void {
    if (vault.sealed().some((sealed) => sealed.name === name)) {
      throw new ScramError('conflict', `${name} is sealed to two people`, {
        action: `remove the sealed one first: scram vault remove ${name}`,
      });
    }
  }

  return {
    state: () => ({
      exists: vault.exists,
      open: vault.open,
      credentials: vault.credentials().map(({ name, setAtMs }) => ({ name, setAtMs, usedBy: uses.get(name) ?? [] })),
      missing: [...uses.keys()].filter((name) => {
        const known = [...vault.credentials(), ...vault.sealed()];
        return !known.some((credential) => credential.name === name);
      }),
      sealed: vault.sealed().map(({ name, sealedAtMs, shares }) => ({
        name,
        sealedAtMs,
        holders: [...new Set(shares.map(({ operator }) => operator))],
        openUntilMs: opened.untilMs(name),
        usedBy: uses.get(name) ?? [],
      })),
      problems: [...vault.problems()],
    }),
    onChange(listener) {
      const own = (): void => listener();
      listeners.add(own);
      return { dispose: () => void listeners.delete(own) };
    },
    async set(name, value, actor) {
      refuseSealed(name);
      await vault.setCredential(name, value);
      ledger.append({ kind: 'credential.set', name }, actor);
      usable(name);
    },
    async remove(name, actor) {
      await vault.removeCredential(name);
      opened.forget(name);
      ledger.append({ kind: 'credential.removed', name }, actor);
      usable(name);
    },
    async seal(name, holders, actor) {
      const people = [...new Set(holders)];
      if (people.length < 2) throw new ScramError('invalid-input', 'a credential is sealed to at least two people');
      const keys = people.flatMap((operator) => {
        const texts = ports.roster().operator(operator)?.publicKeys ?? [];
        if (texts.length === 0) {
          throw new ScramError('not-found', `${operator} has no public key in the roster in force`, {
            action: 'add the key to scram.yaml and sign the roster',
          });
        }
        return texts.map((publicKey) => ({ operator, publicKey }));
      });
      await vault.seal(name, keys);
      ledger.append({ kind: 'credential.sealed', name, holders: people }, actor);
      usable(name);
    },
    async openTogether(name, first, second) {
      if (first.operator === second.operator) {
        throw new ScramError('forbidden', 'it takes two different people to open a sealed credential');
      }
      const sealed = vault.sealed().find((one) => one.name === name);
      if (sealed === undefined) throw new ScramError('not-found', `there is no sealed credential ${name}`);
      const shares = [first, second].map((keyring) => {
        const own = sealed.shares.find(
          ({ operator, key }) => operator === keyring.operator && key === keyring.person.key,
        );
        if (own === undefined) throw new ScramError('forbidden', `${keyring.operator} holds no share of ${name}`);
        return keyring.openBox(own.box);
      });
      const untilMs = opened.keep(name, await vault.combine(name, shares));
      ledger.append({ kind: 'credential.opened', name, by: [first.person, second.person] }, first);
      usable(name);
      return { untilMs };
    },
    askForShare: (name, holder, asker) => exchange.askForShare(name, holder, asker),
    readShareRequest(text) {
      const { asker, ...request } = exchange.readRequest(text);
      const askerName = ports.roster().operator(asker.operator)?.name ?? asker.operator;
      return { ...request, asker: asker.operator, askerName };
    },
    giveShare(text, holder) {
      const { name, asker } = exchange.readRequest(text);
      const given = exchange.giveShare(text, holder);
      ledger.append({ kind: 'credential.share-given', name, to: asker }, holder);
      return given;
    },
    async takeShare(text, asker) {
      const { name, value, by } = await exchange.takeShare(text, asker);
      const untilMs = opened.keep(name, value);
      ledger.append({ kind: 'credential.opened', name, by: [asker.person, by] }, asker);
      usable(name);
      return { name, untilMs };
    },
    dispose() {
      for (const subscription of subscriptions) subscription.dispose();
      listeners.clear();
    },
  };
}

/** Names of the vault that a configuration asks for, and what asks for each. */
function usesOf({ connections, notify, teamStore }: Config): Map<string, string[]> {
  const uses = new Map<string, string[]>();
  const note = (credential: string | undefined, user: string): void => {
    if (credential === undefined || /^(env|cmd):/.test(credential)) return;
    uses.set(credential, [...(uses.get(credential) ?? []), user]);
  };
  for (const connection of connections) {
    for (const credential of credentialsIn(connection)) note(credential, connection.id);
  }
  for (const target of notify) note(target.credential, target.id);
  note(teamStore?.credential, 'teamStore');
  return uses;
}
