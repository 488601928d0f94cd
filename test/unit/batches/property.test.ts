import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BatchItem } from '../../../shared/model/batch.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { NEVER } from '../changes/world.ts';
import { ENV, type Fate, FakeSystem, makeBatchWorld } from './world.ts';

const LIMIT = new ScramError('rate-limited', 'too many requests', { retryAfterMs: 1_000 });
const FATES = {
  done: 'done',
  lost: 'lost',
  unsent: 'unsent',
  refused: new ScramError('refused', 'no'),
  approval: new ScramError('approval-required', 'ask there'),
  conflict: new ScramError('conflict', 'moved'),
  credential: new ScramError('credential', 'no right'),
  limit: LIMIT,
} as const satisfies Record<string, Fate>;

/** What happens to one flag: at its first write, at each later one, and between the preview and the execution. */
const flagArbitrary = fc.record({
  system: fc.constantFrom(0, 1),
  first: fc.constantFrom(...(Object.keys(FATES) as (keyof typeof FATES)[])),
  moved: fc.constantFrom('no', 'no', 'no', 'moved', 'gone'),
});

const RESULTS: ReadonlySet<BatchItem['stage']> = new Set([
  'accepted',
  'served',
  'observed',
  'refused',
  'approval-required',
  'conflict',
  'failed',
]);

async function setUp(
  flags: readonly { system: number; first: keyof typeof FATES; moved: string }[],
  bulk: number | null,
) {
  const systems = ['eu', 'us'].map((id) => new FakeSystem(id, {}));
  const refs = flags.map(({ system }, index) => {
    const one = systems[system]!;
    const key = `flag-${index}`;
    one.shares.set(key, 20);
    return { connection: one.id, key, one, plan: flags[index]! };
  });
  for (const system of systems) {
    system.fate = (key, attempt) => {
      const { first } = flags[Number(key.slice('flag-'.length))]!;
      return first !== 'limit' || attempt === 1 ? FATES[first] : 'done';
    };
  }
  const world = await makeBatchWorld({ systems, bulk });
  const target = { by: 'flags' as const, flags: refs.map(({ connection, key }) => ({ connection, key })) };
  const preview = await world.batches.preview(ENV, target, NEVER);
  const batch = world.batches.propose(preview.hash, 'INC-1');
  for (const { one, key, plan } of refs) {
    if (plan.moved === 'moved') one.shares.set(key, 70);
    if (plan.moved === 'gone') one.shares.delete(key);
  }
  return { ...world, systems, refs, batch };
}

/** What the flag system holds, and what the item says of it. */
function expectTruth(items: readonly BatchItem[], { refs }: Awaited<ReturnType<typeof setUp>>): void {
  expect(items.map(({ connection, flag }) => [connection, flag])).toEqual(
    refs.map(({ connection, key }) => [connection, key]),
  );
  for (const [index, item] of items.entries()) {
    const { one, key, plan } = refs[index]!;
    const killed = one.shares.get(key) === 0;
    expect([item.flag, item.acceptedAtMs !== null], `${plan.first}, ${plan.moved}`).toEqual([key, killed]);
    if (item.acceptedAtMs === null && item.stage !== 'proposed') expect(item.problem, item.flag).toBeTruthy();
  }
}

const runs = { numRuns: 150 };

describe('a bulk kill under random failures', () => {
  const batches = fc.record({
    flags: fc.array(flagArbitrary, { minLength: 1, maxLength: 12 }),
    bulk: fc.constantFrom(null, 2, 5, 100),
  });

  it('B4: gives every flag exactly one truthful result, loses none, writes none twice, and keeps the order', async () => {
    await fc.assert(
      fc.asyncProperty(batches, async ({ flags, bulk }) => {
        const world = await setUp(flags, bulk);
        const running = world.batches.execute(world.batch.hash, NEVER);
        await world.clock.advance(30_000);
        const { items, state } = await running;
        expect(state).toBe('done');
        for (const { stage, flag } of items) expect(RESULTS.has(stage), `${flag} ${stage}`).toBe(true);
        expectTruth(items, world);
        const results = world.entries('change.result').map(({ hash }) => hash);
        expect([...results].sort()).toEqual([...world.batch.changes].sort());
        for (const system of world.systems) expect(new Set(system.written).size).toBe(system.written.length);
        const intents = world.entries('change.intent').map(({ hash }) => world.batch.changes.indexOf(hash));
        expect(intents).toEqual([...intents].sort((a, b) => a - b));
        expect(world.ledger.verify().verified).toBe('verified');
        world.changes.dispose();
      }),
      runs,
    );
  });

  it('D6: after a crash at any write, each flag tells the truth once it is reconciled, and nothing is repeated', async () => {
    await fc.assert(
      fc.asyncProperty(batches, fc.nat({ max: 12 }), async ({ flags, bulk }, crashAt) => {
        const world = await setUp(flags, bulk);
        let writes = 0;
        const crashed = Promise.withResolvers<void>();
        for (const system of world.systems) {
          // Before the write or in the middle of a bulk one: the process is gone, and its ledger takes no more.
          const write = system.write.bind(system);
          system.write = (request) => {
            writes += 1;
            if (writes === crashAt + 1) {
              world.store.append = () => {
                throw new Error('the process is gone');
              };
              crashed.resolve();
            }
            return write(request);
          };
        }
        const { append } = world.store;
        const running = world.batches.execute(world.batch.hash, NEVER).catch(() => null);
        await world.clock.advance(30_000);
        await running;
        world.batches.dispose();
        world.changes.dispose();
        world.store.append = append;
        const before = world.systems.flatMap(({ written }) => written);
        const next = world.reopen();
        await next.changes.reconcile(NEVER);
        const progress = next.batches.progress(world.batch.hash)!;
        expectTruth(progress.items, world);
        for (const { stage, flag } of progress.items) expect(stage, flag).not.toBe('requested');
        expect((await next.batches.execute(world.batch.hash, NEVER)).items).toEqual(progress.items);
        expect(world.systems.flatMap(({ written }) => written)).toEqual(before);
        expect(world.ledger.verify().verified).toBe('verified');
        next.close();
      }),
      runs,
    );
  });
});
