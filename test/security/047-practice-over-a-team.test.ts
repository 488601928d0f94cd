import { mkdirSync, readdirSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { compose } from '../../electron/compose.ts';
import { createLog } from '../../electron/platform/log.ts';
import type { Backend } from '../../electron/rpc/backend.ts';
import { actorOf, PASSPHRASES, Team } from '../integration/people/team.ts';
import { type TempFolder, tempFolder } from '../support/temp.ts';

const NEVER = new AbortController().signal;
const log = createLog({ write: () => undefined, level: 'error' });
let folder: TempFolder;
let team: Team;

beforeEach(() => {
  folder = tempFolder('practice');
  team = new Team(folder);
});
afterEach(async () => {
  await team.close();
  folder.remove();
});

function practise(dataDir: string): Promise<Backend> {
  mkdirSync(folder.at('empty'), { recursive: true });
  return compose({ host: 'web', dataDir, configPath: null, cwd: folder.at('empty'), env: {}, log });
}

it('047 D5: the sandbox, whose passphrase stands on the screen, is never opened over a team’s data folder', async () => {
  await team.found('ada', ['admin', 'responder'], 'one');
  await (await team.console('one')).backend.dispose();
  team.open.splice(0);
  await expect(practise(team.dataDir('one'))).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringMatching(/belongs to a team/),
  });
  // Nothing is held on to: the team's own console opens it again.
  await team.console('one');
});

it('047 D8: what was practised before is set aside whole when the folder becomes a team’s, so that others take its chain', async () => {
  const dataDir = team.dataDir('one');
  const sandbox = await practise(dataDir);
  await sandbox.services().flags.settled();
  const alex = sandbox.people.openSession();
  const { changes } = sandbox.services();
  const preview = await changes.preview(
    { action: 'kill', connection: 'practice-flags', flag: 'release_saved_cards', environment: 'production' },
    NEVER,
  );
  changes.propose(preview.hash, 'practice', alex.actor());
  const before = sandbox.ledger.device;
  await sandbox.dispose();

  await team.found('ada', ['admin', 'responder', 'release-manager'], 'one');
  const one = await team.console('one');
  await one.session.unlock('ada', PASSPHRASES.ada ?? '');
  one.backend.services().incidents.note(null, 'the first word of a team', actorOf(one));
  expect(one.backend.ledger.device).not.toBe(before);
  expect(readdirSync(dataDir).filter((name) => name.startsWith('practice-'))).toHaveLength(1);

  const two = await team.console('two');
  const rows = one.backend.ledger.rowsAfter(one.backend.ledger.device, 0, 100);
  expect(two.backend.ledger.receive(rows, trustOfRoster(two.backend)).refused).toEqual([]);
});

function trustOfRoster({ people }: Backend) {
  return {
    knowsDevice: (device: string) => people.roster().knowsDevice(device),
    signedBy: (person: { operator: string; key: string }) => people.roster().everKey(person) !== null,
  };
}
