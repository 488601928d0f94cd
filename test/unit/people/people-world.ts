import { createLedger } from '../../../electron/services/ledger/ledger.ts';
import { createPeopleService, type PeopleConfig } from '../../../electron/services/operators/people-service.ts';
import { nextRoster, rosterFileText, signRosterBody } from '../../../electron/services/operators/roster.ts';
import type { Actor } from '../../../electron/services/signing/actor.ts';
import type { Keyring, Vault } from '../../../electron/services/vault/api.ts';
import { createVault } from '../../../electron/services/vault/vault.ts';
import type { VaultCopy, VaultFiles } from '../../../electron/services/vault/files.ts';
import type { Operator, RosterBody, SignedRoster } from '../../../shared/model/operator.ts';
import { memoryStore } from '../../support/ledger.ts';
import { testDevice } from '../../support/people.ts';
import { manualClock } from '../changes/world.ts';

export const PASSPHRASE = 'correct horse battery';
const SILENT = { info() {}, warn() {}, error() {} };

function filesInMemory(): VaultFiles {
  const kept = new Map<VaultCopy, string>();
  return {
    read: async (copy) => (kept.has(copy) ? Buffer.from(kept.get(copy) ?? '') : null),
    write: async (copy, text) => void kept.set(copy, text),
    quarantine: async () => 'vault.quarantine',
    quarantined: async () => [],
  };
}

/** A console with a real vault (cheap to unlock), a real ledger and a roster file that a test writes. */
export async function makePeople(ids: readonly string[], lockAfterMs: number | null = 15 * 60_000) {
  const clock = manualClock();
  const signer = testDevice();
  const store = memoryStore();
  const ledger = createLedger({ store, signer, clock, product: 'scram 0.0.0-test' });
  const vault: Vault = await createVault({
    files: filesInMemory(),
    clock,
    log: SILENT,
    keychain: null,
    devicePublicKey: signer.publicKey,
    cost: { N: 1024, r: 8, p: 1 },
  });
  const rings = new Map<string, Keyring>();
  let first: Keyring | null = null;
  for (const id of ids) {
    await vault.enrol(id, PASSPHRASE, first);
    const ring = await vault.unlock(id, PASSPHRASE);
    rings.set(id, ring);
    first ??= ring;
  }
  const keysOf = (id: string): string[] =>
    vault.slots().flatMap((slot) => (slot.operator === id ? [slot.publicKey] : []));
  const operator = (id: string, roles: Operator['roles'], publicKeys = keysOf(id)): Operator => ({
    id,
    name: id,
    roles,
    publicKeys,
  });
  const disk = { roster: null as string | null };
  const rosterFile = {
    path: '/team/roster.json',
    read: () => disk.roster,
    write: async (text: string) => {
      disk.roster = text;
    },
  };
  const config = (operators: readonly Operator[], team = 'shop'): PeopleConfig => ({
    team,
    operators,
    lockAfterMs,
    vault,
    keychain: false,
    rosterFile,
    practice: null,
  });
  const service = (operators: readonly Operator[], team?: string) =>
    createPeopleService({ ledger }, { clock, log: SILENT }, config(operators, team));
  const kinds = () => [...ledger.all()].map(({ body }) => body.data.kind);
  return { clock, ledger, store, signer, vault, rings, operator, keysOf, disk, config, service, kinds };
}

/** Versions of a roster, each signed by whom the test says. */
export function rosterChain(
  steps: readonly { operators: readonly Operator[]; by: Actor }[],
  team = 'shop',
): SignedRoster[] {
  const versions: SignedRoster[] = [];
  for (const { operators, by } of steps) {
    const before: RosterBody | null = versions.at(-1)?.body ?? null;
    versions.push(signRosterBody(nextRoster({ team, operators }, before, by, 1_700_000_000_000), by));
  }
  return versions;
}

export { rosterFileText };
