import { expect, it } from 'vitest';
import { trustOf } from '../../electron/compose/team.ts';
import { testDevice, testPerson, testRoster } from '../support/people.ts';

it('046 D5, D6: words are taken out by an admin’s key that is in force, and by none that was revoked or is another’s', () => {
  const [old, mine] = [testPerson('kim', testDevice()), testPerson('kim', testDevice())];
  const sam = testPerson('sam', testDevice());
  const before = testRoster([[old, ['admin']]]).operators;
  const roster = testRoster(
    [
      [mine, ['admin']],
      [sam, ['responder']],
    ],
    before,
  );
  const trust = trustOf(() => roster);
  // What it signed once still proves what was done then.
  expect(trust.signedBy(old.person, 'then', old.sign('then'))).toBe(true);
  const may = [mine, old, sam].map(({ person }) => trust.mayRedact?.(person));
  expect(may).toEqual([true, false, false]);
});
