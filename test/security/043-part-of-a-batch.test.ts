import { afterEach, beforeEach, expect, it } from 'vitest';
import { createBatchService } from '../../electron/services/batches/batch-service.ts';
import { testDevice, testPerson, testRoster } from '../support/people.ts';
import { type Desk, ENVIRONMENTS, hashOf, NEVER, Office } from '../unit/approvals/office.ts';

const signers = [testDevice()] as const;
const alex = testPerson('alex', signers[0]);
const sam = testPerson('sam', signers[0]);

let office: Office;
let here: Desk;

beforeEach(() => {
  office = new Office(
    signers,
    testRoster([
      [alex, ['responder']],
      [sam, ['approver']],
    ]),
  );
  here = office.desks[0] as Desk;
});
afterEach(() => office.stop());

function batches() {
  return createBatchService({
    changes: here.changes,
    flags: here.flags,
    ledger: here.ledger,
    config: office.config,
    environments: ENVIRONMENTS.map((name) => ({ name, tone: 'neutral', propagationObjectiveMs: 30_000 })),
    clock: office.clock,
    ids: { next: () => `batch-${office.clock.now()}` },
    log: { info() {}, warn() {}, error() {} },
    hash: hashOf,
  });
}

async function approved(service: ReturnType<typeof batches>) {
  const flags = ['a', 'b', 'c'].map((key) => ({ connection: 'local', key }));
  const preview = await service.preview('production', { by: 'flags', flags }, NEVER);
  const batch = service.propose(preview.hash, 'all of it', alex);
  const { request } = here.approvals.request({ kind: 'batch', hash: batch.hash }, alex);
  here.approvals.decide(request.hash, 'approve', '', sam);
  return batch;
}

it('043 D1: what was approved as a whole is begun as a whole: no change of it runs alone', async () => {
  const service = batches();
  const batch = await approved(service);
  await expect(here.changes.execute(batch.changes[1] ?? '', NEVER, alex)).rejects.toThrow(/approved as a whole/);
  expect(office.system.applied).toEqual([]);
  await service.execute(batch.hash, NEVER, alex);
  expect(office.system.applied).toEqual(['production/a', 'production/b', 'production/c']);
  service.dispose();
});

it('043 D1, B2: one that a crash cut short goes on change by change, each once, and never as a whole again', async () => {
  let service = batches();
  const batch = await approved(service);
  office.system.hooks.after = async () => {
    if (office.system.applied.length === 1) here.crash();
  };
  await service.execute(batch.hash, NEVER, alex).catch(() => undefined);
  service.dispose();
  service = batches();
  await here.changes.reconcile(NEVER);
  const before = office.system.applied.length;
  await service.execute(batch.hash, NEVER, alex);
  expect(office.system.applied).toHaveLength(before);
  for (const change of batch.changes) await here.changes.execute(change, NEVER, alex);
  for (const change of batch.changes) await here.changes.execute(change, NEVER, alex);
  expect(office.system.applied.toSorted()).toEqual(['production/a', 'production/b', 'production/c']);
  service.dispose();
});

it('043 D1, D5: an approver who is revoked while a bulk kill runs has approved nothing of what is left', async () => {
  const service = batches();
  const batch = await approved(service);
  const real = office.clock.now;
  office.system.hooks.after = async () => {
    office.revoke('sam');
    office.clock.now = () => real() + 5_000;
  };
  const { items } = await service.execute(batch.hash, NEVER, alex);
  office.clock.now = real;
  expect(office.system.applied).toEqual(['production/a']);
  expect(items.map(({ stage }) => stage)).toEqual(['accepted', 'refused', 'refused']);
  service.dispose();
});
