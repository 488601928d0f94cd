import type { Clock, Log } from '../ports.ts';
import type { Keychain, Vault } from './api.ts';
import { openCopies } from './copies.ts';
import { vaultCredentials } from './credentials.ts';
import type { VaultFiles } from './files.ts';
import { VAULT_VERSION } from './format.ts';
import { PRODUCT_COST, type ScryptCost } from './kdf.ts';
import { MIGRATIONS, type VaultMigration } from './migrate.ts';
import { createOpening } from './opening.ts';
import { vaultPeople } from './people.ts';
import { createQueue } from './queue.ts';
import { combineShares } from './shares.ts';

export interface VaultPorts {
  readonly files: VaultFiles;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  /** Null where the host has none. */
  readonly keychain: Keychain | null;
  /** The device's Ed25519 SPKI, base64url: a person's public key names the console that it was made on. */
  readonly devicePublicKey: string;
  /** What a new passphrase costs to try, and an old one is raised to; cheap in the sandbox. */
  readonly cost?: ScryptCost;
  /** Told once for each thing that was found damaged and set aside. */
  readonly onProblem?: (what: string) => void;
  readonly migrations?: readonly VaultMigration[];
}

/** Opens the vault of a data folder, locked; a folder without one has a vault that does not exist yet. */
export async function createVault(ports: VaultPorts): Promise<Vault> {
  const { keychain, devicePublicKey, log, clock } = ports;
  const cost = ports.cost ?? PRODUCT_COST;
  const migrations = ports.migrations ?? MIGRATIONS;
  const version = migrations.reduce((most, step) => Math.max(most, step.version), VAULT_VERSION);
  const onProblem = ports.onProblem ?? (() => undefined);
  const listeners = new Set<() => void>();
  const onChange = () => {
    for (const listener of [...listeners]) listener();
  };
  const copies = await openCopies({ ...ports, cost, migrations, onProblem });
  const opening = createOpening({ copies, log, version, onChange });
  /** One after another: two writers would undo each other, and each try costs 128 MiB of memory. */
  const queued = createQueue();

  return {
    get exists() {
      return opening.exists;
    },
    get open() {
      return opening.open;
    },
    ...vaultPeople({ opening, queued, cost, keychain, devicePublicKey, log }),
    ...vaultCredentials({ opening, queued, nowMs: clock.now }),
    combine: combineShares,
    problems: () => copies.problems(),
    onChange(listener) {
      const own = () => listener();
      listeners.add(own);
      return { dispose: () => void listeners.delete(own) };
    },
  };
}
