import { mkdir } from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { writeFileAtomic } from '../platform/files.ts';
import { type DataPaths, dataPaths } from '../platform/paths.ts';
import { createVaultFiles } from '../platform/vault-files.ts';
import { watchFile } from '../platform/watch-file.ts';
import { PRACTICE_PASSPHRASE, practicePeople } from '../sandbox/practice-people.ts';
import type { LoadedConfig } from '../services/config/api.ts';
import { createPeopleService, type OwnedPeople, type PeopleConfig } from '../services/operators/people-service.ts';
import type { RosterFilePort } from '../services/operators/roster-keeper.ts';
import type { Clock, Disposable, Log } from '../services/ports.ts';
import type { Keychain, Vault } from '../services/vault/api.ts';
import type { ScryptCost } from '../services/vault/kdf.ts';
import { createVault } from '../services/vault/vault.ts';
import type { DataFolder } from './data-folder.ts';

/** Beside scram.yaml, in version control: every signed version of the roster. */
export const ROSTER_FILE = 'roster.json';
/** The practice passphrase stands on the screen: guessing it need not be dear. */
const PRACTICE_COST: ScryptCost = { N: 1024, r: 8, p: 1 };

export interface PeopleContext {
  readonly folder: Pick<DataFolder, 'ledger' | 'devicePublicKey'>;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly keychain: Keychain | null;
}

export interface ConsolePeople {
  readonly service: OwnedPeople;
  /** The vault of the configuration in force: the sandbox has one of its own. */
  vault(): Vault;
  /** Takes up another configuration, or the same one anew. */
  use(loaded: LoadedConfig): Promise<void>;
}

type VaultPlace = Pick<DataPaths, 'folder' | 'vault' | 'vaultPrevious'>;

/** The vault of a folder, locked. What is found damaged becomes part of the record. */
export function openVault(context: PeopleContext, paths: VaultPlace, cost?: ScryptCost): Promise<Vault> {
  const { folder, clock, log, keychain } = context;
  return createVault({
    files: createVaultFiles(paths),
    clock,
    log,
    keychain,
    devicePublicKey: folder.devicePublicKey,
    ...(cost === undefined ? {} : { cost }),
    onProblem: (what) => folder.ledger.append({ kind: 'vault.problem', what }),
  });
}

export async function openPeople(context: PeopleContext, first: LoadedConfig): Promise<ConsolePeople> {
  const vaults = new Map<string, Vault>();
  let watch: Disposable | null = null;
  let watched: string | undefined;
  let current: PeopleConfig;

  async function vaultIn(paths: VaultPlace, cost?: ScryptCost): Promise<Vault> {
    const known = vaults.get(paths.folder);
    if (known !== undefined) return known;
    const made = await openVault(context, paths, cost);
    vaults.set(paths.folder, made);
    return made;
  }

  async function configOf({ config, state, baseDir }: LoadedConfig): Promise<PeopleConfig> {
    const { team, operators, lockAfter } = config;
    const keychain = context.keychain !== null;
    if (state.mode === 'sandbox') {
      const folder = path.join(context.dataDir, 'sandbox');
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const vault = await vaultIn(dataPaths(folder), PRACTICE_COST);
      const people = await practicePeople(vault, context.folder.devicePublicKey);
      const practice = { passphrase: PRACTICE_PASSPHRASE, first: people.first };
      return { team, operators: people.operators, lockAfterMs: null, vault, keychain, rosterFile: null, practice };
    }
    const vault = await vaultIn(dataPaths(context.dataDir));
    const rosterFile = rosterFileIn(baseDir);
    return { team, operators, lockAfterMs: lockAfter, vault, keychain, rosterFile, practice: null };
  }

  current = await configOf(first);
  const service = createPeopleService(context.folder, context, current);
  followRoster();
  // Once more, should it have changed since it was read.
  service.use(current);

  /** Begun before the file is read: what changes in between is told. A watch that stands is never begun anew. */
  function followRoster(): void {
    const file = current.rosterFile;
    if (file?.path === watched) return;
    watch?.dispose();
    watched = file?.path;
    watch = file === null ? null : watchFile(file.path, () => service.use(current), context.clock);
  }

  return {
    service: {
      ...service,
      dispose() {
        watch?.dispose();
        service.dispose();
      },
    },
    vault: () => current.vault,
    async use(loaded) {
      current = await configOf(loaded);
      followRoster();
      service.use(current);
    },
  };
}

export function rosterFileIn(baseDir: string): RosterFilePort {
  const file = path.join(baseDir, ROSTER_FILE);
  return {
    path: file,
    read: () => (existsSync(file) ? readFileSync(file, 'utf8') : null),
    write: (text) => writeFileAtomic(file, text),
  };
}
