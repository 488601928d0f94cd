import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Access } from '../../shared/contract/define.ts';
import { contract, type OperationName } from '../../shared/contract/index.ts';
import { approveBeside, askForKillOn, kindsOfConsole } from '../support/acts.ts';
import { type ConsoleTeam, FLAG, foundConsoleTeam, passphraseOf } from '../support/console-team.ts';
import type { PageSocket } from '../support/page-socket.ts';
import { type TempFolder, tempFolder } from '../support/temp.ts';
import { type RunningHost, runScram } from '../support/web-host.ts';

const KILLED = 'killed_before';
const POLICY = '{ production: { kill: { people: 2 }, breakGlass: { allowed: true } } }';

let folder: TempFolder;
let team: ConsoleTeam;
let host: RunningHost;
let page: PageSocket;
let asked: { change: string; request: string };
let before: string;
/** What the record had of each kind before anybody tried. */
let kinds: string[];

beforeAll(async () => {
  folder = tempFolder('viewer');
  team = await foundConsoleTeam(folder.path, {
    founder: 'alex',
    policy: POLICY,
    flags: [FLAG, KILLED],
    people: {
      alex: { roles: ['responder', 'approver', 'admin'], on: ['desk'] },
      sam: { roles: ['approver'], on: ['desk'] },
      robin: { roles: ['viewer'], on: ['desk'] },
    },
  });
  host = await team.start('desk');
  page = await team.page(host, 'alex');
  await page.call('vault.set', { name: 'token', value: 'worth having' });
  const earlier = await askForKillOn(page, KILLED);
  await approveBeside(page, earlier.request, 'sam');
  await page.call('changes.execute', { hash: earlier.change });
  asked = await askForKillOn(page, FLAG);
  await page.call('people.lock', {});
  before = team.flags();
  kinds = await done();
});
afterAll(async () => {
  page?.close();
  await host?.stop();
  folder?.remove();
});

const at = { connection: 'local', flag: FLAG, environment: 'production' };
const some = 'f'.repeat(64);

/** An input that is right in form for each operation that does something: a new operation needs its line here. */
function inputs(): Record<string, unknown> {
  const subject = { kind: 'change', hash: asked.change };
  const { request } = asked;
  return {
    'changes.preview': { action: 'kill', ...at },
    'changes.propose': { preview: some, rationale: 'because' },
    'changes.execute': { hash: asked.change },
    'changes.previewBatch': { environment: 'production', target: { by: 'flags', flags: [] } },
    'changes.proposeBatch': { preview: some, rationale: 'because' },
    'changes.executeBatch': { hash: some },
    'approvals.request': { subject },
    'approvals.withdraw': { request },
    'approvals.decide': { request, decision: 'approve', reason: 'seen' },
    'approvals.breakGlass': { environment: 'production', reason: 'because' },
    'approvals.endBreakGlass': { id: 'one' },
    'approvals.reviewBreakGlass': { id: 'one', verdict: 'accepted', note: '' },
    'incidents.open': { title: 'p99 up', services: [], environments: ['production'] },
    'incidents.close': { id: 'one', note: '' },
    'incidents.note': { incident: null, text: 'said' },
    'incidents.override': { subject, reason: 'because' },
    'people.signRoster': {},
    'people.removeKey': { operator: 'sam' },
    'vault.set': { name: 'token', value: 'another' },
    'vault.remove': { name: 'token' },
    'vault.seal': { name: 'token', holders: ['alex', 'sam'] },
    'vault.openTogether': { name: 'token', operator: 'sam', passphrase: passphraseOf('sam') },
    'vault.askForShare': { name: 'token', holder: 'sam' },
    'vault.takeShare': { text: 'a block' },
    'notify.probe': { target: 'room' },
    'notify.send': { environment: 'production', incident: null, next: '' },
    'ledger.redact': { device: some, sequence: 1, reason: 'because' },
    'console.initialise': { directory: folder.at('new') },
  };
}

const doing = (Object.keys(contract) as OperationName[]).filter((op) => (contract[op].access as Access) !== 'view');

/** The acts in the record: who unlocked and locked is none of them, nor what the console saw. */
async function done(): Promise<string[]> {
  const acts = /^(change|batch|approval|breakglass|incident|note|credential|roster|operator\.(enrolled|removed))/;
  return (await kindsOfConsole(page)).filter((kind) => acts.test(kind)).sort();
}

async function expectNothingDone(): Promise<void> {
  expect(team.flags()).toBe(before);
  const watched = await page.snapshot('vault.watch', {});
  expect([watched.credentials.map(({ name }) => name), watched.sealed]).toEqual([['token'], []]);
  expect((await page.snapshot('people.watch', {})).roster.version).toBe(1);
  expect(await done()).toEqual(kinds);
}

describe('051 D5: who may look, and nothing else', () => {
  it('the list names every operation that does something, in a form that is taken', () => {
    expect(Object.keys(inputs()).sort()).toEqual([...doing].sort());
    const wrong = doing.filter((op) => !contract[op].input.safeParse(inputs()[op]).success);
    // A bulk kill of no flags is refused for its form too, after the right to it.
    expect(wrong).toEqual(['changes.previewBatch']);
  });

  it.each([
    ['a viewer', 'robin', 'forbidden'],
    ['a console that nobody has unlocked', null, 'locked'],
  ] as const)('%s: every operation that does something is refused on the page', async (_name, operator, code) => {
    if (operator !== null) await page.call('people.unlock', { operator, passphrase: passphraseOf(operator) });
    const answers = await Promise.all(doing.map(async (op) => [op, await page.code(op, inputs()[op])] as const));
    expect(Object.fromEntries(answers)).toEqual(Object.fromEntries(doing.map((op) => [op, code])));
    // What anybody may call gives a viewer no more.
    const beside = { request: asked.request, decision: 'approve', reason: '' };
    expect(
      await page.code('approvals.decideBeside', { ...beside, operator: 'robin', passphrase: passphraseOf('robin') }),
    ).toBe('forbidden');
    expect(await page.code('vault.giveShare', { text: 'a block' })).not.toBe('done');
    await expectNothingDone();
    await page.call('people.lock', {});
  });

  it('the terminal says 3 to a viewer and 6 to nobody, and does nothing', async () => {
    const change = ['--env', 'production', '--reason', 'INC-1', '--yes'];
    const commands: readonly (readonly string[])[] = [
      ['kill', FLAG, ...change],
      ['restore', KILLED, ...change],
      ['approve', asked.request, '--yes'],
      ['vault', 'set', 'token'],
      ['roster', 'sign', '--yes'],
    ];
    const run = async (args: readonly string[], env: Record<string, string>, more: readonly string[] = []) => {
      const here = ['--data-dir', team.dataDir('desk'), ...more];
      const { code, stderr } = await runScram([...args, ...here], { env, input: 'another value' });
      return { args, code, stderr };
    };
    const viewer = { SCRAM_PASSPHRASE: passphraseOf('robin') };
    for (const args of commands) {
      const [robin, nobody] = await Promise.all([
        run(args, viewer, ['--as', 'robin']),
        run(args, { SCRAM_PASSPHRASE: '' }, ['--as', 'alex']),
      ]);
      expect(robin).toMatchObject({ args, code: 3 });
      expect(nobody).toMatchObject({ args, code: 6 });
    }
    await expectNothingDone();
  });

  it('the same by somebody who may: it was the role that kept it back', async () => {
    await page.call('people.unlock', { operator: 'alex', passphrase: passphraseOf('alex') });
    for (const op of ['changes.preview', 'incidents.open', 'vault.set', 'approvals.breakGlass']) {
      expect({ op, code: await page.code(op, inputs()[op]) }).toEqual({ op, code: 'done' });
    }
    await approveBeside(page, asked.request, 'sam');
    await page.call('changes.execute', { hash: asked.change });
    expect(team.flags()).not.toBe(before);
  });
});
