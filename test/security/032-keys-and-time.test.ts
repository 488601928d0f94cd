import { afterEach, beforeEach, expect, it } from 'vitest';
import { testDevice, testPerson, testRoster } from '../support/people.ts';
import { type Desk, NEVER, Office } from '../unit/approvals/office.ts';

const signers = [testDevice()] as const;
const alex = testPerson('alex', signers[0]);
const sam = testPerson('sam', signers[0]);
const samAnew = testPerson('sam', signers[0]);
const robin = testPerson('robin', signers[0]);
const PEOPLE = [
  [alex, ['responder']],
  [sam, ['approver']],
  [robin, ['viewer']],
] as const;

let office: Office;
let here: Desk;

beforeEach(() => {
  office = new Office(signers, testRoster(PEOPLE));
  here = office.desks[0] as Desk;
});
afterEach(() => office.stop());

/** As an admin's next roster: sam has another key now. */
function revoke(): void {
  const before = office.roster.operators;
  office.roster = testRoster([PEOPLE[0], [samAnew, ['approver']], PEOPLE[2]], before);
}

it('032 D1, D5: a revoked key approves nothing', async () => {
  const change = await here.propose('a', alex);
  const request = here.request(change, alex);
  revoke();
  expect(() => here.approvals.decide(request, 'approve', '', sam)).toThrow(/not in the roster in force/);
  here.approvals.decide(request, 'approve', '', samAnew);
  await here.changes.execute(change, NEVER, alex);
  expect(office.system.applied).toEqual(['production/a']);
});

it('032 D1: an approval dies with its key, even one that was given before the key was revoked', async () => {
  const change = await here.propose('a', alex);
  const request = here.request(change, alex);
  here.approvals.decide(request, 'approve', '', sam);
  revoke();
  expect(here.approvals.item(request)?.state).toBe('waiting');
  await expect(here.changes.execute(change, NEVER, alex)).rejects.toMatchObject({ code: 'approval-required' });
  here.approvals.decide(request, 'approve', '', samAnew);
  await here.changes.execute(change, NEVER, alex);
  expect(office.system.applied).toEqual(['production/a']);
});

it('032 D5: a requester whose key was revoked executes nothing, approved or not', async () => {
  const change = await here.propose('a', alex);
  here.approvals.decide(here.request(change, alex), 'approve', '', sam);
  office.roster = testRoster([PEOPLE[1], PEOPLE[2]], office.roster.operators);
  await expect(here.changes.execute(change, NEVER, alex)).rejects.toMatchObject({ code: 'forbidden' });
  expect(office.system.applied).toEqual([]);
});

it('032 D5: a viewer neither makes, asks, approves nor executes, whatever reaches the services', async () => {
  await expect(here.propose('a', robin)).rejects.toMatchObject({ code: 'forbidden' });
  const change = await here.propose('a', alex);
  expect(() => here.request(change, robin)).toThrow(/no role/);
  const request = here.request(change, alex);
  expect(() => here.approvals.decide(request, 'approve', '', robin)).toThrow(/no role/);
  here.approvals.decide(request, 'approve', '', sam);
  await expect(here.changes.execute(change, NEVER, robin)).rejects.toMatchObject({ code: 'forbidden' });
  await expect(here.changes.execute(change, NEVER, null)).rejects.toMatchObject({ code: 'locked' });
  expect(() => here.approvals.breakGlass('production', 'because', robin)).toThrow(/no role/);
  expect(office.system.applied).toEqual([]);
});

it('032 D11: an approval expires, before and after it was given', async () => {
  const late = await here.propose('a', alex);
  const lateRequest = here.request(late, alex);
  await office.clock.advance(30 * 60_000);
  expect(() => here.approvals.decide(lateRequest, 'approve', '', sam)).toThrow(/no longer waits/);
  const change = await here.propose('b', alex);
  const request = here.request(change, alex);
  here.approvals.decide(request, 'approve', '', sam);
  await office.clock.advance(30 * 60_000);
  expect(here.approvals.item(request)?.state).toBe('expired');
  await expect(here.changes.execute(change, NEVER, alex)).rejects.toMatchObject({ code: 'approval-required' });
  expect(office.system.applied).toEqual([]);
});

it('032 D11: a clock set back after the fact gives an expired approval no second life', async () => {
  const change = await here.propose('a', alex);
  const request = here.request(change, alex);
  here.approvals.decide(request, 'approve', '', sam);
  await office.clock.advance(31 * 60_000);
  here.ledger.append({ kind: 'note.added', text: 'time has passed', incident: null });
  const real = office.clock.now;
  office.clock.now = () => real() - 31 * 60_000;
  try {
    await expect(here.changes.execute(change, NEVER, alex)).rejects.toThrow(/expired/);
    here.restart();
    await expect(here.changes.execute(change, NEVER, alex)).rejects.toThrow(/expired/);
  } finally {
    office.clock.now = real;
  }
  expect(office.system.applied).toEqual([]);
});

it('032 D3: broken glass is for one person, one environment and a time; a clock set back does not open it again', async () => {
  const change = await here.propose('a', alex);
  const glass = here.approvals.breakGlass('production', 'nobody answers', alex);
  await here.changes.execute(change, NEVER, alex);
  expect(office.system.applied).toEqual(['production/a']);
  const staging = await here.propose('b', alex, 'staging');
  await expect(here.changes.execute(staging, NEVER, alex)).rejects.toMatchObject({ code: 'approval-required' });
  const later = await here.propose('c', alex);
  await office.clock.advance(15 * 60_000);
  await expect(here.changes.execute(later, NEVER, alex)).rejects.toMatchObject({ code: 'approval-required' });
  here.ledger.append({ kind: 'note.added', text: 'time has passed', incident: null });
  const real = office.clock.now;
  office.clock.now = () => real() - 10 * 60_000;
  await expect(here.changes.execute(later, NEVER, alex)).rejects.toMatchObject({ code: 'approval-required' });
  office.clock.now = real;
  expect(here.approvals.glass()[0]).toMatchObject({ state: 'to-review', changes: [change] });
  expect(() => here.approvals.reviewBreakGlass(glass.glass.id, 'accepted', '', alex)).toThrow(/second person/);
  await office.clock.advance(24 * 3_600_000);
  expect(here.approvals.glass()[0]?.state).toBe('overdue');
  here.approvals.reviewBreakGlass(glass.glass.id, 'contested', 'sam was in the next room', sam);
  expect(here.approvals.glass()[0]).toMatchObject({ state: 'reviewed', review: { verdict: 'contested', by: 'sam' } });
});
