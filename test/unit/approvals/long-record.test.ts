import { expect, it, vi } from 'vitest';
import { testDevice, testPerson, testRoster } from '../../support/people.ts';
import { type Desk, Office } from './office.ts';

it('D1, H4: of what is over only what is shown is checked again: a record of years costs a look no more than a short one', async () => {
  const signers = [testDevice()] as const;
  const [alex, sam] = [testPerson('alex', signers[0]), testPerson('sam', signers[0])];
  const office = new Office(
    signers,
    testRoster([
      [alex, ['responder']],
      [sam, ['approver']],
    ]),
  );
  const here = office.desks[0] as Desk;
  for (let count = 0; count < 60; count += 1) {
    const request = here.request(await here.propose(`flag-${count}`, alex), alex);
    here.approvals.decide(request, 'approve', '', sam);
    here.approvals.withdraw(request, alex);
  }
  const waiting = here.request(await here.propose('a', alex), alex);
  const ever = vi.spyOn(office.roster, 'everKey');
  const { items, forMe } = here.approvals.state(sam);
  expect(items.map(({ request }) => request.hash)[0]).toBe(waiting);
  expect([items.length, forMe]).toEqual([31, 1]);
  expect(items[1]).toMatchObject({ state: 'withdrawn', changes: [{ payload: { flag: 'flag-59' } }] });
  expect(ever.mock.calls.length).toBe(30);
  ever.mockClear();
  await office.clock.advance(60_000);
  expect(ever.mock.calls.length).toBe(0);
  office.stop();
});
