import { cpSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approveBeside, askForKillOn } from '../support/acts.ts';
import { type ConsoleTeam, foundConsoleTeam } from '../support/console-team.ts';
import { HELD_ENV, type HeldFlags, startHeldFlags } from '../support/held-flags.ts';
import type { PageSocket } from '../support/page-socket.ts';
import { waitFor } from '../support/processes.ts';
import { startTeamPostgres, type TeamPostgres } from '../support/team-postgres.ts';
import { type TempFolder, tempFolder } from '../support/temp.ts';
import type { RunningHost } from '../support/web-host.ts';

const ROUNDS = 20;
const flagOf = (round: number): string => `flag_${round}`;
const COPIED = 'copied_before_it_began';

let folder: TempFolder;
let postgres: TeamPostgres;
let flags: HeldFlags;
let team: ConsoleTeam;
const hosts: RunningHost[] = [];
let one: PageSocket;
let two: PageSocket;

beforeAll(async () => {
  folder = tempFolder('two');
  [postgres, flags] = await Promise.all([
    startTeamPostgres(),
    startHeldFlags([...Array.from({ length: ROUNDS }, (_, round) => flagOf(round)), COPIED]),
  ]);
  const schema = await postgres.newSchema();
  team = await foundConsoleTeam(folder.path, {
    founder: 'alex',
    more: `${flags.yaml}\nteamStore: { kind: postgres, credential: env:TEAM_DB, schema: ${schema}, poll: 1s }`,
    env: { ...HELD_ENV, TEAM_DB: postgres.consoleUrl() },
    people: {
      alex: { roles: ['responder', 'admin'], on: ['one'] },
      kim: { roles: ['responder'], on: ['two'] },
      sam: { roles: ['approver'], on: ['two'] },
    },
  });
  hosts.push(...(await Promise.all([team.start('one'), team.start('two')])));
  [one, two] = await Promise.all([team.page(hosts[0]!, 'alex'), team.page(hosts[1]!, 'kim')]);
});
afterAll(async () => {
  one?.close();
  two?.close();
  await Promise.all(hosts.map((host) => host.stop()));
  await Promise.all([flags?.stop(), postgres?.dispose()]);
  folder?.remove();
});

const stateOn = async (page: PageSocket, request: string): Promise<string | undefined> =>
  (await page.snapshot('approvals.watch', {})).items.find((item) => item.request.hash === request)?.state;

/** Asked for on the first console and approved on the second: both know it, and so does the store. */
async function approvedFor(flag: string): Promise<{ change: string; request: string }> {
  const asked = await askForKillOn(one, flag);
  await waitFor('the request has come over', async () => (await stateOn(two, asked.request)) === 'waiting');
  await approveBeside(two, asked.request, 'sam');
  await waitFor('the decision has come back', async () => (await stateOn(one, asked.request)) === 'approved');
  return asked;
}

/** Intents in the record that a console holds of every chain: change and console. */
async function intentsOn(page: PageSocket): Promise<string[]> {
  const kinds = ['change.intent'];
  const { entries } = await page.call('ledger.timeline', { offset: 0, limit: 500, kinds });
  return entries.flatMap(({ body: { data, device } }) =>
    data.kind === 'change.intent' ? [`${data.hash} ${device}`] : [],
  );
}

describe('054 D1, D8: one approval, and more than one console that would use it', () => {
  it(`${ROUNDS} times both at the same moment: executed once, by the one that it was given for`, async () => {
    const expected: string[] = [];
    const { device } = await one.snapshot('console.watch', {});
    for (let round = 0; round < ROUNDS; round += 1) {
      const { change } = await approvedFor(flagOf(round));
      expected.push(`${change} ${device}`);
      const tries = [two, one, two, one, one, two].map((page) => page.code('changes.execute', { hash: change }));
      const [a, here, b, again, more, c] = await Promise.all(tries);
      expect([here, again, more]).toEqual(['done', 'done', 'done']);
      // `done` on the other console is what the first one did, once it has heard of it: it gives no intent of its own.
      for (const code of [a, b, c]) expect(['refused', 'done']).toContain(code);
      expect(flags.written(flagOf(round))).toBe(1);
    }
    expect(flags.writes).toHaveLength(ROUNDS);
    await waitFor('both hold the same', async () => (await intentsOn(two)).length === ROUNDS);
    for (const page of [one, two]) expect((await intentsOn(page)).sort()).toEqual([...expected].sort());
  }, 120_000);

  it('a data folder that was copied: two machines of one key; told to everybody, and written once', async () => {
    const { change, request } = await approvedFor(COPIED);
    one.close();
    await hosts[0]?.stop();
    cpSync(team.dataDir('one'), team.dataDir('twin'), { recursive: true });
    const [first, twin] = await Promise.all([team.start('one'), team.start('twin')]);
    hosts.push(first, twin);
    one = await team.page(first, 'alex');
    const other = await team.page(twin, 'alex');
    const before = flags.writes.length;
    await Promise.all([one, other].map((page) => page.code('changes.execute', { hash: change })));
    expect(flags.written(COPIED)).toBe(1);
    // The condition on the revision is what holds between machines that both believe to be the one.
    const accepted = flags.writes.slice(before).filter(({ status }) => status === 204);
    expect(accepted).toHaveLength(1);
    const stages = await Promise.all(
      [one, other].map(
        async (page) => (await page.snapshot('changes.watch', { hash: change })).propagation.acceptedAtMs,
      ),
    );
    expect(stages.filter((atMs) => atMs !== null)).toHaveLength(1);

    const { device } = await one.snapshot('console.watch', {});
    expect((await other.snapshot('console.watch', {})).device).toBe(device);
    const telling = async (page: PageSocket): Promise<boolean> => {
      const { chains, quarantined } = await page.snapshot('team.watch', {});
      const named = quarantined.some((row) => row.device === device && row.what.includes('forked'));
      return named && chains.some((chain) => chain.device === device && chain.problem !== null);
    };
    for (const [name, page] of Object.entries({ two, one, other })) {
      await waitFor(`${name} tells that the chain was forked`, () => telling(page), { deadlineMs: 20_000 });
    }
    // Neither of them, nor anybody else, can use it again.
    await Promise.all([one, other, two].map((page) => page.code('changes.execute', { hash: change })));
    expect(flags.written(COPIED)).toBe(1);
    expect(await stateOn(one, request)).toBe('used');
    other.close();
  });
});
