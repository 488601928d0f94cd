import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { incident } from '../../../electron/hosts/terminal/commands/incident.ts';
import { createInit } from '../../../electron/hosts/terminal/commands/init.ts';
import { notify } from '../../../electron/hosts/terminal/commands/notify.ts';
import { operator } from '../../../electron/hosts/terminal/commands/operator.ts';
import { roster } from '../../../electron/hosts/terminal/commands/roster.ts';
import { status } from '../../../electron/hosts/terminal/commands/status.ts';
import { team } from '../../../electron/hosts/terminal/commands/team.ts';
import { vault } from '../../../electron/hosts/terminal/commands/vault.ts';
import type { FoundTeamOptions } from '../../../electron/compose/found-team.ts';
import type { TeamState } from '../../../shared/model/team.ts';
import type { VaultState } from '../../../shared/model/vault.ts';
import { approvals, armoured, CODE, FakeConsole, glass, item, KEY, people, run, unlockable } from './fake-console.ts';

const ENV = { SCRAM_PASSPHRASE: 'correct horse' };
const VALUE = 'canary-7f3a';

const ROOT = { name: 'root', sealedAtMs: 0, holders: ['alex', 'sam', 'kim'], openUntilMs: null, usedBy: ['prom'] };

const vaultState = (over: Partial<VaultState> = {}): VaultState => ({
  exists: true,
  open: false,
  credentials: [{ name: 'flags-eu', setAtMs: 0, usedBy: ['flags-eu'] }],
  missing: ['room-webhook'],
  sealed: [ROOT],
  problems: [],
  ...over,
});
const teamState = (over: Partial<TeamState> = {}): TeamState => ({
  configured: true,
  state: 'synced',
  lastSyncAtMs: 0,
  waiting: 2,
  problem: null,
  chains: [
    {
      device: 'd'.repeat(32),
      operators: ['alex'],
      here: true,
      entries: 12,
      hash: 'a'.repeat(64),
      lastAtMs: 0,
      countersigned: 10,
      problem: null,
    },
  ],
  quarantined: [],
  presence: [{ device: 'e'.repeat(32), operator: 'sam', doing: 'Flags', atMs: 0 }],
  ...over,
});

describe('scram vault', () => {
  const setting = () => new FakeConsole({ 'vault.watch': vaultState() }, { 'vault.set': () => ({}) });

  it('E2: a value is read from stdin, without the line break that echo adds', async () => {
    const client = setting();
    const { code, said, warned } = await run(vault, ['set', 'flags-eu'], client, { stdin: `${VALUE}\n`, env: ENV });
    expect(code).toBe(0);
    expect(client.input('vault.set')).toEqual({ name: 'flags-eu', value: VALUE });
    expect(said + warned).not.toContain(VALUE);
  });

  it('E2: or asked for at a terminal, unseen', async () => {
    const client = setting();
    const { questions } = await run(vault, ['set', 'flags-eu'], client, { typed: ['phrase', VALUE] });
    expect(questions).toEqual(['Passphrase of Alex Roe (alex): ', 'Value of flags-eu: ']);
    expect(client.input('vault.set')).toEqual({ name: 'flags-eu', value: VALUE });
  });

  it('E2: it is never an argument, and the refusal does not repeat it', async () => {
    const client = setting();
    const ran = await run(vault, ['set', 'flags-eu', VALUE], client, { env: ENV });
    expect(ran.code).toBe(2);
    expect(`${ran.said}${ran.warned}${ran.error?.message}`).not.toContain(VALUE);
    expect(client.names()).toEqual([]);
  });

  it('E2: nothing given, and a name that is none, are usage errors', async () => {
    expect((await run(vault, ['set', 'flags-eu'], setting(), { stdin: '\n', env: ENV })).code).toBe(2);
    expect((await run(vault, ['set', '../x'], setting(), { stdin: VALUE, env: ENV })).code).toBe(2);
  });

  it('E2: list tells names, times and use, what is missing, and no value', async () => {
    const { said, warned } = await run(vault, ['list'], setting());
    expect(said).toMatch(/flags-eu +whole/);
    expect(said).toMatch(/root +sealed.*any two of alex, sam, kim/);
    expect(warned).toContain('scram vault set room-webhook');
  });

  it('E3: seals for at least two different holders', async () => {
    const client = new FakeConsole({}, { 'vault.seal': () => ({}) });
    expect((await run(vault, ['seal', 'root', '--with', 'alex'], client, { env: ENV })).code).toBe(2);
    expect((await run(vault, ['seal', 'root', '--with', 'alex', '--with', 'alex'], client, { env: ENV })).code).toBe(2);
    expect(client.names()).toEqual([]);
    expect((await run(vault, ['seal', 'root', '--with', 'alex', '--with', 'sam'], client, { env: ENV })).code).toBe(0);
    expect(client.input('vault.seal')).toEqual({ name: 'root', holders: ['alex', 'sam'] });
  });

  const opened = vaultState({ sealed: [{ ...ROOT, openUntilMs: 900_000 }] });
  const both = {
    'people.watch': people({ unlockable: [unlockable('alex'), unlockable('sam')] }),
    'vault.watch': [vaultState(), opened, vaultState()],
  };
  const open = ['open', 'root', '--as', 'alex', '--with'];
  it('E3: opens with the second person at the desk, each with their own passphrase, and stays while it is open', async () => {
    const client = new FakeConsole(both, { 'vault.openTogether': () => ({ untilMs: 0 }) });
    const env = { ...ENV, SCRAM_SECOND_PASSPHRASE: 'battery staple' };
    const { code, said, json } = await run(vault, [...open, 'sam'], client, { env });
    expect(code).toBe(0);
    expect(said).toMatch(/root is open until[\s\S]*sealed again/);
    expect(json).toEqual({ name: 'root', untilMs: 900_000 });
    expect(client.input('vault.openTogether')).toEqual({ name: 'root', operator: 'sam', passphrase: 'battery staple' });
    expect(client.names()).toEqual(expect.arrayContaining(['serveOthers', 'people.touch']));
    const missing = await run(vault, [...open, 'sam'], new FakeConsole(both), { env: ENV });
    expect(missing.code).toBe(6);
    expect(missing.error).toMatchObject({ action: expect.stringContaining('SCRAM_SECOND_PASSPHRASE') });
  });

  it('E3: Ctrl-C ends it', async () => {
    const client = new FakeConsole(
      { ...both, 'vault.watch': opened },
      { 'vault.openTogether': () => ({ untilMs: 0 }) },
    );
    const stopping = Promise.withResolvers<void>();
    client.calls['people.touch'] = () => {
      stopping.resolve();
      return {};
    };
    const env = { ...ENV, SCRAM_SECOND_PASSPHRASE: 'battery staple' };
    expect((await run(vault, [...open, 'sam'], client, { env, stopped: stopping.promise })).code).toBe(0);
  });

  it('E3: asks a holder elsewhere by a text block, and waits for the share; oneself is no second person', async () => {
    const asking = { 'vault.askForShare': () => armoured('open-request') };
    const client = new FakeConsole(both, asking);
    const { code, said } = await run(vault, [...open, 'kim'], client, { env: ENV });
    expect(code).toBe(0);
    expect(said).toMatch(/^-----BEGIN SCRAM-----\nroot is open until/);
    expect(client.input('vault.askForShare')).toEqual({ name: 'root', holder: 'kim' });
    const unanswered = new FakeConsole({ ...both, 'vault.watch': vaultState() }, asking);
    const late = await run(vault, [...open, 'kim', '--wait', '30ms'], unanswered, { env: ENV });
    expect(late).toMatchObject({ code: 3, warned: expect.stringContaining('stays sealed') });
    expect((await run(vault, [...open, 'alex'], client, { env: ENV })).code).toBe(2);
  });

  it('E2: removes what was typed again', async () => {
    const client = new FakeConsole({}, { 'vault.remove': () => ({}) });
    expect((await run(vault, ['remove', 'root'], client, { typed: ['phrase', 'rot'] })).code).toBe(1);
    expect(client.names()).not.toContain('vault.remove');
    expect((await run(vault, ['remove', 'root', '--yes'], client, { env: ENV })).code).toBe(0);
  });
});

describe('scram operator', () => {
  const enrolling = (...operators: string[]) =>
    new FakeConsole(
      { 'people.watch': people({ unlockable: operators.map(unlockable) }) },
      { 'people.enrol': () => ({ publicKey: KEY }), 'people.changePassphrase': () => ({}) },
    );

  it('D5: the first key of a console: with SCRAM_PASSPHRASE, printed with what to do next', async () => {
    const client = enrolling();
    const { said } = await run(operator, ['enrol', 'alex'], client, { env: ENV });
    expect(client.asked).toEqual([['people.enrol', { operator: 'alex', passphrase: 'correct horse' }]]);
    expect(said).toMatch(new RegExp(`^${KEY}\n.*publicKeys of alex[\\s\\S]*roster sign`));
  });

  it('D5: typed twice at a terminal; different ones make nothing', async () => {
    const client = enrolling();
    expect((await run(operator, ['enrol', 'alex'], client, { typed: ['one', 'two'] })).code).toBe(2);
    expect(client.names()).toEqual([]);
    expect((await run(operator, ['enrol', 'alex'], client, { typed: ['one', 'one'] })).code).toBe(0);
  });

  it('E2: beside somebody who has a key here, who unlocks first; each with their own passphrase', async () => {
    const client = enrolling('alex');
    await run(operator, ['enrol', 'sam'], client, { env: { ...ENV, SCRAM_NEW_PASSPHRASE: 'battery staple' } });
    expect(client.asked.filter(([name]) => name !== 'settled')).toEqual([
      ['people.unlock', { operator: 'alex', passphrase: 'correct horse' }],
      ['people.enrol', { operator: 'sam', passphrase: 'battery staple' }],
    ]);
  });

  it('E2: changes a passphrase', async () => {
    const client = enrolling('alex');
    await run(operator, ['passphrase', 'alex'], client, { typed: ['old one', 'new one', 'new one'] });
    expect(client.input('people.changePassphrase')).toEqual({
      operator: 'alex',
      passphrase: 'old one',
      next: 'new one',
    });
  });
});

describe('scram roster', () => {
  const unsigned = people({
    roster: { ...people().roster, version: 0, unsigned: ['sam is new, with roles approver'], operators: [] },
  });
  it('D5: shows what would be signed before it asks, and who signs', async () => {
    const client = new FakeConsole(
      { 'people.watch': unsigned },
      { 'people.signRoster': () => ({ version: 1, file: '/c/roster.json' }) },
    );
    const { code, said } = await run(roster, ['sign'], client, { typed: ['sign', 'phrase'] });
    expect(code).toBe(0);
    expect(said).toMatch(/none has been signed[\s\S]*sam is new[\s\S]*version 1, written to \/c\/roster.json/);
    const no = await run(roster, ['sign'], new FakeConsole({ 'people.watch': unsigned }), { typed: ['no'] });
    expect(no.code).toBe(1);
  });

  it('D5: shows the fingerprint to compare, keys and what is wrong', async () => {
    const state = people({
      roster: {
        ...people().roster,
        pinned: 'ab12 cd34',
        problem: 'version 1 was put in place of version 2',
        operators: [
          {
            id: 'alex',
            name: 'Alex Roe',
            roles: ['admin'],
            keys: [{ id: 'k1', device: 'd'.repeat(32), text: KEY, here: true }],
          },
          { id: 'sam', name: 'Sam Poe', roles: ['approver'], keys: [] },
        ],
      },
    });
    const { said, warned } = await run(roster, ['show'], new FakeConsole({ 'people.watch': state }));
    expect(said).toMatch(/ab12 cd34[\s\S]*alex +Alex Roe +admin +k1 on console d{12} \(this one\)[\s\S]*sam.*no key/);
    expect(warned).toContain('version 1 was put in place');
  });
});

describe('scram team, incident, notify and status', () => {
  it('D8: team shows chains, who is here, and what is in quarantine; away is exit 5', async () => {
    const odd = { device: 'f'.repeat(32), sequence: 7, hash: 'b'.repeat(64), what: 'its chain forks', atMs: 0 };
    const client = new FakeConsole({ 'team.watch': teamState({ quarantined: [odd] }) });
    const { code, said, warned } = await run(team, [], client);
    expect(code).toBe(0);
    expect(said).toMatch(/synced.*2 entries[\s\S]*\(here\) +alex +12 +10[\s\S]*sam at e{12}: Flags/);
    expect(warned).toMatch(/QUARANTINED: entry 7 of f{12}.*forks/);
    const away = new FakeConsole({ 'team.watch': teamState({ state: 'away', problem: 'ECONNREFUSED' }) });
    expect((await run(team, [], away)).code).toBe(5);
  });

  it('D9: an incident is opened for environments and services, and closed by the end of its id', async () => {
    const made = {
      id: '01KAJ5R2M0X9Y8Z7W6V5T4INCI',
      title: 'p99 up',
      services: ['checkout'],
      environments: ['production'],
      openedAtMs: 0,
      openedBy: 'alex',
      closedAtMs: null,
      closedBy: null,
    };
    const client = new FakeConsole(
      { 'incidents.watch': { incidents: [made] } },
      { 'incidents.open': () => made, 'incidents.close': () => ({}), 'incidents.note': () => ({}) },
    );
    const args = ['open', 'p99 up', '--env', 'production', '--service', 'checkout'];
    expect((await run(incident, args, client, { env: ENV })).code).toBe(0);
    expect(client.input('incidents.open')).toEqual({
      title: 'p99 up',
      environments: ['production'],
      services: ['checkout'],
    });
    expect((await run(incident, ['open', 'p99'], client, { env: ENV })).code).toBe(2);
    expect((await run(incident, ['open', 'p99', '--env', 'prod'], client, { env: ENV })).code).toBe(1);
    expect((await run(incident, ['close', 'inci', '--note', 'flag'], client, { env: ENV })).code).toBe(0);
    expect(client.input('incidents.close')).toEqual({ id: made.id, note: 'flag' });
    expect((await run(incident, ['note', 'seen', '--incident', 'INCI'], client, { env: ENV })).code).toBe(0);
    expect(client.input('incidents.note')).toEqual({ incident: made.id, text: 'seen' });
    expect((await run(incident, ['list'], client)).said).toMatch(/INCI +open.*production +checkout +p99 up/);
  });

  const message = {
    event: 'status' as const,
    title: 't',
    severity: 'info' as const,
    facts: [],
    text: '',
    key: 'k',
    resolved: false,
    atMs: 0,
  };
  it('A8: a status update is shown as text, then sent; --preview sends nothing; a failure is exit 1', async () => {
    const sent = (ok: boolean) => ({ results: [{ target: 'room', ok, detail: ok ? null : 'HTTP 500' }] });
    const client = (ok: boolean) =>
      new FakeConsole(
        {},
        { 'notify.preview': () => ({ message, text: 'all of it\n\u001b[2J' }), 'notify.send': () => sent(ok) },
      );
    const args = ['send', '--env', 'production', '--next', 'watching'];
    const good = await run(notify, args, client(true), { env: ENV });
    expect(good).toMatchObject({ code: 0, said: 'all of it\n\\x1b[2J\nroom: sent' });
    expect(await run(notify, args, client(false), { env: ENV })).toMatchObject({
      code: 1,
      warned: 'room: NOT SENT: HTTP 500',
    });
    const preview = client(true);
    await run(notify, [...args, '--preview'], preview);
    expect(preview.names()).toEqual(['notify.preview']);
  });

  it('A8: a target is tried out', async () => {
    const report = {
      ok: false,
      detail: 'HTTP 403',
      latencyMs: 12,
      canRead: true,
      canWrite: null,
      clockSkewMs: null,
      fields: [],
    };
    const client = new FakeConsole({}, { 'notify.probe': () => report });
    expect(await run(notify, ['test', 'room'], client, { env: ENV })).toMatchObject({
      code: 1,
      warned: expect.stringContaining('HTTP 403'),
    });
  });

  it('E1: status tells people, vault, approvals, team store, and glass that was broken, locked as it is', async () => {
    const client = new FakeConsole({
      'vault.watch': vaultState(),
      'team.watch': teamState(),
      'approvals.watch': approvals([item()], [glass()]),
    });
    const { code, said, json } = await run(status, [], client);
    expect(code).toBe(0);
    for (const words of [
      'people: locked; alex can unlock it',
      'vault: locked, 1 credentials, 1 sealed; missing: room-webhook',
      `approvals: ${CODE} kill checkout (waiting)`,
      'BREAK-GLASS',
      'team store: synced',
    ]) {
      expect(said).toContain(words);
    }
    expect(json).toMatchObject({ people: {}, vault: {}, team: {}, approvals: {}, ledger: {} });
    expect(client.names()).toEqual([]);
  });
});

describe('scram init', () => {
  const founding = () => {
    const asked: FoundTeamOptions[] = [];
    const init = createInit(async (request) => {
      asked.push(request);
      return {
        directory: request.directory,
        files: ['scram.yaml', 'roster.json'],
        publicKey: KEY,
        fingerprint: 'ab12 cd34',
      };
    });
    return { init, asked };
  };
  const args = ['config', '--operator', 'alex', '--name', 'Alex Roe'];
  it('D5: founds a team with the first admin, and prints the fingerprint to read to the others', async () => {
    const { init, asked } = founding();
    const { code, said } = await run(init, args, new FakeConsole({}), { env: ENV, cwd: '/home/alex' });
    expect(code).toBe(0);
    expect(asked).toEqual([
      {
        directory: '/home/alex/config',
        dataDir: '/data',
        operator: { id: 'alex', name: 'Alex Roe' },
        passphrase: 'correct horse',
      },
    ]);
    expect(said).toMatch(/roster.json[\s\S]*ab12 cd34[\s\S]*operator enrol/);
    expect((await run(init, args, new FakeConsole({}))).code).toBe(6);
    expect((await run(init, ['config', '--name', 'Alex'], new FakeConsole({}))).code).toBe(2);
    expect((await run(init, ['config', '--operator', 'alex'], new FakeConsole({}))).code).toBe(2);
    const odd = ['config', '--operator', 'a b', '--name', 'Alex'];
    expect((await run(init, odd, new FakeConsole({}), { env: ENV })).error?.message).toMatch(
      /--operator: a name of letters/,
    );
    expect(asked).toHaveLength(1);
  });

  it('writes the plain starter without a person', async () => {
    const cwd = mkdtempSync(path.join(tmpdir(), 'scram-init-'));
    const { init, asked } = founding();
    expect((await run(init, ['config'], new FakeConsole({}), { cwd })).said).toContain('scram.yaml');
    expect(asked).toEqual([]);
    rmSync(cwd, { recursive: true, force: true });
  });
});
