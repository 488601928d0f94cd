import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Change } from '../../shared/model/change.ts';
import { testDevice, testPerson, testRoster } from '../support/people.ts';
import { type Desk, hashOf, NEVER, Office, POLICY } from '../unit/approvals/office.ts';

const signers = [testDevice(), testDevice(), testDevice()] as const;
const alex = testPerson('alex', signers[0]);
const mallory = testPerson('mallory', signers[1]);
const sam = testPerson('sam', signers[2]);
const PEOPLE = [
  [alex, ['responder']],
  [mallory, ['responder']],
  [sam, ['approver']],
] as const;

let office: Office;
let [here, evil, third]: Desk[] = [];

beforeEach(() => {
  office = new Office(signers, testRoster(PEOPLE));
  [here, evil, third] = office.desks;
});
afterEach(() => office.stop());

it('045 D8: what a console writes under the name of another’s change or bulk kill hides neither from a third', async () => {
  const hash = await here!.propose('a', alex);
  const real = here!.changes.record(hash)?.change as Change;
  const body = { id: 'b', name: '1 flag', environment: 'production', changes: [hash], rationale: 'p99 tripled' };
  const batch = { ...body, hash: hashOf(body), proposedAtMs: office.clock.now() };
  here!.ledger.append({ kind: 'batch.proposed', batch }, alex);
  const payload = { ...real.payload, flag: 'nothing to see', device: evil!.device };
  evil!.ledger.append({ kind: 'change.proposed', change: { ...real, payload } }, mallory);
  evil!.ledger.append({ kind: 'batch.proposed', batch: { ...batch, name: 'nothing to see' } }, mallory);
  third!.takeFrom(evil!);
  third!.takeFrom(here!);
  expect(third!.changes.record(hash)?.change.payload.flag).toBe('a');
  expect(third!.changes.batches.get(batch.hash)).toMatchObject({ device: here!.device, batch: { name: '1 flag' } });
  third!.restart();
  expect(third!.changes.record(hash)?.change.payload.flag).toBe('a');
});

it('045 D1, D2: policy that asks for less after the fact lets nothing through that was previewed under the stricter one', async () => {
  const change = await here!.propose('a', alex);
  const request = here!.request(change, alex);
  office.setPolicy({ production: { kill: { people: 1, roles: ['release-manager', 'responder'] } } });
  here!.restart();
  await expect(here!.changes.execute(change, NEVER, alex)).rejects.toMatchObject({ code: 'approval-required' });
  here!.takeFrom(third!);
  third!.takeFrom(here!);
  third!.approvals.decide(request, 'approve', '', sam);
  here!.takeFrom(third!);
  // Stricter since: both count.
  office.setPolicy({ production: { kill: { people: 2, approvers: ['release-manager'] } } });
  here!.restart();
  await expect(here!.changes.execute(change, NEVER, alex)).rejects.toMatchObject({ code: 'approval-required' });
  office.setPolicy(POLICY);
  here!.restart();
  await here!.changes.execute(change, NEVER, alex);
  expect(office.system.applied).toEqual(['production/a']);
});

it('045 D1, D2: what was previewed under one person takes two once policy says so', async () => {
  office.setPolicy({});
  here!.restart();
  const change = await here!.propose('a', alex);
  office.setPolicy(POLICY);
  here!.restart();
  await expect(here!.changes.execute(change, NEVER, alex)).rejects.toMatchObject({ code: 'approval-required' });
  expect(office.system.applied).toEqual([]);
});

it('045 D1: a change that another console proposed, with a demand of its own making, is judged by our policy when it is approved', async () => {
  const hash = await evil!.propose('a', mallory);
  const request = evil!.approvals.item(evil!.request(hash, mallory))?.request;
  third!.takeFrom(evil!);
  office.setPolicy({ production: { kill: { people: 2, approvers: ['release-manager'] } } });
  third!.restart();
  expect(() => third!.approvals.decide(request?.hash ?? '', 'approve', '', sam)).toThrow(/no role that may approve/);
});
