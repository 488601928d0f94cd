import { describe, expect, it } from 'vitest';
import { kill } from '../../../electron/hosts/terminal/commands/kill.ts';
import { restore } from '../../../electron/hosts/terminal/commands/restore.ts';
import type { ApprovalItem } from '../../../shared/model/approval.ts';
import type { ChangeProgress } from '../../../shared/model/change.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { aBatchPreview, aBatchProgress, aProgress, flagRow, HASH } from '../../support/fake-backend.ts';
import {
  approvals,
  change,
  CODE,
  FakeConsole,
  glass,
  item,
  NO_OPERATORS,
  REQUEST,
  run,
  type Calls,
  type Streams,
} from './fake-console.ts';

const accepted: ChangeProgress = {
  ...aProgress('served'),
  propagation: { ...aProgress().propagation, requestedAtMs: 0, acceptedAtMs: 10, servedAtMs: 20 },
};
const ENV = { SCRAM_PASSPHRASE: 'correct horse' };

function consoleOf(streams: Streams = {}, calls: Calls = {}) {
  return new FakeConsole(
    {
      'flags.watch': { rows: [flagRow('checkout')] } as never,
      'changes.watch': accepted,
      'approvals.watch': approvals([item()]),
      ...streams,
    },
    {
      'changes.preview': () => ({ hash: HASH, payload: change().payload }),
      'changes.propose': () => change(),
      'changes.execute': () => accepted,
      'approvals.request': () => item(),
      ...calls,
    },
  );
}
const killIt = (client: FakeConsole, ...more: string[]) =>
  run(kill, ['checkout', '--env', 'production', '--reason', 'INC-1', '--yes', ...more], client, { env: ENV });
const told = (state: ApprovalItem['state'], why: string | null = null) => approvals([item(state, { why })]);

describe('a kill that takes two people', () => {
  it('D1: is proposed and asked for, not executed: exit 3, with the id, the check code and what the other person does', async () => {
    const client = consoleOf();
    const { code, said, json } = await killIt(client);
    expect(code).toBe(3);
    expect(client.names()).toEqual([
      'people.unlock',
      'settled',
      'changes.preview',
      'changes.propose',
      'approvals.request',
    ]);
    expect(client.input('approvals.request')).toEqual({ subject: { kind: 'change', hash: HASH } });
    for (const words of [
      item().request.body.id,
      CODE,
      'four foxtrot seven kilo',
      `scram approve ${CODE}`,
      'bundle export',
      '--execute',
    ]) {
      expect(said).toContain(words);
    }
    expect(json).toMatchObject({
      results: [
        {
          flag: 'checkout',
          exitCode: 3,
          change: null,
          approval: { request: REQUEST, checkCode: CODE, state: 'waiting' },
        },
      ],
    });
  });

  it('D1: with --wait it is executed once it is approved, and not before; others may use the console meanwhile', async () => {
    const client = consoleOf({ 'approvals.watch': [told('waiting'), told('waiting'), told('approved')] });
    const { code } = await killIt(client, '--wait', '10m');
    expect(code).toBe(0);
    expect(client.names().slice(-3)).toEqual(['approvals.request', 'serveOthers', 'changes.execute']);
  });

  it.each([
    ['refused', 3, 'Sam refused it: not now'],
    ['withdrawn', 3, 'alex withdrew it'],
    ['moved', 4, 'checkout has changed since'],
    ['edited', 4, 'another change was proposed'],
    ['expired', 4, 'nobody used it in time'],
    ['used', 4, 'it has been executed'],
  ] as const)('D11: with --wait, %s: exit %i with the reason, nothing executed', async (state, code, why) => {
    const client = consoleOf({ 'approvals.watch': [told('waiting'), told(state, why)] });
    const ran = await killIt(client, '--wait', '10m');
    expect(ran.code).toBe(code);
    expect(ran.warned).toContain(why);
    expect(client.names()).not.toContain('changes.execute');
  });

  it('D1: with --wait, and nobody answers: exit 3 when the time is up; the session stays in use while it waits', async () => {
    const client = consoleOf();
    const ran = await killIt(client, '--wait', '30ms');
    expect(ran.code).toBe(3);
    expect(ran.warned).toMatch(/nobody has decided in time/);
    expect(client.names()).toContain('people.touch');
    expect(client.names()).not.toContain('changes.execute');
  });

  it('a --wait that is no duration is said before anything is done', async () => {
    const client = consoleOf();
    expect((await killIt(client, '--wait', 'soon')).code).toBe(2);
    expect(client.names()).toEqual([]);
  });

  it('D1: what was approved before is executed at once', async () => {
    const client = consoleOf({}, { 'approvals.request': () => item('approved') });
    expect((await killIt(client)).code).toBe(0);
  });

  it('D3: while this person has broken the glass here it is executed, and said loudly', async () => {
    const client = consoleOf({ 'approvals.watch': approvals([], [glass()]) });
    const { code, warned } = await killIt(client);
    expect(code).toBe(0);
    expect(warned).toMatch(/BREAK-GLASS.*nobody else awake/);
    expect(client.names()).not.toContain('approvals.request');
  });

  it.each([
    ["somebody else's", { glass: { ...glass().glass, operator: 'sam' } }],
    ['of another environment', { glass: { ...glass().glass, environment: 'staging' } }],
    ['of another console', { glass: { ...glass().glass, device: 'e'.repeat(32) } }],
    ['that is over', { state: 'to-review' as const }],
  ])('D3: broken glass %s changes nothing', async (_, over) => {
    const client = consoleOf({ 'approvals.watch': approvals([], [glass(over)]) });
    expect((await killIt(client)).code).toBe(3);
    expect(client.names()).toContain('approvals.request');
  });

  it('D1: without operators the back end refuses it, in its own words', async () => {
    const no = () => {
      throw new ScramError('refused', 'scram.yaml names no operators');
    };
    const client = consoleOf({ 'people.watch': NO_OPERATORS }, { 'changes.execute': no });
    const { code, warned } = await killIt(client);
    expect(code).toBe(3);
    expect(warned).toContain('names no operators');
    expect(client.names()).not.toContain('approvals.request');
  });

  it('D2: one person is enough where policy asks for one', async () => {
    const one = change({ demand: { people: 1, typed: false, rationale: false } }).payload;
    const client = consoleOf({}, { 'changes.preview': () => ({ hash: HASH, payload: one }) });
    expect((await killIt(client)).code).toBe(0);
    expect(client.names()).not.toContain('approvals.request');
  });
});

describe('other changes that take two people', () => {
  it('B4, D1: a bulk kill is asked for as one', async () => {
    const preview = {
      ...aBatchPreview(),
      demand: { people: 2, typed: true, rationale: false },
      items: [
        {
          connection: 'local',
          flag: 'checkout',
          providerEnvironment: 'production',
          critical: false,
          percentage: 20,
          serves: 'on',
          willServe: 'off',
          preview: HASH,
          problem: null,
        },
      ],
    };
    const client = consoleOf(
      { 'changes.watchBatch': aBatchProgress() },
      { 'changes.previewBatch': () => preview, 'changes.proposeBatch': () => aBatchProgress().batch },
    );
    const { code, json } = await run(
      kill,
      ['--service', 'checkout', '--env', 'production', '--reason', 'x', '--yes'],
      client,
      { env: ENV },
    );
    expect(code).toBe(3);
    expect(client.input('approvals.request')).toEqual({ subject: { kind: 'batch', hash: HASH } });
    expect(client.names()).not.toContain('changes.executeBatch');
    expect(json).toMatchObject({ results: [{ exitCode: 3, approval: { checkCode: CODE } }] });
  });

  const killed: ChangeProgress = { ...accepted, change: change() };
  const toRestore = { 'flags.history': () => ({ changes: [killed], markers: [] }) };
  const restoreArgs = ['checkout', '--env', 'production', '--reason', 'fixed', '--yes'];
  it('B7, D1: so is a restore', async () => {
    const client = consoleOf({}, toRestore as Calls);
    const { code, json } = await run(restore, restoreArgs, client, { env: ENV });
    expect(code).toBe(3);
    expect(json).toMatchObject({ result: null, approval: { checkCode: CODE } });
  });

  it('D9: --override lets it through an incident, recorded with its reason, before it is asked for', async () => {
    const client = consoleOf({}, { ...toRestore, 'incidents.override': () => ({}) } as Calls);
    await run(restore, [...restoreArgs, '--override', 'the restore is the fix'], client, { env: ENV });
    expect(client.names().slice(-3)).toEqual(['changes.propose', 'incidents.override', 'approvals.request']);
    expect(client.input('incidents.override')).toEqual({
      subject: { kind: 'change', hash: HASH },
      reason: 'the restore is the fix',
    });
  });
});
