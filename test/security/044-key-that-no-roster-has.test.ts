import { expect, it } from 'vitest';
import { makePeople, PASSPHRASE } from '../unit/people/people-world.ts';

it('044 D8, D5: what is done by a key that no roster has is signed by no person, so that no console refuses this one’s record for it', async () => {
  const { service, operator, ledger } = await makePeople(['ada', 'typo']);
  const people = service([operator('ada', ['admin', 'responder'])]);
  const [ada, typo] = [people.openSession(), people.openSession()];
  await typo.unlock('typo', PASSPHRASE);
  expect(typo.actor()).toBeNull();
  await people.enrol('another', PASSPHRASE, typo);
  await ada.unlock('ada', PASSPHRASE);
  await people.signRoster(ada);
  ledger.append({ kind: 'note.added', text: 'by one who may', incident: null }, ada.actor());
  const signedBy = [...ledger.all()].flatMap(({ body: { by, data } }) => (by ? [[data.kind, by.operator]] : []));
  expect(signedBy).toEqual([
    ['operator.unlocked', 'ada'],
    ['note.added', 'ada'],
  ]);
});
