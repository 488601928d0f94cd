import { afterEach, beforeEach, expect, it } from 'vitest';
import { testDevice, testPerson, testRoster } from '../support/people.ts';
import { type Desk, hashOf, NEVER, Office, POLICY } from '../unit/approvals/office.ts';

const signers = [testDevice(), testDevice()] as const;
const alex = testPerson('alex', signers[0]);
const mallory = testPerson('mallory', signers[1]);
const robin = testPerson('robin', signers[1]);
const sam = testPerson('sam', signers[1]);
const PEOPLE = [
  [alex, ['responder']],
  [mallory, ['responder']],
  [robin, ['viewer']],
  [sam, ['approver']],
] as const;

let office: Office;
let here: Desk;
let there: Desk;

beforeEach(() => {
  office = new Office(signers, testRoster(PEOPLE));
  [here, there] = office.desks as [Desk, Desk];
});
afterEach(() => office.stop());

it('041 D3: a review by somebody without the role, written past their console, is none; one by an approver is', async () => {
  const { glass } = here.approvals.breakGlass('production', 'nobody answers', alex);
  there.takeFrom(here);
  for (const by of [null, robin, mallory]) {
    there.ledger.append({ kind: 'breakglass.reviewed', id: glass.id, verdict: 'accepted', note: 'fine' }, by);
  }
  here.takeFrom(there);
  expect(here.approvals.glass()[0]?.review).toBeNull();
  there.approvals.reviewBreakGlass(glass.id, 'contested', 'look again', sam);
  here.takeFrom(there);
  expect(here.approvals.glass()[0]?.review).toMatchObject({ by: 'sam', verdict: 'contested' });
});

it('041 D3: nobody makes broken glass vanish by breaking it anew under its name, ends it elsewhere, or hangs changes on it', async () => {
  const { glass } = here.approvals.breakGlass('production', 'nobody answers', alex);
  there.takeFrom(here);
  const again = { ...glass, device: there.device, operator: 'mallory', reviewByMs: glass.reviewByMs + 1e12 };
  there.ledger.append({ kind: 'breakglass.opened', glass: again }, mallory);
  there.ledger.append({ kind: 'breakglass.ended', id: glass.id }, mallory);
  there.ledger.append({ kind: 'change.intent', hash: 'f'.repeat(64), breakGlass: glass.id }, mallory);
  here.takeFrom(there);
  expect(here.approvals.glass()).toEqual([expect.objectContaining({ glass, state: 'open', changes: [] })]);
  // The one who broke it does not give themself more time either.
  here.ledger.append({ kind: 'breakglass.opened', glass: { ...glass, untilMs: glass.untilMs + 1e9 } }, alex);
  expect(here.approvals.glass()[0]?.glass).toEqual(glass);
});

it('041 D3, D5: glass that was broken opens nothing once policy no longer allows it, or the role is gone', async () => {
  const change = await here.propose('a', alex);
  here.approvals.breakGlass('production', 'nobody answers', alex);
  office.setPolicy({ production: { kill: { people: 2 } } });
  here.restart();
  await expect(here.changes.execute(change, NEVER, alex)).rejects.toMatchObject({ code: 'approval-required' });
  office.setPolicy({ production: { ...POLICY.production, breakGlass: { allowed: true, roles: ['release-manager'] } } });
  here.restart();
  await expect(here.changes.execute(change, NEVER, alex)).rejects.toMatchObject({ code: 'approval-required' });
  office.setPolicy(POLICY);
  here.restart();
  await here.changes.execute(change, NEVER, alex);
  expect(office.system.applied).toEqual(['production/a']);
});

it('041 D3: a clock that is set back keeps glass open no longer than its time, whether or not anything is written meanwhile', async () => {
  const change = await here.propose('a', alex);
  here.approvals.breakGlass('production', 'nobody answers', alex);
  const real = office.clock.now;
  office.clock.now = () => real() - 10 * 3_600_000;
  await office.clock.advance(14 * 60_000);
  expect(here.approvals.glass()[0]?.state).toBe('open');
  await office.clock.advance(2 * 60_000);
  expect(here.approvals.glass()[0]?.state).toBe('to-review');
  await expect(here.changes.execute(change, NEVER, alex)).rejects.toMatchObject({ code: 'approval-required' });
  expect(office.system.applied).toEqual([]);
});

it('041 D6: what a console with a clock that is behind says of broken glass counts after a restart too', async () => {
  here.approvals.breakGlass('production', 'nobody answers', alex);
  there.takeFrom(here);
  const id = here.approvals.glass()[0]?.glass.id ?? '';
  const real = office.clock.now;
  office.clock.now = () => real() - 60_000;
  there.approvals.reviewBreakGlass(id, 'accepted', 'I was there', sam);
  office.clock.now = real;
  here.takeFrom(there);
  here.restart();
  expect(here.approvals.glass()[0]?.review).toMatchObject({ by: 'sam' });
});

it('041 D11: an approval holds no longer than policy gives now, if that is less than when it was asked for', async () => {
  const change = await here.propose('a', alex);
  here.approvals.decide(here.request(change, alex), 'approve', '', sam);
  await office.clock.advance(6 * 60_000);
  office.setPolicy({ production: { kill: { people: 2, approvalWithin: '5m' } } });
  here.restart();
  await expect(here.changes.execute(change, NEVER, alex)).rejects.toThrow(/expired/);
  expect(office.system.applied).toEqual([]);
});

it('041 D1: a request shows in nobody’s name but that of who wrote it, and none keeps another out by its hash', async () => {
  const change = await here.propose('a', alex);
  const request = here.approvals.item(here.request(change, alex))?.request;
  if (request === undefined) throw new Error('no request');
  const kill = await there.propose('b', mallory);
  const body = { ...request.body, device: there.device, subject: { kind: 'change', hash: kill } as const };
  // Under the hash of the real one, so that whoever gets this first would never see that; and as one of alex's.
  there.ledger.append(
    { kind: 'approval.requested', request: { ...request, body: { ...body, requester: mallory.person } } },
    mallory,
  );
  there.ledger.append({ kind: 'approval.requested', request: { ...request, body } }, mallory);
  there.ledger.append({ kind: 'approval.requested', request: { ...request, body, hash: hashOf(body) } }, mallory);
  expect(there.approvals.state(sam).items).toEqual([]);
  there.takeFrom(here);
  expect(there.approvals.state(sam)).toMatchObject({ forMe: 1, items: [{ request }] });
});
