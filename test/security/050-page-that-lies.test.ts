import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { armour, unarmour } from '../../electron/services/armour/armour.ts';
import { approveBeside, askForKillOn, kindsOfConsole, proposeKillOn } from '../support/acts.ts';
import { type ConsoleTeam, foundConsoleTeam, passphraseOf } from '../support/console-team.ts';
import type { PageSocket } from '../support/page-socket.ts';
import { type TempFolder, tempFolder } from '../support/temp.ts';
import type { RunningHost } from '../support/web-host.ts';

const FLAGS = ['first', 'second', 'third'];
const NOBODYS = 'f'.repeat(64);

let folder: TempFolder;
let team: ConsoleTeam;
let host: RunningHost;
let page: PageSocket;
let before: string;
/** Alex's own change and request, and those of Kim; nobody has decided on either. */
let own: { change: string; request: string };
let kims: { change: string; request: string };

beforeAll(async () => {
  folder = tempFolder('liar');
  team = await foundConsoleTeam(folder.path, {
    founder: 'alex',
    flags: FLAGS,
    people: {
      alex: { roles: ['responder', 'approver', 'admin'], on: ['desk'] },
      kim: { roles: ['responder', 'approver'], on: ['desk'] },
      sam: { roles: ['approver'], on: ['desk'] },
      robin: { roles: ['viewer'], on: ['desk'] },
    },
  });
  host = await team.start('desk');
  page = await team.page(host, 'kim');
  before = team.flags();
  kims = await askForKillOn(page, 'second');
  await page.call('people.lock', {});
  await page.call('people.unlock', { operator: 'alex', passphrase: passphraseOf('alex') });
  own = await askForKillOn(page, 'first');
});
afterAll(async () => {
  page?.close();
  await host?.stop();
  folder?.remove();
});

/** Fields by which a page could claim to be somebody, to have been allowed, or to say what is to be written. */
const CLAIMS: Record<string, unknown> = {
  actor: 'sam',
  operator: 'sam',
  by: { operator: 'sam', key: '0123456789abcdef', signature: 'AA' },
  person: { operator: 'sam', key: '0123456789abcdef' },
  session: { person: { rights: ['view', 'act', 'approve', 'administer'] } },
  signature: 'AAAA',
  permit: { decision: NOBODYS },
  decision: { hash: NOBODYS, signature: 'AA' },
  demand: { people: 1, typed: false, rationale: false },
  payload: { flag: 'first', environment: 'production', after: { killed: true } },
  state: { exposure: 'nobody', killed: true },
  write: { defaultVariant: 'off' },
  roles: ['admin'],
  rights: ['approve'],
  device: NOBODYS,
  confirmed: true,
};

/** Operations that do something, each with an input that would be right for the person of the page. */
const honest = (): [string, Record<string, unknown>][] => [
  ['changes.preview', { action: 'kill', connection: 'local', flag: 'third', environment: 'production' }],
  ['changes.propose', { preview: NOBODYS, rationale: 'p99 tripled' }],
  ['changes.execute', { hash: own.change }],
  ['changes.executeBatch', { hash: own.change }],
  ['approvals.request', { subject: { kind: 'change', hash: own.change } }],
  ['approvals.withdraw', { request: own.request }],
  ['incidents.note', { incident: null, text: 'said' }],
  ['people.signRoster', {}],
];

async function expectNothingDone(): Promise<void> {
  expect(team.flags()).toBe(before);
  const kinds = await kindsOfConsole(page);
  for (const never of ['change.intent', 'change.result', 'approval.decided', 'breakglass.opened']) {
    expect(kinds).not.toContain(never);
  }
  expect(kinds.filter((kind) => kind === 'approval.requested')).toHaveLength(2);
}

describe.each(['unlocked', 'locked'] as const)('050: a page that lies to a console that is %s', (state) => {
  beforeAll(async () => {
    if (state === 'locked') await page.call('people.lock', {});
  });
  const refused = (open: string): string => (state === 'locked' ? 'locked' : open);

  it('D5: says who it is, what it may, or what is to be written: no operation takes such a field', async () => {
    for (const [op, input] of honest()) {
      for (const [name, value] of Object.entries(CLAIMS)) {
        const code = await page.code(op, { ...input, [name]: value });
        expect({ op, name, code }).toEqual({ op, name, code: refused('invalid-input') });
      }
    }
    for (const [name, value] of Object.entries({ ...CLAIMS, operator: ['sam'], decision: { approve: true } })) {
      const decision = { request: own.request, decision: 'approve', reason: '' };
      const beside = { ...decision, operator: 'sam', passphrase: passphraseOf('sam') };
      expect({ name, code: await page.code('approvals.decideBeside', { ...beside, [name]: value }) }).toEqual({
        name,
        code: 'invalid-input',
      });
      expect(await page.code('approvals.decide', { ...decision, [name]: value })).toBe(refused('invalid-input'));
    }
    await expectNothingDone();
  });

  it('D1: names another hash: nobody’s, a request’s, a change that nobody approved, somebody else’s', async () => {
    expect(await page.code('changes.execute', { hash: NOBODYS })).toBe(refused('not-found'));
    for (const hash of [own.request, kims.request]) {
      expect(await page.code('changes.execute', { hash })).toBe(refused('not-found'));
      expect(await page.code('changes.propose', { preview: hash, rationale: 'x' })).toBe(refused('not-found'));
    }
    for (const hash of [own.change, kims.change]) {
      expect(await page.code('changes.execute', { hash })).toBe(refused('approval-required'));
      expect(await page.code('changes.propose', { preview: hash, rationale: 'x' })).toBe(refused('not-found'));
    }
    expect(await page.code('approvals.withdraw', { request: kims.request })).toBe(refused('forbidden'));
    for (const hash of ['', own.change.toUpperCase(), `${own.change} `, own.change.slice(1), [own.change], null, 7]) {
      expect(await page.code('changes.execute', { hash })).toBe(refused('invalid-input'));
    }
    await expectNothingDone();
  });

  it('B7: gives a raw state, or an action that there is none of', async () => {
    const at = { connection: 'local', flag: 'first', environment: 'production' };
    for (const more of [
      { action: 'set', state: { killed: true } },
      { action: 'write', definition: { state: 'DISABLED' } },
      { action: 'kill', after: { killed: false }, before: null },
      { action: 'rollout', percentage: -1 },
      { action: 'rollout', percentage: '100' },
      { action: 'restore', definition: {} },
    ]) {
      expect(await page.code('changes.preview', { ...at, ...more })).toBe(refused('invalid-input'));
    }
    await expectNothingDone();
  });

  it('D1: decides on its own request, as somebody else without their passphrase, or as who may not', async () => {
    const decision = { request: own.request, decision: 'approve', reason: 'seen' } as const;
    expect(await page.code('approvals.decide', decision)).toBe(refused('forbidden'));
    const beside = (operator: string, passphrase: string) =>
      page.code('approvals.decideBeside', { ...decision, operator, passphrase });
    expect(await beside('alex', passphraseOf('alex'))).toBe('forbidden');
    expect(await beside('robin', passphraseOf('robin'))).toBe('forbidden');
    expect(await beside('sam', 'made up')).toBe('locked');
    expect(await beside('nobody', passphraseOf('sam'))).toBe('locked');
    // Robin, who knows it, gets in for nothing else: the wrong tries at Sam's still count.
    await expectNothingDone();
  });

  it('D4: pastes an answer that it wrote itself, or a request that it altered', async () => {
    const asked = await page.call('approvals.export', { request: own.request, what: 'request' });
    const { kind, value } = unarmour(asked.text);
    const altered = (change: (text: string) => string): string =>
      armour(kind, JSON.parse(change(JSON.stringify(value))) as typeof value);
    for (const text of [
      altered((json) => json.replaceAll('alex', 'kim')),
      altered((json) => json.replace(/"expiresAtMs":\d+/, '"expiresAtMs":9999999999999')),
      altered((json) => json.replaceAll(own.request, NOBODYS)),
      altered((json) => json.replaceAll(own.change, kims.change)),
      armour('decision', value),
      armour('decision', { version: 1, request: own.request, decision: 'approve', by: 'sam' }),
    ]) {
      expect(await page.code('approvals.import', { text })).not.toBe('done');
    }
    await expectNothingDone();
    for (const { request, state: stands } of (await page.snapshot('approvals.watch', {})).items) {
      expect([own.request, kims.request]).toContain(request.hash);
      expect(stands).toBe('waiting');
    }
  });

  it('D5: sends frames that would put rights into every object', async () => {
    const hash = JSON.stringify(own.change);
    const call = (op: string, input: string) => `{"type":"call","id":"p","op":${JSON.stringify(op)},"input":${input}}`;
    const person = '{"rights":["view","act","approve","administer"],"person":{"operator":"sam"}}';
    for (const [text, code] of [
      [call('changes.execute', `{"hash":${hash},"__proto__":${person}}`), 'invalid-frame'],
      [
        `{"type":"call","id":"p","op":"changes.execute","input":{"hash":${hash}},"__proto__":${person}}`,
        'invalid-frame',
      ],
      [`{"type":"call","id":"p","op":"changes.execute","input":{"hash":${hash}},"session":${person}}`, 'invalid-frame'],
      [call('changes.execute', `{"hash":${hash},"constructor":{"prototype":${person}}}`), refused('invalid-input')],
      [call('changes.execute', `{"hash":{"toString":"x","__proto__":${hash}}}`), 'invalid-frame'],
      [call('changes.execute', `[${hash}]`), refused('invalid-input')],
      [call('__proto__', '{}'), 'unknown-operation'],
      [call('constructor', `{"hash":${hash}}`), 'unknown-operation'],
      [call('hasOwnProperty', '{}'), 'unknown-operation'],
      [call('toString', '{}'), 'unknown-operation'],
      [`{"type":"__proto__","id":"p","op":"changes.execute","input":{"hash":${hash}}}`, 'invalid-frame'],
      [`{"type":"listen","id":"p","op":"changes.execute","input":{"hash":${hash}}}`, 'unknown-operation'],
      [`{"type":"call","id":{"toString":"p"},"op":"changes.execute","input":{"hash":${hash}}}`, 'invalid-frame'],
    ] as const) {
      expect({ text, code: await page.raw(text) }).toEqual({ text, code });
    }
    expect((await page.snapshot('people.watch', {})).rights.includes('act')).toBe(state === 'unlocked');
    await expectNothingDone();
  });
});

describe('050: the same page, honestly', () => {
  it('D1: none of it has spoilt the requests: approved by the other, executed once', async () => {
    await page.call('people.unlock', { operator: 'alex', passphrase: passphraseOf('alex') });
    await approveBeside(page, own.request, 'sam');
    expect(await page.code('changes.execute', { hash: kims.change })).toBe('approval-required');
    await page.call('changes.execute', { hash: own.change });
    expect(team.flags()).not.toBe(before);
    expect((await kindsOfConsole(page)).filter((kind) => kind === 'change.intent')).toHaveLength(1);
    // Another preview of the same flag is another change, which nobody has approved.
    expect(await page.code('changes.execute', { hash: await proposeKillOn(page, 'third') })).toBe('approval-required');
  });
});
