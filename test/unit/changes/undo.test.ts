import { describe, expect, it } from 'vitest';
import { projectChanges } from '../../../electron/services/changes/projection.ts';
import type { ErrorCode } from '../../../shared/model/error.ts';
import { ENV, KEY, makeWorld, NEVER, START } from './world.ts';

const code = (wanted: ErrorCode) => expect.objectContaining({ code: wanted });

async function killed() {
  const world = makeWorld();
  const { hash } = await world.proposeKill();
  await world.changes.execute(hash, NEVER);
  await world.clock.advance(1_000);
  return { ...world, kill: hash };
}

describe('undo (B7)', () => {
  it('B7: puts back the exact earlier state through the same steps, and asks to type the name', async () => {
    const { changes, kill, world, proposeUndo } = await killed();
    const undo = await proposeUndo(kill);
    expect(undo.payload).toMatchObject({
      action: 'undo',
      undoes: kill,
      before: { revision: 'r0' },
      after: { revision: 'r20', percentage: 20, definition: { on: 20 } },
      demand: { people: 1, typed: true },
    });
    await changes.execute(undo.hash, NEVER);
    expect(world.percentage).toBe(20);
    expect(changes.progress(kill)?.undoneBy).toBe(undo.hash);
  });

  it('undoes an undo, which brings the kill back and asks no more than a kill', async () => {
    const { changes, kill, world, proposeUndo } = await killed();
    const undo = await proposeUndo(kill);
    await changes.execute(undo.hash, NEVER);
    const again = await proposeUndo(undo.hash);
    expect(again.payload).toMatchObject({ after: { killed: true, revision: 'r0' }, demand: { typed: false } });
    await changes.execute(again.hash, NEVER);
    expect(world.percentage).toBe(0);
    expect(changes.progress(undo.hash)?.undoneBy).toBe(again.hash);
  });

  it('is a conflict when someone has changed the flag since, at the look and at the execution', async () => {
    const first = await killed();
    first.world.percentage = 50;
    await expect(first.changes.preview({ action: 'undo', change: first.kill }, NEVER)).rejects.toThrow(
      code('conflict'),
    );

    const second = await killed();
    const undo = await second.proposeUndo(second.kill);
    second.world.percentage = 50;
    await expect(second.changes.execute(undo.hash, NEVER)).rejects.toThrow(code('conflict'));
    expect(second.world.percentage).toBe(50);
    expect(second.changes.progress(second.kill)?.undoneBy).toBeNull();
  });

  it('refuses what was undone already, and what was never made', async () => {
    const { changes, kill, proposeUndo, proposeKill } = await killed();
    const undo = await proposeUndo(kill);
    await changes.execute(undo.hash, NEVER);
    await expect(changes.preview({ action: 'undo', change: kill }, NEVER)).rejects.toThrow(/has been undone already/);
    const open = await proposeKill();
    await expect(changes.preview({ action: 'undo', change: open.hash }, NEVER)).rejects.toThrow(/was not made/);
    await expect(changes.preview({ action: 'undo', change: '0'.repeat(64) }, NEVER)).rejects.toThrow(code('not-found'));
  });

  it('works after a restart, from the ledger alone', async () => {
    const { changes, kill, restart, world } = await killed();
    changes.dispose();
    const next = restart();
    const { hash } = await next.preview({ action: 'undo', change: kill }, NEVER);
    await next.execute(next.propose(hash, '').hash, NEVER);
    expect(world.percentage).toBe(20);
  });
});

describe('history', () => {
  it('lists changes newest first, by environment and by flag', async () => {
    const { changes, kill, proposeUndo } = await killed();
    const undo = await proposeUndo(kill);
    const hashes = (filter: Parameters<typeof changes.recent>[0]) =>
      changes.recent(filter).map((progress) => progress.change.hash);
    expect(hashes({ environment: ENV })).toEqual([undo.hash, kill]);
    expect(hashes({ environment: 'staging' })).toEqual([]);
    expect(hashes({ flag: { connection: 'local', key: KEY } })).toEqual([undo.hash, kill]);
    expect(hashes({ flag: { connection: 'local', key: 'other' } })).toEqual([]);
  });

  it('D6: a projection rebuilt from the ledger is what the running service holds', async () => {
    const { changes, kill, proposeUndo, ledger, clock } = await killed();
    const undo = await proposeUndo(kill);
    await changes.execute(undo.hash, NEVER);
    await clock.advance(5_000);
    const rebuilt = projectChanges(ledger.all());
    expect([...rebuilt.keys()]).toEqual([kill, undo.hash]);
    for (const [hash, record] of rebuilt) {
      const now = changes.progress(hash);
      expect(now).toMatchObject({ stage: record.stage, undoneBy: record.undoneBy, problem: record.problem });
      expect(now?.propagation).toMatchObject({ acceptedAtMs: record.acceptedAtMs, servedAtMs: record.servedAtMs });
    }
    expect(rebuilt.get(kill)).toMatchObject({ stage: 'served', undoneBy: undo.hash });
  });

  it('ignores entries that make no sense after what came before', async () => {
    const { ledger, kill } = await killed();
    const before = projectChanges(ledger.all());
    ledger.append({ kind: 'change.result', hash: kill, outcome: 'not-applied', reconciled: true, detail: null });
    ledger.append({ kind: 'change.intent', hash: kill });
    ledger.append({ kind: 'change.served', hash: 'unknown' });
    ledger.append({ kind: 'breach.ended', sli: 'checkout/p99', value: 1 });
    expect(projectChanges(ledger.all())).toEqual(before);
  });
});

describe('reconcile after a crash (D6)', () => {
  async function crashed(percentage: number) {
    const world = makeWorld();
    const { hash } = await world.proposeKill();
    world.changes.dispose();
    world.ledger.append({ kind: 'change.intent', hash });
    world.world.percentage = percentage;
    await world.clock.advance(60_000);
    const next = world.restart();
    expect(next.progress(hash)?.stage).toBe('requested');
    await next.reconcile(NEVER);
    await next.reconcile(NEVER);
    return { ...world, next, hash };
  }

  it('the state after: accepted, and watched from then on', async () => {
    const { next, hash, entries, clock, world } = await crashed(0);
    await clock.advance(2_000);
    expect(entries('change.result')).toMatchObject([{ outcome: 'accepted', reconciled: true }]);
    expect(next.progress(hash)).toMatchObject({ stage: 'served', propagation: { acceptedAtMs: START + 60_000 } });
    expect(world.applied).toBe(0);
  });

  it('the state before: not applied, and not repeated', async () => {
    const { next, hash, entries, world } = await crashed(20);
    expect(entries('change.result')).toMatchObject([{ outcome: 'not-applied', reconciled: true }]);
    expect(next.progress(hash)?.stage).toBe('failed');
    expect((await next.execute(hash, NEVER)).stage).toBe('failed');
    expect(world.applied).toBe(0);
  });

  it('neither: a conflict', async () => {
    const { entries, world } = await crashed(70);
    expect(entries('change.result')).toMatchObject([{ outcome: 'conflict', reconciled: true }]);
    expect(world.percentage).toBe(70);
  });
});
