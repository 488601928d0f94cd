import { describe, expect, it } from 'vitest';
import { approve } from '../../../electron/hosts/terminal/commands/decide.ts';
import { incident } from '../../../electron/hosts/terminal/commands/incident.ts';
import { vault } from '../../../electron/hosts/terminal/commands/vault.ts';
import { takeSecrets } from '../../../electron/hosts/terminal/secrets.ts';
import { ScramError } from '../../../shared/model/error.ts';
import {
  approvals,
  FakeConsole,
  type Given,
  item,
  NO_OPERATORS,
  people,
  run,
  type Streams,
  unlockable,
} from './fake-console.ts';

const PASSPHRASE = { SCRAM_PASSPHRASE: 'correct horse' };
const close = (given: Given, streams: Streams = {}, calls = {}, args: string[] = []) => {
  const client = new FakeConsole(
    {
      'incidents.watch': { incidents: [INCIDENT] },
      ...streams,
    },
    { 'incidents.close': () => ({}), ...calls },
  );
  return run(incident, ['close', INCIDENT.id, ...args], client, given).then((ran) => ({ ...ran, client }));
};
const INCIDENT = {
  id: '01KAJ5R2M0X9Y8Z7W6V5T4INCI',
  title: 'p99',
  services: [],
  environments: ['production'],
  openedAtMs: 0,
  openedBy: null,
  closedAtMs: null,
  closedBy: null,
};

describe('unlocking for one command', () => {
  it('D5: with the passphrase of SCRAM_PASSPHRASE the only person of this console acts', async () => {
    const { code, client, questions } = await close({ env: PASSPHRASE });
    expect(code).toBe(0);
    expect(client.asked).toEqual([
      ['people.unlock', { operator: 'alex', passphrase: 'correct horse' }],
      ['settled', null],
      ['incidents.close', { id: INCIDENT.id, note: '' }],
    ]);
    expect(questions).toEqual([]);
  });

  it('E2: secrets are taken out of the environment, so that no child has them', () => {
    const env: Record<string, string | undefined> = {
      ...PASSPHRASE,
      SCRAM_NEW_PASSPHRASE: 'n',
      SCRAM_SECOND_PASSPHRASE: '',
      A: 'b',
    };
    expect(takeSecrets(env)).toEqual({ passphrase: 'correct horse', next: 'n', second: null });
    expect(env).toEqual({ A: 'b' });
  });

  it('D5: it is asked for at a terminal, by name', async () => {
    const { code, client, questions } = await close({ typed: ['typed phrase'] });
    expect(code).toBe(0);
    expect(questions).toEqual(['Passphrase of Alex Roe (alex): ']);
    expect(client.input('people.unlock')).toEqual({ operator: 'alex', passphrase: 'typed phrase' });
  });

  it('D5: with neither it is locked, exit 6, and says what to set', async () => {
    const { code, error, client } = await close({});
    expect(code).toBe(6);
    expect(error).toMatchObject({ code: 'locked', action: expect.stringContaining('SCRAM_PASSPHRASE') });
    expect(client.names()).toEqual([]);
  });

  const two = { 'people.watch': people({ unlockable: [unlockable('alex'), unlockable('sam')] }) };
  it.each([
    ['--as wins', ['--as', 'sam'], { SCRAM_OPERATOR: 'alex' }, 'sam'],
    ['then SCRAM_OPERATOR', [], { SCRAM_OPERATOR: 'sam' }, 'sam'],
  ])('D5: where several have keys, %s', async (_, args, env, operator) => {
    const { code, client } = await close({ env: { ...PASSPHRASE, ...env } }, two, {}, args);
    expect(code).toBe(0);
    expect(client.input('people.unlock')).toMatchObject({ operator });
  });

  it.each([
    ['several, and none named', two, [], /2 people can unlock/, /alex, sam/],
    ['one without a key here', two, ['--as', 'kim'], /kim has no key/, /alex, sam/],
    ['no key at all', { 'people.watch': people({ unlockable: [] }) }, [], /nobody has a key/, /operator enrol/],
  ])('D5: %s: exit 6, nothing done', async (_, streams, args, message, action) => {
    const { code, error, client } = await close({ env: PASSPHRASE }, streams, {}, args);
    expect(code).toBe(6);
    expect(error?.message).toMatch(message);
    expect(error).toMatchObject({ action: expect.stringMatching(action) });
    expect(client.names()).toEqual([]);
  });

  it.each(['locked', 'rate-limited'] as const)(
    'E2: a passphrase that is answered with %s: exit 6, nothing done',
    async (code) => {
      const refuse = () => {
        throw new ScramError(code, 'wrong passphrase');
      };
      const ran = await close({ env: PASSPHRASE }, {}, { 'people.unlock': refuse });
      expect(ran.code).toBe(6);
      expect(ran.client.names()).toEqual(['people.unlock']);
      expect(`${ran.said}${ran.warned}${String(ran.error)}`).not.toContain('correct horse');
    },
  );

  it('G1: the sandbox knows its practice passphrase', async () => {
    const { code, client } = await close({}, { 'people.watch': people({ practicePassphrase: 'practice' }) });
    expect(code).toBe(0);
    expect(client.input('people.unlock')).toEqual({ operator: 'alex', passphrase: 'practice' });
  });

  const me = { operator: 'alex', name: 'Alex Roe', roles: ['responder' as const], unlockedAtMs: 0, locksAtMs: null };
  it('D5: who is unlocked already is not asked again, unless another is to act', async () => {
    const unlocked = { 'people.watch': people({ me, unlockable: [unlockable('alex'), unlockable('sam')] }) };
    expect((await close({}, unlocked)).client.names()).toEqual(['incidents.close']);
    const other = await close({ env: PASSPHRASE }, unlocked, {}, ['--as', 'sam']);
    expect(other.client.input('people.unlock')).toMatchObject({ operator: 'sam' });
    // The variable names somebody as well: nobody acts as another person unawares.
    const named = await close({ env: { ...PASSPHRASE, SCRAM_OPERATOR: 'sam' } }, unlocked);
    expect(named.client.input('people.unlock')).toMatchObject({ operator: 'sam' });
  });

  it('D5: without operators nothing is unlocked; --as is then a mistake', async () => {
    const none = { 'people.watch': NO_OPERATORS };
    expect((await close({ env: PASSPHRASE }, none)).client.names()).toEqual(['incidents.close']);
    expect((await close({}, none, {}, ['--as', 'alex'])).code).toBe(2);
  });

  const vaultOf = (usedBy: string[]) => ({
    'people.watch': { ...NO_OPERATORS, unlockable: [unlockable('alex')] },
    'vault.watch': {
      exists: true,
      open: false,
      credentials: [{ name: 'token', setAtMs: 0, usedBy }],
      missing: [],
      sealed: [],
      problems: [],
    },
  });
  it('E2: without operators a locked vault is opened where it is needed: for a connection, or for the vault itself', async () => {
    expect((await close({ typed: ['x'] }, vaultOf(['flags-eu']))).client.names()).toContain('people.unlock');
    expect((await close({ typed: ['x'] }, vaultOf([]))).client.names()).toEqual(['incidents.close']);
    const client = new FakeConsole(vaultOf([]), { 'vault.set': () => ({}) });
    await run(vault, ['set', 'token'], client, { typed: ['phrase', 'value'] });
    expect(client.names()).toEqual(['people.unlock', 'settled', 'vault.set']);
  });

  it('D1: an approver sees all of it before the passphrase is asked for', async () => {
    const client = new FakeConsole(
      { 'approvals.watch': approvals([item()]), 'slis.watch': { slis: [] } },
      { 'approvals.decide': () => item('approved') },
    );
    const { questions } = await run(approve, [item().checkCode], client, { typed: ['production', 'phrase'] });
    expect(questions[0]).toMatch(/Type production to approve/);
    expect(questions[1]).toMatch(/Passphrase/);
  });
});
