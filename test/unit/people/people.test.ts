import { expect, it } from 'vitest';
import { makePeople, PASSPHRASE, rosterChain, rosterFileText } from './people-world.ts';

it('D5: without operators everybody may do everything, and nobody can be asked to unlock', async () => {
  const world = await makePeople([]);
  const people = world.service([]);
  const session = people.openSession();
  expect([...session.rights()]).toEqual(['view', 'act', 'approve', 'administer']);
  expect(people.state(session)).toMatchObject({ enforced: false, me: null, unlockable: [] });
  expect(world.kinds()).toEqual(['device.created']);
});

it('D5: the first roster is signed by an admin whom scram.yaml names, and nobody else; then roles are in force', async () => {
  const world = await makePeople(['ada', 'sam']);
  const operators = [world.operator('ada', ['admin', 'responder']), world.operator('sam', ['responder'])];
  const people = world.service(operators);
  const [ada, sam] = [people.openSession(), people.openSession()];
  expect([...ada.rights()]).toEqual(['view']);
  await sam.unlock('sam', PASSPHRASE);
  // Before anybody has signed, nobody may act: a list that anybody could have written gives no rights.
  expect([...sam.rights()]).toEqual(['view']);
  await ada.unlock('ada', PASSPHRASE);
  expect([...ada.rights()]).toEqual(['view', 'administer']);
  await expect(people.signRoster(ada)).resolves.toEqual({ version: 1, file: '/team/roster.json' });
  expect([...ada.rights()].sort()).toEqual(['act', 'administer', 'view']);
  expect([...sam.rights()].sort()).toEqual(['act', 'view']);
  expect(world.kinds().filter((kind) => kind.startsWith('roster'))).toEqual(['roster.pinned', 'roster.accepted']);
  await expect(people.signRoster(ada)).rejects.toThrow(/are those of version 1 already/);
});

it('D5: a person or key that is added to scram.yaml alone is told as unsigned, and may do nothing until it is signed', async () => {
  const world = await makePeople(['ada', 'sam']);
  const ada = world.operator('ada', ['admin']);
  const people = world.service([ada]);
  const session = people.openSession();
  await session.unlock('ada', PASSPHRASE);
  await people.signRoster(session);
  people.use(world.config([ada, world.operator('sam', ['responder'])]));
  expect(people.state(session).roster.unsigned).toEqual(['sam (sam) is new: responder']);
  const other = people.openSession();
  await other.unlock('sam', PASSPHRASE);
  expect([...other.rights()]).toEqual(['view']);
  await people.signRoster(session);
  expect([...other.rights()].sort()).toEqual(['act', 'view']);
  expect(people.state(session).roster).toMatchObject({ version: 2, unsigned: [], problem: null });
});

it('D5: a revoked key locks its session at once, and its owner may do nothing any more', async () => {
  const world = await makePeople(['ada', 'sam']);
  const [ada, sam] = [world.operator('ada', ['admin']), world.operator('sam', ['responder'])];
  const people = world.service([ada, sam]);
  const [first, second] = [people.openSession(), people.openSession()];
  await first.unlock('ada', PASSPHRASE);
  await people.signRoster(first);
  await second.unlock('sam', PASSPHRASE);
  people.use(world.config([ada, { ...sam, publicKeys: [] }]));
  await people.signRoster(first);
  expect(second.me()).toBeNull();
  expect(world.ledger.page({ limit: 5 }).map(({ body }) => body.data)).toContainEqual({
    kind: 'operator.locked',
    operator: 'sam',
    why: 'revoked',
  });
  await second.unlock('sam', PASSPHRASE);
  expect([...second.rights()]).toEqual(['view']);
});

it('D5: what is signed is what was shown: scram.yaml that changed in between is a conflict', async () => {
  const world = await makePeople(['ada']);
  const ada = world.operator('ada', ['admin']);
  const people = world.service([ada]);
  const session = people.openSession();
  await session.unlock('ada', PASSPHRASE);
  const { proposal } = people.state(session).roster;
  people.use(world.config([ada, { id: 'eve', name: 'Eve', roles: ['admin'], publicKeys: [] }]));
  await expect(people.signRoster(session, proposal)).rejects.toMatchObject({ code: 'conflict' });
  expect(world.disk.roster).toBeNull();
  await people.signRoster(session, people.state(session).roster.proposal);
  expect(people.roster().version).toBe(1);
});

it('D5: a roster that would leave nobody to sign the next one is not signed', async () => {
  const world = await makePeople(['ada']);
  const people = world.service([world.operator('ada', ['admin'])]);
  const session = people.openSession();
  await session.unlock('ada', PASSPHRASE);
  await people.signRoster(session);
  people.use(world.config([world.operator('ada', ['responder'])]));
  await expect(people.signRoster(session)).rejects.toThrow(/nobody could ever sign again/);
});

it('E2: wrong passphrases are counted over sessions and restarts, slowed, and lose nothing', async () => {
  const world = await makePeople(['ada']);
  const operators = [world.operator('ada', ['admin'])];
  const people = world.service(operators);
  for (let wrong = 0; wrong < 5; wrong += 1) {
    await expect(people.openSession().unlock('ada', 'wrong')).rejects.toMatchObject({ code: 'locked' });
  }
  await expect(people.openSession().unlock('ada', PASSPHRASE)).rejects.toMatchObject({ code: 'rate-limited' });
  people.dispose();
  const again = world.service(operators);
  const session = again.openSession();
  expect(again.state(session).retryAtMs).toBe(world.clock.now() + 1_000);
  await expect(again.beside('ada', PASSPHRASE, () => true)).rejects.toMatchObject({ code: 'rate-limited' });
  await world.clock.advance(1_000);
  await session.unlock('ada', PASSPHRASE);
  expect(session.me()?.operator).toBe('ada');
  expect(world.kinds().filter((kind) => kind === 'operator.unlock-failed')).toHaveLength(5);
});

it('D5: an unlocked console locks itself after its time without use, and when the machine slept', async () => {
  const world = await makePeople(['ada'], 60_000);
  const people = world.service([world.operator('ada', ['admin'])]);
  const session = people.openSession();
  await session.unlock('ada', PASSPHRASE);
  await world.clock.advance(50_000);
  session.touch();
  await world.clock.advance(50_000);
  expect(session.me()).not.toBeNull();
  await world.clock.advance(20_000);
  expect(session.me()).toBeNull();
  await session.unlock('ada', PASSPHRASE);
  const actor = session.actor();
  session.touch();
  world.clock.jump(61_000);
  session.touch();
  await world.clock.advance(10_000);
  expect(session.me()).toBeNull();
  expect(() => actor?.sign('anything')).toThrow(/locked meanwhile/);
  const why = [...world.ledger.all()].flatMap(({ body: { data } }) =>
    data.kind === 'operator.locked' ? [data.why] : [],
  );
  expect(why).toEqual(['idle', 'sleep']);
});

it('D4: a second person beside the first signs one act; the first stays, and nothing of the second does', async () => {
  const world = await makePeople(['ada', 'sam']);
  const people = world.service([world.operator('ada', ['admin']), world.operator('sam', ['approver'])]);
  const session = people.openSession();
  await session.unlock('ada', PASSPHRASE);
  for (const ring of world.rings.values()) ring.dispose();
  let kept: { sign(text: string): string } | null = null;
  const who = await people.beside('sam', PASSPHRASE, (second) => {
    kept = second;
    second.sign('x');
    return second.person.operator;
  });
  expect(who).toBe('sam');
  expect(session.me()?.operator).toBe('ada');
  expect(() => kept?.sign('x')).toThrow();
});

it('D5: another person of the desk can be let in, nobody from outside', async () => {
  const world = await makePeople(['ada']);
  const people = world.service([world.operator('ada', ['admin'])]);
  const stranger = people.openSession();
  await expect(people.enrol('eve', 'long enough words', stranger)).rejects.toMatchObject({ code: 'locked' });
  const session = people.openSession();
  await session.unlock('ada', PASSPHRASE);
  await expect(people.enrol('sam', 'short', session)).rejects.toThrow(/at least 10 characters/);
  const { publicKey } = await people.enrol('sam', 'long enough words', session);
  expect(publicKey).toMatch(/^scram1:/);
  await people.changePassphrase('sam', 'long enough words', 'other words entirely');
  await expect(stranger.unlock('sam', 'long enough words')).rejects.toMatchObject({ code: 'locked' });
  await stranger.unlock('sam', 'other words entirely');
  expect(stranger.me()?.operator).toBe('sam');
});

it('D5: an admin takes the key of somebody else off this console, who may then make a new one', async () => {
  const world = await makePeople(['ada', 'sam']);
  const people = world.service([world.operator('ada', ['admin']), world.operator('sam', ['responder'])]);
  const [ada, sam] = [people.openSession(), people.openSession()];
  await ada.unlock('ada', PASSPHRASE);
  await sam.unlock('sam', PASSPHRASE);
  await expect(people.removeKey('ada', ada)).rejects.toThrow(/their own key/);
  await people.removeKey('sam', ada);
  expect(sam.me()).toBeNull();
  await expect(sam.unlock('sam', PASSPHRASE)).rejects.toMatchObject({ code: 'locked' });
  const { publicKey } = await people.enrol('sam', 'a new one altogether', ada);
  expect(world.keysOf('sam')).toEqual([publicKey]);
  expect(world.ledger.page({ limit: 9 }).map(({ body }) => body.data.kind)).toContain('operator.removed');
});

it('D8: a roster that another console accepted is in force here without its file', async () => {
  const world = await makePeople(['ada', 'sam']);
  const [ada, sam] = [world.operator('ada', ['admin']), world.operator('sam', ['responder'])];
  const by = world.rings.get('ada');
  if (!by) throw new Error('no ada');
  const [one, two] = rosterChain([
    { operators: [ada, sam], by },
    { operators: [ada], by },
  ]);
  if (!one || !two) throw new Error('no rosters');
  world.disk.roster = rosterFileText([one]);
  const elsewhere = await makePeople([]);
  const people = world.service([ada, sam]);
  expect(people.roster().version).toBe(1);
  elsewhere.ledger.append({ kind: 'roster.accepted', roster: two, hash: '0'.repeat(64) });
  const trust = { knowsDevice: () => true, signedBy: () => true };
  world.ledger.receive(elsewhere.ledger.rowsAfter(elsewhere.ledger.device, 0, 10), trust);
  expect(people.roster().version).toBe(2);
  expect(people.roster().operator('sam')).toBeNull();
});
