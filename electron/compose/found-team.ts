import * as files from 'node:fs/promises';
import { systemClock } from '../platform/clock.ts';
import { createLog, stderrWriter } from '../platform/log.ts';
import { dataPaths } from '../platform/paths.ts';
import { FOUNDER_ROLES } from '../services/config/starter-texts.ts';
import { writeStarter } from '../services/config/starter.ts';
import { fingerprintOf } from '../services/signing/public-key.ts';
import { checkNewPassphrase } from '../services/operators/passphrase.ts';
import { createPeopleService } from '../services/operators/people-service.ts';
import { nextRoster, rosterFileText, signRosterBody } from '../services/operators/roster.ts';
import { openDataFolder } from './data-folder.ts';
import { openVault, rosterFileIn } from './people.ts';

const TEAM = 'my-team';

export interface FoundTeamOptions {
  readonly directory: string;
  readonly dataDir: string;
  readonly operator: { readonly id: string; readonly name: string };
  readonly passphrase: string;
}

export interface FoundedTeam {
  readonly directory: string;
  readonly files: readonly string[];
  readonly publicKey: string;
  readonly fingerprint: string;
}

/**
 * Founds a team (D5): makes the first admin's key in the vault of the data folder, writes the starter with this person
 * in it, signs version 1 of the roster and pins its key. All of it or none; throws `busy` while a console runs,
 * `conflict` when the person has a key here already, `locked` when others have, `refused` when a file is in the way.
 */
export async function foundTeam({ directory, dataDir, operator, passphrase }: FoundTeamOptions): Promise<FoundedTeam> {
  checkNewPassphrase(passphrase);
  const log = createLog({ write: stderrWriter(), level: 'error' });
  const clock = systemClock(log);
  const folder = await openDataFolder(dataDir, { host: 'terminal', product: 'Scram', clock, log, team: true });
  try {
    const vault = await openVault({ folder, dataDir, clock, log, keychain: null }, dataPaths(dataDir));
    const { publicKey } = await vault.enrol(operator.id, passphrase, null);
    const keyring = await vault.unlock(operator.id, passphrase);
    try {
      const operators = [{ ...operator, roles: [...FOUNDER_ROLES], publicKeys: [publicKey] }];
      const body = nextRoster({ team: TEAM, operators }, null, keyring, clock.now());
      const roster = rosterFileText([signRosterBody(body, keyring)]);
      const written = await writeStarter(directory, files, { ...operator, publicKey, roster });
      folder.ledger.append({ kind: 'operator.enrolled', operator: operator.id, publicKey }, keyring);
      const rosterFile = rosterFileIn(written.directory);
      const people = { team: TEAM, operators, lockAfterMs: null, vault, keychain: false, rosterFile, practice: null };
      // Reading the roster for the first time is what pins its key.
      createPeopleService(folder, { clock, log }, people).dispose();
      return { ...written, publicKey, fingerprint: fingerprintOf(publicKey) };
    } catch (error) {
      await vault.removeSlot(operator.id);
      throw error;
    } finally {
      keyring.dispose();
    }
  } finally {
    folder.close();
  }
}
