import { afterEach, beforeEach, expect, it } from 'vitest';
import { type TestPerson, testDevice, testPerson, testRoster } from '../support/people.ts';
import { type Desk, keysOn, NEVER, Office } from '../unit/approvals/office.ts';
import { signDecision } from '../../electron/services/approvals/statements.ts';

const signers = [testDevice(), testDevice()];
const [alexHere, alexThere] = keysOn('alex', signers) as [TestPerson, TestPerson];
const sam = testPerson('sam', signers[1] as (typeof signers)[0]);
const robin = testPerson('robin', signers[1] as (typeof signers)[0]);

let office: Office;
let here: Desk;
let there: Desk;

beforeEach(() => {
  const roster = testRoster([
    [
      [alexHere, alexThere],
      ['responder', 'release-manager'],
    ],
    [sam, ['approver']],
    [robin, ['viewer']],
  ]);
  office = new Office(signers, roster);
  [here, there] = office.desks as [Desk, Desk];
});
afterEach(() => office.stop());

it('030 D1: nobody approves their own request, though their roles allow them to approve others', async () => {
  const change = await here.propose('a', alexHere);
  const request = here.request(change, alexHere);
  expect(() => here.approvals.decide(request, 'approve', '', alexHere)).toThrow(/nobody approves their own request/);
  await expect(here.changes.execute(change, NEVER, alexHere)).rejects.toMatchObject({ code: 'approval-required' });
  expect(office.system.applied).toEqual([]);
});

it('030 D1: a second console of the same person is no second person', async () => {
  const change = await here.propose('a', alexHere);
  const request = here.request(change, alexHere);
  there.takeFrom(here);
  expect(() => there.approvals.decide(request, 'approve', '', alexThere)).toThrow(/nobody approves their own request/);
});

it('030 D1: a decision that the requester signs past the service counts for nothing, whatever it says', async () => {
  const change = await here.propose('a', alexHere);
  const request = here.request(change, alexHere);
  const { body } = here.approvals.item(request)?.request ?? {};
  if (!body) throw new Error('no request');
  const { version, subject, environment, device, expiresAtMs } = body;
  const forged = (by: TestPerson, person = by.person) =>
    signDecision(
      {
        version,
        request,
        subject,
        environment,
        device,
        decision: 'approve',
        reason: '',
        by: person,
        atMs: office.clock.now(),
        expiresAtMs,
      },
      by,
    );
  // By oneself, by oneself from the other console, in another's name with one's own key, by a viewer.
  for (const decision of [forged(alexHere), forged(alexThere), forged(alexHere, sam.person), forged(robin)]) {
    here.ledger.append({ kind: 'approval.decided', decision }, alexHere);
    await expect(here.changes.execute(change, NEVER, alexHere)).rejects.toMatchObject({ code: 'approval-required' });
  }
  expect(office.system.applied).toEqual([]);
  there.takeFrom(here);
  there.approvals.decide(request, 'approve', '', sam);
  here.takeFrom(there);
  await here.changes.execute(change, NEVER, alexHere);
  expect(office.system.applied).toEqual(['production/a']);
});
