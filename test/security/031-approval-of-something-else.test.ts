import { afterEach, beforeEach, expect, it } from 'vitest';
import { type TestPerson, testDevice, testPerson, testRoster } from '../support/people.ts';
import { type Desk, hashOf, NEVER, Office } from '../unit/approvals/office.ts';

const signers = [testDevice(), testDevice()] as const;
const alex = testPerson('alex', signers[0]);
const kim = testPerson('kim', signers[1]);
const sam = testPerson('sam', signers[1]);

let office: Office;
let here: Desk;
let there: Desk;

beforeEach(() => {
  const roster = testRoster([
    [alex, ['responder']],
    [kim, ['responder']],
    [sam, ['approver']],
  ]);
  office = new Office(signers, roster);
  [here, there] = office.desks as [Desk, Desk];
});
afterEach(() => office.stop());

async function approved(flag: string, by: TestPerson = alex, environment = 'production'): Promise<string> {
  const change = await here.propose(flag, by, environment);
  const request = here.request(change, by);
  here.approvals.decide(request, 'approve', '', sam);
  return change;
}

it('031 D1: an approval is used once: replayed after the change was undone by hand, it does nothing', async () => {
  const change = await approved('a');
  await here.changes.execute(change, NEVER, alex);
  expect(office.system.applied).toEqual(['production/a']);
  office.system.move('production', 'a', 20);
  // The same hash again gives what it gave; the same change proposed anew is another change, which nobody approved.
  await here.changes.execute(change, NEVER, alex);
  here.restart();
  await here.changes.execute(change, NEVER, alex);
  const again = await here.propose('a', alex);
  expect(again).not.toBe(change);
  await expect(here.changes.execute(again, NEVER, alex)).rejects.toMatchObject({ code: 'approval-required' });
  expect(office.system.applied).toEqual(['production/a']);
});

it('031 D1: the decision of one request, signed and whole, does not open another', async () => {
  const approvedOne = await approved('a');
  const other = await here.propose('b', alex);
  const request = here.request(other, alex);
  const decision = [...here.ledger.all()].flatMap(({ body: { data } }) =>
    data.kind === 'approval.decided' ? [data.decision] : [],
  )[0];
  if (!decision) throw new Error('no decision');
  here.ledger.append({ kind: 'approval.decided', decision }, sam);
  const altered = { ...decision, body: { ...decision.body, request } };
  here.ledger.append({ kind: 'approval.decided', decision: altered }, sam);
  await expect(here.changes.execute(other, NEVER, alex)).rejects.toMatchObject({ code: 'approval-required' });
  expect(here.approvals.item(request)?.state).toBe('waiting');
  await here.changes.execute(approvedOne, NEVER, alex);
  expect(office.system.applied).toEqual(['production/a']);
});

it('031 D11: edited after the approval: the rationale alone makes it another change, and the old one is dead', async () => {
  const change = await approved('a');
  const preview = await here.changes.preview(
    { action: 'kill', connection: 'local', flag: 'a', environment: 'production' },
    NEVER,
  );
  const edited = here.changes.propose(preview.hash, 'another reason', alex).hash;
  for (const hash of [edited, change]) {
    await expect(here.changes.execute(hash, NEVER, alex)).rejects.toMatchObject({ code: 'approval-required' });
  }
  expect(office.system.applied).toEqual([]);
});

it('031 D11: approved for staging, it opens nothing in production', async () => {
  const staging = await approved('a', alex, 'staging');
  const production = await here.propose('a', alex, 'production');
  await expect(here.changes.execute(production, NEVER, alex)).rejects.toMatchObject({ code: 'approval-required' });
  await here.changes.execute(staging, NEVER, alex);
  expect(office.system.applied).toEqual(['staging/a']);
});

it('031 D11: the state moved since: conflict, nothing written, and the approval is gone with it', async () => {
  const change = await approved('a');
  office.system.move('production', 'a', 50);
  await expect(here.changes.execute(change, NEVER, alex)).rejects.toMatchObject({ code: 'conflict' });
  office.system.move('production', 'a', 20);
  await here.changes.execute(change, NEVER, alex);
  expect(here.changes.progress(change)?.stage).toBe('conflict');
  expect(office.system.applied).toEqual([]);
});

it('031 D11: a move that the console sees ends the request at once, and a move back does not bring it to life', async () => {
  const change = await approved('a');
  const marker = {
    id: 'm1',
    kind: 'flag' as const,
    atMs: office.clock.now(),
    approximate: false,
    environment: 'production',
    connection: 'local',
    subject: 'a',
    services: [],
    fromPercentage: 20,
    toPercentage: 50,
    ours: false,
    by: null,
  };
  here.ledger.append({ kind: 'flag.seen-changed', marker, revision: 'r50' });
  here.ledger.append({ kind: 'flag.seen-changed', marker: { ...marker, id: 'm2' }, revision: 'r20' });
  await expect(here.changes.execute(change, NEVER, alex)).rejects.toThrow(/has changed since it was asked for/);
  expect(office.system.applied).toEqual([]);
});

it('031 D1: a bulk kill that another console forges under an approved name opens none of its changes', async () => {
  const proposed = await Promise.all(['a', 'b'].map((flag) => here.propose(flag, alex)));
  const evil = await here.propose('c', alex);
  const body = { id: 'b1', name: '2 flags', environment: 'production', changes: proposed, rationale: 'p99 tripled' };
  const batch = { ...body, hash: hashOf(body), proposedAtMs: office.clock.now() };
  here.ledger.append({ kind: 'batch.proposed', batch }, alex);
  const { request } = here.approvals.request({ kind: 'batch', hash: batch.hash }, alex);
  here.approvals.decide(request.hash, 'approve', '', sam);
  there.ledger.append({ kind: 'batch.proposed', batch: { ...batch, changes: [...proposed, evil] } }, kim);
  here.takeFrom(there);
  here.ledger.append({ kind: 'batch.began', hash: batch.hash }, alex);
  await expect(here.changes.execute(evil, NEVER, alex)).rejects.toMatchObject({ code: 'approval-required' });
  await here.changes.execute(proposed[0] ?? '', NEVER, alex);
  expect(office.system.applied).toEqual(['production/a']);
});

it('031 D1: bound to a device: the other console, with the whole record, executes neither it nor a copy', async () => {
  const change = await approved('a');
  there.takeFrom(here);
  await expect(there.changes.execute(change, NEVER, kim)).rejects.toThrow(/executed there alone/);
  const results = await Promise.allSettled([
    here.changes.execute(change, NEVER, alex),
    there.changes.execute(change, NEVER, kim),
    here.changes.execute(change, NEVER, alex),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(office.system.applied).toEqual(['production/a']);
});
