import { afterEach, beforeEach, expect, it } from 'vitest';
import type { EntryData } from '../../shared/model/entry.ts';
import { testDevice, testPerson, testRoster } from '../support/people.ts';
import { type Desk, NEVER, Office } from '../unit/approvals/office.ts';

// A member whose console is malicious writes into its own chain what it likes, and every other console takes it over.
const signers = [testDevice(), testDevice()] as const;
const alex = testPerson('alex', signers[0]);
const sam = testPerson('sam', signers[1]);
const robin = testPerson('robin', signers[1]);
const PEOPLE = [
  [alex, ['responder']],
  [sam, ['responder']],
  [robin, ['viewer']],
] as const;
const POLICY = { production: { kill: { people: 1 }, restore: { people: 1 } } };

let office: Office;
let here: Desk;
let there: Desk;

beforeEach(() => {
  office = new Office(signers, testRoster(PEOPLE), POLICY);
  [here, there] = office.desks as [Desk, Desk];
});
afterEach(() => office.stop());

/** A change that gives the feature to more users, which an incident holds. */
async function raise(): Promise<string> {
  const request = {
    action: 'rollout',
    connection: 'local',
    flag: 'a',
    environment: 'production',
    percentage: 50,
  } as const;
  return here.changes.propose((await here.changes.preview(request, NEVER)).hash, 'trust me', alex).hash;
}

const incident = () => {
  const found = here.incidents.list()[0];
  if (found === undefined) throw new Error('no incident');
  return found;
};

it('040 D9, D5: nobody without the right to act lifts the freeze, or brings one, by what their console writes', async () => {
  const { id } = here.incidents.open({ title: 'checkout burns', services: [], environments: ['production'] }, alex);
  const hash = await raise();
  const subject = { kind: 'change', hash } as const;
  there.takeFrom(here);
  const forged: EntryData[] = [
    { kind: 'freeze.overridden', incident: id, subject, reason: 'because' },
    { kind: 'incident.closed', id, note: 'all is well' },
    { kind: 'incident.opened', incident: { ...incident(), closedAtMs: 1, closedBy: 'sam' } },
    { kind: 'incident.opened', incident: { ...incident(), id: 'another', title: 'a freeze of my own' } },
  ];
  for (const data of forged) for (const by of [null, robin]) there.ledger.append(data, by);
  here.takeFrom(there);
  expect(here.incidents.list()).toEqual([expect.objectContaining({ id, closedAtMs: null })]);
  await expect(here.changes.execute(hash, NEVER, alex)).rejects.toThrow(/checkout burns/);
  here.restart();
  await expect(here.changes.execute(hash, NEVER, alex)).rejects.toThrow(/checkout burns/);
  expect(office.system.applied).toEqual([]);
});

it('040 D9: an incident that is known is what it was opened as, whoever opens it again; a responder elsewhere may close it', async () => {
  const { id } = here.incidents.open({ title: 'checkout burns', services: [], environments: ['production'] }, alex);
  const hash = await raise();
  there.takeFrom(here);
  there.ledger.append({ kind: 'incident.opened', incident: { ...incident(), environments: ['staging'] } }, sam);
  here.takeFrom(there);
  await expect(here.changes.execute(hash, NEVER, alex)).rejects.toThrow(/checkout burns/);
  there.incidents.close(id, 'over', sam);
  here.takeFrom(there);
  expect(incident()).toMatchObject({ closedBy: 'sam' });
  await here.changes.execute(hash, NEVER, alex);
  expect(office.system.applied).toEqual(['production/a']);
});

it('040 D9, D5: whom the roster has revoked lifts no freeze; an incident that they closed before stays closed', async () => {
  const closed = here.incidents.open({ title: 'an old one', services: [], environments: ['production'] }, alex);
  there.takeFrom(here);
  there.incidents.close(closed.id, 'over', sam);
  here.takeFrom(there);
  await office.clock.advance(10 * 60_000);
  const { id } = here.incidents.open({ title: 'checkout burns', services: [], environments: ['production'] }, alex);
  const hash = await raise();
  there.takeFrom(here);
  office.revoke(sam.operator);
  await office.clock.advance(3 * 60_000);
  there.ledger.append({ kind: 'freeze.overridden', incident: id, subject: { kind: 'change', hash }, reason: 'x' }, sam);
  there.ledger.append({ kind: 'incident.closed', id, note: 'over' }, sam);
  here.takeFrom(there);
  here.restart();
  await expect(here.changes.execute(hash, NEVER, alex)).rejects.toThrow(/checkout burns/);
  expect(here.incidents.list().find((one) => one.id === closed.id)?.closedBy).toBe('sam');
});
