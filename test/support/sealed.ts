import { armour, unarmour } from '../../electron/services/armour/armour.ts';
import { checkCodeOf } from '../../electron/services/armour/check-code.ts';
import { qrOf } from '../../electron/services/armour/qr.ts';
import type { Roster } from '../../electron/services/operators/api.ts';
import { readPublicKey } from '../../electron/services/signing/public-key.ts';
import type { Keyring, Vault } from '../../electron/services/vault/api.ts';
import { createShareExchange, type ShareExchange } from '../../electron/services/vault/share-exchange.ts';
import { memoryFiles, newDevice, openVault } from './vault.ts';

/** People and their public keys; a test takes keys away to revoke them. */
export type People = Record<string, string[]>;

export function rosterOf(people: People): Roster {
  const key: Roster['key'] = (person) => {
    const keys = (people[person.operator] ?? []).map(readPublicKey);
    return keys.find((one) => one?.id === person.key) ?? null;
  };
  return {
    enforced: true,
    version: 1,
    operators: [],
    operator: () => null,
    key,
    everKey: key,
    mightAt: () => false,
    peopleOf: () => [],
    knowsDevice: () => true,
  };
}

export interface Console {
  readonly vault: Vault;
  readonly exchange: ShareExchange;
  /** Keys of the people who can unlock this console. */
  readonly keyrings: Record<string, Keyring>;
}

export interface World {
  readonly people: People;
  nowMs: number;
  /** A console of these people, each with a key of their own; their keys are added to the roster. */
  console(...operators: string[]): Promise<Console>;
}

export function createWorld(): World {
  const people: People = {};
  const world: World = { people, nowMs: 1_000_000, console: open };

  async function open(...operators: string[]): Promise<Console> {
    const { vault } = await openVault(memoryFiles(), { device: newDevice(), now: () => world.nowMs });
    const keyrings: Record<string, Keyring> = {};
    for (const operator of operators) {
      const { publicKey } = await vault.enrol(operator, operator, Object.values(keyrings)[0] ?? null);
      keyrings[operator] = await vault.unlock(operator, operator);
      people[operator] = [...(people[operator] ?? []), publicKey];
    }
    const exchange = createShareExchange({
      vault,
      roster: () => rosterOf(people),
      clock: { now: () => world.nowMs, after: () => ({ dispose() {} }) },
      armourer: { armour, unarmour, checkCodeOf, qrOf },
    });
    return { vault, exchange, keyrings };
  }

  return world;
}

/** Holders of a sealing with every key that they have. */
export function holdersOf(people: People, ...operators: string[]): { operator: string; publicKey: string }[] {
  return operators.flatMap((operator) => (people[operator] ?? []).map((publicKey) => ({ operator, publicKey })));
}
