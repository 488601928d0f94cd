import { expect, it } from 'vitest';
import type { Keyring } from '../../electron/services/vault/api.ts';
import { makePeople, PASSPHRASE, rosterChain, rosterFileText } from '../unit/people/people-world.ts';

async function setUp() {
  const world = await makePeople(['ada', 'eve', 'mal']);
  const [ada, eve, mal] = ['ada', 'eve', 'mal'].map((id) => world.rings.get(id)) as [Keyring, Keyring, Keyring];
  const operators = {
    ada: world.operator('ada', ['admin', 'release-manager']),
    eve: world.operator('eve', ['approver']),
    mal: world.operator('mal', ['responder']),
  };
  return { world, ada, eve, mal, operators };
}

it('033 D5: an older roster, put back to bring a revoked key back, is refused; the newest stays in force', async () => {
  const { world, ada, operators } = await setUp();
  const chain = rosterChain([
    { operators: [operators.ada, operators.eve], by: ada },
    { operators: [operators.ada], by: ada },
  ]);
  world.disk.roster = rosterFileText(chain);
  const people = world.service([operators.ada]);
  expect(people.roster().version).toBe(2);
  world.disk.roster = rosterFileText(chain.slice(0, 1));
  people.use(world.config([operators.ada, operators.eve]));
  const session = people.openSession();
  expect(people.state(session).roster).toMatchObject({
    version: 2,
    problem: expect.stringMatching(/accepted version 2/),
  });
  await session.unlock('eve', PASSPHRASE);
  expect([...session.rights()]).toEqual(['view']);
  // Nor with the file gone, nor after a restart, nor with the operators taken out of scram.yaml.
  world.disk.roster = null;
  people.dispose();
  const again = world.service([]);
  expect(again.roster()).toMatchObject({ enforced: true, version: 2 });
  expect(again.roster().operator('eve')).toBeNull();
  expect([...again.openSession().rights()]).toEqual(['view']);
});

it('033 D5: another past with a newer version, signed by another root, is refused and told once', async () => {
  const { world, ada, mal, operators } = await setUp();
  world.disk.roster = rosterFileText(rosterChain([{ operators: [operators.ada], by: ada }]));
  const people = world.service([operators.ada]);
  const usurped = { ...operators.mal, roles: ['admin' as const] };
  world.disk.roster = rosterFileText(
    rosterChain([
      { operators: [usurped], by: mal },
      { operators: [usurped, operators.ada], by: mal },
    ]),
  );
  people.use(world.config([usurped]));
  people.use(world.config([usurped]));
  expect(people.roster().version).toBe(1);
  expect(people.roster().operator('mal')).toBeNull();
  expect(world.kinds().filter((kind) => kind === 'roster.refused')).toHaveLength(1);
});

it('033 D5: nobody signs themself in: not a responder, not an admin of the new version alone, not with another key', async () => {
  const { world, ada, mal, operators } = await setUp();
  const first = { operators: [operators.ada, operators.mal], by: ada };
  const asAdmin = { ...operators.mal, roles: ['admin' as const] };
  const forged = rosterChain([first, { operators: [operators.ada, asAdmin], by: mal }]);
  world.disk.roster = rosterFileText(forged);
  const people = world.service([operators.ada]);
  expect(people.roster().version).toBe(1);
  expect(people.roster().operator('mal')?.roles).toEqual(['responder']);
  const inHerName = rosterChain([
    first,
    {
      operators: [operators.ada, asAdmin],
      by: { person: ada.person, sign: (text) => mal.sign(text) },
    },
  ]);
  world.disk.roster = rosterFileText(inHerName);
  people.use(world.config([operators.ada]));
  expect(people.roster().version).toBe(1);
  const bent = rosterChain([first]).map((version) => ({ ...version, body: { ...version.body, operators: [asAdmin] } }));
  world.disk.roster = rosterFileText(bent as never);
  people.use(world.config([operators.ada]));
  expect(people.roster().operator('mal')?.roles).toEqual(['responder']);
});

it('033 C1: a roster.json that is broken is told, and the roster that was accepted stays in force', async () => {
  const { world, ada, operators } = await setUp();
  world.disk.roster = rosterFileText(rosterChain([{ operators: [operators.ada], by: ada }]));
  const people = world.service([operators.ada]);
  for (const text of ['{', '{"versions":[]}', '{"versions":[{"body":1}]}']) {
    world.disk.roster = text;
    people.use(world.config([operators.ada]));
    const session = people.openSession();
    expect(people.state(session).roster).toMatchObject({ version: 1, problem: expect.stringMatching(/^roster\.json/) });
  }
});
