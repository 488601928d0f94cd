import { expect, it } from 'vitest';
import { makePeople, PASSPHRASE, rosterChain, rosterFileText } from '../unit/people/people-world.ts';

async function world() {
  const made = await makePeople(['ada', 'sam'], 60_000);
  const operators = [made.operator('ada', ['admin']), made.operator('sam', ['responder'])];
  return { ...made, operators };
}

const outcomes = async (tries: readonly Promise<unknown>[]): Promise<string[]> =>
  (await Promise.allSettled(tries)).map((one) => (one.status === 'rejected' ? one.reason.code : 'in'));

it('042 E2: many guesses at once, over several sessions, are as slow as one after another', async () => {
  const { service, operators } = await world();
  const people = service(operators);
  const guesses = Array.from({ length: 40 }, (_, at) => people.openSession().unlock('ada', `guess ${at}`));
  const found = await outcomes([...guesses, people.beside('ada', 'another', () => true)]);
  expect(found.filter((code) => code === 'locked')).toHaveLength(5);
  expect(found.filter((code) => code === 'rate-limited')).toHaveLength(36);
});

it('042 E2: unlocking by one’s own passphrase gives no new guesses at somebody else’s, after a restart neither', async () => {
  const { service, operators, clock, kinds } = await world();
  let people = service(operators);
  for (let guess = 0; guess < 4; guess += 1) {
    expect(await outcomes([people.openSession().unlock('ada', 'wrong')])).toEqual(['locked']);
  }
  await people.openSession().unlock('sam', PASSPHRASE);
  expect(await outcomes([people.openSession().unlock('ada', 'wrong')])).toEqual(['locked']);
  expect(await outcomes([people.openSession().unlock('ada', 'wrong')])).toEqual(['rate-limited']);
  people.dispose();
  people = service(operators);
  expect(await outcomes([people.openSession().unlock('ada', 'wrong')])).toEqual(['rate-limited']);
  await clock.advance(1_000);
  // Whoever knows it gets in, and is forgiven, after a restart too.
  await people.openSession().unlock('ada', PASSPHRASE);
  people.dispose();
  people = service(operators);
  for (let guess = 0; guess < 2; guess += 1) {
    expect(await outcomes([people.openSession().unlock('ada', 'wrong')])).toEqual(['locked']);
  }
  expect(kinds().filter((kind) => kind === 'operator.unlock-failed')).toHaveLength(7);
});

it('042 D5: a clock that is set back keeps no session open for longer', async () => {
  const { service, operators, clock } = await world();
  const people = service(operators);
  const session = people.openSession();
  await session.unlock('ada', PASSPHRASE);
  const real = clock.now;
  clock.now = () => real() - 3_600_000;
  await clock.advance(90_000);
  expect(session.me()).toBeNull();
  clock.now = real;
});

it('042 E2: a record that cannot be written keeps no session unlocked', async () => {
  const { service, operators, ledger } = await world();
  const people = service(operators);
  const sessions = [people.openSession(), people.openSession()];
  for (const session of sessions) await session.unlock('ada', PASSPHRASE);
  const { append } = ledger;
  ledger.append = () => {
    throw new Error('the disk is full');
  };
  people.lockAll('sleep');
  ledger.append = append;
  expect(sessions.map((session) => session.me())).toEqual([null, null]);
  expect(sessions.map((session) => [...session.rights()])).toEqual([['view'], ['view']]);
});

it('042 D5, E3: whom the roster has revoked is no second person for anything, and lets nobody else in', async () => {
  const { service, operators, disk, rings, config } = await world();
  const [ada, sam] = operators as [(typeof operators)[0], (typeof operators)[0]];
  const by = rings.get('ada');
  if (by === undefined) throw new Error('no keys');
  const steps = [
    { operators: [ada, sam], by },
    { operators: [ada], by },
  ];
  disk.roster = rosterFileText(rosterChain(steps.slice(0, 1)));
  const people = service(operators);
  await expect(people.beside('sam', PASSPHRASE, () => 'opened')).resolves.toBe('opened');
  disk.roster = rosterFileText(rosterChain(steps));
  people.use(config(operators));
  await expect(people.beside('sam', PASSPHRASE, () => 'opened')).rejects.toMatchObject({ code: 'forbidden' });
  const session = people.openSession();
  await session.unlock('sam', PASSPHRASE);
  expect([...session.rights()]).toEqual(['view']);
  await expect(people.enrol('mallory', PASSPHRASE, session)).rejects.toMatchObject({ code: 'forbidden' });
});
