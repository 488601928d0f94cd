import { expect, it } from 'vitest';
import { testDevice, testPerson, testRoster } from '../support/people.ts';
import { type Desk, Office } from '../unit/approvals/office.ts';

it('practice', () => {
  const signers = [testDevice(), testDevice()] as const;
  const alex = testPerson('alex', signers[0]);
  const practice = testPerson('alex', signers[0]);
  const office = new Office(signers, testRoster([[alex, ['responder']]]));
  const [here, there] = office.desks as [Desk, Desk];
  here.ledger.append({ kind: 'note.added', text: 'one', incident: null }, alex);
  here.ledger.append({ kind: 'note.added', text: 'tried out', incident: null }, practice);
  here.ledger.append({ kind: 'note.added', text: 'two', incident: null }, alex);
  console.log(there.takeFrom(here), there.ledger.quarantined());
  expect(1).toBe(1);
  office.stop();
});
