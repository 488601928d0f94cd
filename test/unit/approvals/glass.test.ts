import { afterEach, expect, it } from 'vitest';
import { testDevice, testPerson, testRoster } from '../../support/people.ts';
import { type Desk, Office } from './office.ts';

const signers = [testDevice()] as const;
const alex = testPerson('alex', signers[0]);
const sam = testPerson('sam', signers[0]);
let office: Office;
afterEach(() => office.stop());

it('D3: that broken glass is over is written down once, by the console that broke it, whoever ends it or nobody', async () => {
  office = new Office(
    signers,
    testRoster([
      [alex, ['responder']],
      [sam, ['approver']],
    ]),
  );
  const here = office.desks[0] as Desk;
  const ends = () => [...here.ledger.all()].filter(({ body }) => body.data.kind === 'breakglass.ended').length;
  const first = here.approvals.breakGlass('production', 'nobody answers', alex);
  await office.clock.advance(14 * 60_000);
  expect(ends()).toBe(0);
  await office.clock.advance(2 * 60_000);
  expect(ends()).toBe(1);
  here.restart();
  await office.clock.advance(60_000);
  expect(ends()).toBe(1);
  expect(here.approvals.glass()[0]).toMatchObject({ state: 'to-review', endedAtMs: expect.any(Number) });
  const second = here.approvals.breakGlass('production', 'again', alex);
  here.approvals.endBreakGlass(second.glass.id, alex);
  await office.clock.advance(20 * 60_000);
  expect(ends()).toBe(2);
  here.approvals.reviewBreakGlass(first.glass.id, 'accepted', '', sam);
  expect(here.approvals.glass().map(({ state }) => state)).toEqual(['to-review', 'reviewed']);
});
