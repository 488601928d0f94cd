import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type RunningPostgres, startPostgres } from '../../support/postgres.ts';
import { waitFor } from '../../support/processes.ts';
import { type TempFolder, tempFolder } from '../../support/temp.ts';
import { actorOf, NEVER, PASSPHRASES, proposeKill, Team, type TeamConsole } from './team.ts';

let postgres: RunningPostgres;
let folder: TempFolder;
let team: Team;

beforeAll(async () => {
  postgres = await startPostgres();
}, 120_000);
afterAll(() => postgres?.stop());
beforeEach(() => {
  folder = tempFolder('team');
  team = new Team(folder);
});
afterEach(async () => {
  await team.close();
  folder.remove();
});

async function unlock(console: TeamConsole, id: string): Promise<void> {
  await console.session.unlock(id, PASSPHRASES[id] ?? '');
  await console.backend.renewed();
}

/** Sam makes a key on another console, and ada signs them in. */
async function join(ada: TeamConsole, id: string, name: string, roles: ('approver' | 'responder' | 'admin')[]) {
  const other = await team.console(name);
  const { publicKey } = await other.backend.people.enrol(id, PASSPHRASES[id] ?? '', other.session);
  team.people.push({ id, name: id, roles, publicKeys: [publicKey] });
  team.write();
  await waitFor('ada reads the new scram.yaml', async () =>
    ada.backend.people.state(ada.session).roster.unsigned.some((words) => words.startsWith(`${id} (`)),
  );
  await ada.backend.people.signRoster(ada.session);
  await waitFor(
    'the other console takes the roster up',
    async () => other.backend.people.roster().operator(id) !== null,
  );
  await unlock(other, id);
  return other;
}

const pending = ({ backend, session }: TeamConsole) => backend.services().approvals.state(session.actor()).items;

it('D1, D4, D5, D8: a team is founded, a second person joins, and a kill takes both, over a real PostgreSQL', async () => {
  await team.found('ada', ['responder', 'admin'], 'one');
  const one = await team.console('one', { env: { TEAM_DB: postgres.url } });
  await unlock(one, 'ada');
  // The connection string goes into the vault of each console; neither file nor log has it.
  const password = new URL(postgres.url).password;
  await one.backend.services().vault.set('team-db', postgres.url, one.session.actor());
  const two = await join(one, 'sam', 'two', ['approver']);
  await two.backend.services().vault.set('team-db', postgres.url, two.session.actor());
  team.more = 'teamStore: { kind: postgres, credential: team-db, poll: 1s }';
  team.write();
  for (const console of [one, two]) {
    await waitFor('the team store is synced', async () => console.backend.services().team.state().state === 'synced', {
      deadlineMs: 30_000,
    });
  }

  const before = team.share();
  const change = await proposeKill(one);
  const { approvals } = one.backend.services();
  const request = approvals.request({ kind: 'change', hash: change }, actorOf(one)).request.hash;
  await expect(one.backend.services().changes.execute(change, NEVER, one.session.actor())).rejects.toMatchObject({
    code: 'approval-required',
  });
  await waitFor('sam sees the request', async () => pending(two).some(({ state }) => state === 'waiting'));
  const seen = pending(two)[0];
  expect(seen).toMatchObject({
    requesterName: 'ada',
    origin: 'team',
    executableHere: false,
    checkCode: approvals.item(request)?.checkCode,
    changes: [{ rationale: 'p99 tripled', payload: { flag: 'enable_new_pricing', environment: 'production' } }],
  });
  expect(two.backend.services().approvals.state(two.session.actor()).forMe).toBe(1);
  two.backend.services().approvals.decide(request, 'approve', 'seen the charts', actorOf(two));
  await waitFor('ada sees the approval', async () => approvals.item(request)?.state === 'approved');
  expect(team.share()).toEqual(before);
  await one.backend.services().changes.execute(change, NEVER, one.session.actor());
  expect(team.share()).toMatchObject({ defaultVariant: 'off' });
  expect(team.share()).not.toHaveProperty('targeting');
  await waitFor('sam sees that it was used', async () => pending(two)[0]?.state === 'used');
  await waitFor('sam sees what came of it', async () => {
    const stage = two.backend.services().changes.progress(change)?.stage;
    return stage === 'accepted' || stage === 'served';
  });
  for (const { backend } of [one, two]) {
    expect(backend.ledger.chains().map(({ problem }) => problem)).toEqual([null, null]);
    expect(backend.ledger.quarantined()).toEqual([]);
  }

  // E2: neither the password nor a passphrase stands in anything that a console wrote.
  await team.close();
  for (const console of [one, two]) {
    const kept = readdirSync(console.dataDir).map((name) => {
      try {
        return readFileSync(path.join(console.dataDir, name)).toString('latin1');
      } catch {
        return '';
      }
    });
    for (const secret of [password, ...Object.values(PASSPHRASES)]) {
      expect(kept.filter((text) => text.includes(secret))).toEqual([]);
      expect(console.log.filter((line) => line.includes(secret))).toEqual([]);
    }
  }
}, 120_000);

it('D4: with no network at all, by two blocks of text; a bent block, a stranger’s and a second use are refused', async () => {
  await team.found('ada', ['responder', 'admin'], 'one');
  const one = await team.console('one');
  await unlock(one, 'ada');
  const two = await join(one, 'sam', 'two', ['approver']);
  const change = await proposeKill(one);
  const [here, there] = [one.backend.services().approvals, two.backend.services().approvals];
  const request = here.request({ kind: 'change', hash: change }, actorOf(one)).request.hash;
  const asked = here.export(request, 'request');
  const bent = asked.text.replace(/\n(.)(.)/, '\n$2$1');
  expect(() => there.import(bent, null)).toThrow(/./);
  // As chat leaves it: quoted, wrapped in words.
  const chatted = `Sam, please:\n> ${asked.text.replaceAll('\n', '\r\n> ')}\nthanks`;
  const taken = there.import(chatted, two.session.actor());
  expect(taken.item).toMatchObject({ state: 'waiting', origin: 'bundle', checkCode: asked.checkCode });
  there.decide(request, 'approve', '', actorOf(two));
  const answer = there.export(request, 'decision');
  expect(answer.text.length).toBeLessThan(1_000);
  expect(here.import(answer.text, null).item.state).toBe('approved');
  here.import(answer.text, null);
  await one.backend.services().changes.execute(change, NEVER, one.session.actor());
  expect(here.item(request)?.state).toBe('used');
  const again = await proposeKill(one).catch((error: Error) => error.message);
  expect(again).toMatch(/already killed/);
}, 60_000);

it('E1, E2: after a restart a console shows what it knew, locked; a connection that needs the vault waits for an unlock', async () => {
  await team.found('ada', ['responder', 'admin'], 'one');
  const one = await team.console('one');
  await unlock(one, 'ada');
  await one.backend.services().vault.set('nowhere-token', 'canary-7f3a91c0d2', one.session.actor());
  await team.close();
  team.more = 'notify: [ { id: hook, kind: webhook, url: "http://127.0.0.1:9/x", credential: nowhere-token } ]';
  team.write();
  const again = await team.console('one');
  expect([...again.session.rights()]).toEqual(['view']);
  expect(again.backend.services().flags.rows('production')).toHaveLength(1);
  const vault = again.backend.services().vault;
  expect(vault.state()).toMatchObject({ exists: true, open: false, missing: [] });
  await expect(proposeKill(again)).rejects.toMatchObject({ code: 'locked' });
  await unlock(again, 'ada');
  expect(again.backend.services().vault.state()).toMatchObject({ open: true });
  await proposeKill(again);
  expect(again.log.join('')).not.toContain('canary-7f3a91c0d2');
}, 60_000);

it('E3: a credential sealed to two people is opened by both at one desk, or by two blocks, and by neither alone', async () => {
  await team.found('ada', ['responder', 'admin'], 'one');
  const one = await team.console('one');
  await unlock(one, 'ada');
  const two = await join(one, 'sam', 'two', ['approver']);
  const vault = one.backend.services().vault;
  await vault.set('break-glass-db', 'canary-sealed-19c2', one.session.actor());
  await vault.seal('break-glass-db', ['ada', 'sam'], one.session.actor());
  expect(vault.state()).toMatchObject({
    credentials: [],
    sealed: [{ name: 'break-glass-db', holders: ['ada', 'sam'], openUntilMs: null }],
  });
  const [ada, sam] = [one.session.keyring(), two.session.keyring()];
  if (!ada || !sam) throw new Error('locked');
  await expect(vault.openTogether('break-glass-db', ada, ada)).rejects.toThrow(/two different people/);
  // Sam is at their own console: a block there, a block back.
  const ask = vault.askForShare('break-glass-db', 'sam', ada);
  expect(two.backend.services().vault.readShareRequest(ask.text)).toMatchObject({
    name: 'break-glass-db',
    holder: 'sam',
    asker: 'ada',
    checkCode: ask.checkCode,
  });
  const give = two.backend.services().vault.giveShare(ask.text, sam);
  expect(give.text).not.toContain('canary');
  const { untilMs } = await vault.takeShare(give.text, ada);
  expect(untilMs).toBeGreaterThan(Date.now());
  expect(vault.state().sealed[0]?.openUntilMs).toBe(untilMs);
  one.session.lock('asked');
  expect(one.backend.services().vault.state().sealed[0]?.openUntilMs).toBeNull();
}, 60_000);
