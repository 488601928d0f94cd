import { describe, expect, it } from 'vitest';
import type { BatchProgress, BatchTarget } from '../../../shared/model/batch.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { NEVER } from '../changes/world.ts';
import { type BatchWorldOptions, ENV, FakeSystem, makeBatchWorld, manyFlags } from './world.ts';

const flagsOf = (connection: string, ...keys: string[]): BatchTarget => ({
  by: 'flags',
  flags: keys.map((key) => ({ connection, key })),
});

/** Served follows accepted within a moment: which of the two a test meets says nothing. */
const resultOf = ({ stage }: BatchProgress['items'][number]) => (stage === 'served' ? 'accepted' : stage);

async function shop(options: Partial<BatchWorldOptions> = {}) {
  const eu = new FakeSystem('eu', { cart: 20, search: 100, recs: 50, gone: 30 });
  const world = await makeBatchWorld({ systems: [eu], ...options });
  const propose = async (...keys: string[]) => {
    const preview = await world.batches.preview(ENV, flagsOf('eu', ...keys), NEVER);
    return world.batches.propose(preview.hash, 'INC-1');
  };
  const stages = (progress: BatchProgress) => progress.items.map((item) => [item.flag, resultOf(item)]);
  return { ...world, eu, propose, stages };
}

describe('preview of a bulk kill (B2, B4)', () => {
  it('B4: reads every flag in one go, says what becomes of each, and leaves out what cannot be killed', async () => {
    const { batches, eu, ledger } = await shop();
    eu.shares.set('recs', 0);
    eu.unsafe.add('search');
    eu.shares.delete('gone');
    const preview = await batches.preview(ENV, flagsOf('eu', 'cart', 'recs', 'search', 'gone', 'cart'), NEVER);
    expect(preview).toMatchObject({ name: '4 flags', environment: ENV, tone: 'production', typedWord: ENV });
    expect(preview.items.map(({ flag, problem, willServe }) => [flag, problem?.code ?? null, willServe])).toEqual([
      ['cart', null, 'off'],
      ['recs', 'refused', null],
      ['search', 'refused', null],
      ['gone', 'not-found', null],
    ]);
    expect(preview.items[0]).toMatchObject({ providerEnvironment: 'eu-production', percentage: 20, serves: 'off' });
    expect(eu.reads).toEqual([['cart', 'recs', 'search', 'gone']]);
    expect(eu.requests).toEqual([]);
    const kinds = [...ledger.all()].map(({ body }) => body.data.kind);
    expect(kinds.filter((kind) => /^(change|batch)\./.test(kind))).toEqual([]);
  });

  it('B3: several flags always ask to type the environment’s name, one plain flag does not, a critical one does', async () => {
    const { batches } = await shop({ config: { flags: [{ key: 'recs', critical: true }] } });
    const demand = async (...keys: string[]) => (await batches.preview(ENV, flagsOf('eu', ...keys), NEVER)).demand;
    expect(await demand('cart', 'search')).toEqual({ people: 1, typed: true, rationale: false });
    expect(await demand('cart')).toEqual({ people: 1, typed: false, rationale: false });
    expect(await demand('recs')).toMatchObject({ typed: true });
  });

  it('goes on past a flag that cannot be read, and says so beside it', async () => {
    const { batches, eu } = await shop();
    eu.beforeRead = (keys) => {
      if (keys.includes('search')) throw new ScramError('provider', 'search is not well formed');
    };
    const { items } = await batches.preview(ENV, flagsOf('eu', 'cart', 'search', 'recs'), NEVER);
    expect(items.map(({ problem }) => problem?.message ?? null)).toEqual([null, 'search is not well formed', null]);
  });

  it('refuses to propose what cannot be done, is expired, or lacks the reason that policy asks for', async () => {
    const { batches, clock, eu } = await shop({ config: { policy: { [ENV]: { kill: { rationale: true } } } } });
    const one = await batches.preview(ENV, flagsOf('eu', 'cart'), NEVER);
    expect(() => batches.propose(one.hash, ' ')).toThrow(expect.objectContaining({ code: 'refused' }));
    eu.shares.set('recs', 0);
    const none = await batches.preview(ENV, flagsOf('eu', 'recs'), NEVER);
    expect(() => batches.propose(none.hash, 'INC-1')).toThrow(/no flag of 1 flag can be killed/);
    await clock.advance(300_000);
    expect(() => batches.propose(one.hash, 'INC-1')).toThrow(expect.objectContaining({ code: 'expired' }));
    expect(() => batches.propose('0'.repeat(64), 'INC-1')).toThrow(expect.objectContaining({ code: 'not-found' }));
  });
});

describe('kill sets and services (B13)', () => {
  const eu = () => new FakeSystem('eu', { cart: 20, both: 20 });
  const us = () => new FakeSystem('us', { recs: 20, both: 20, other: 20 });
  const config = {
    killSets: [{ id: 'minimum', flags: ['recs', { connection: 'us', key: 'both' }, 'cart', 'both', 'crat'] }],
    services: [
      {
        id: 'checkout',
        flags: [
          { connection: 'us', key: 'other' },
          { connection: 'eu', key: 'cart' },
        ],
        dependencies: [{ id: 'recommendations', killSwitch: 'recs' }],
      },
    ],
  };

  it('B13: a key alone is found wherever it is; unknown and ambiguous ones are problems, named', async () => {
    const { batches } = await makeBatchWorld({ systems: [eu(), us()], config });
    expect(batches.killSets()).toEqual([
      {
        id: 'minimum',
        flags: [
          { connection: 'us', key: 'recs' },
          { connection: 'us', key: 'both' },
          { connection: 'eu', key: 'cart' },
        ],
        problems: ['flag both is in eu and us: name the connection', 'no connection has a flag crat'],
      },
    ]);
  });

  it('B13: is killed in its order, across connections, with what cannot be told left out and named', async () => {
    const [first, second] = [eu(), us()];
    const { batches, entries } = await makeBatchWorld({ systems: [first, second], config, bulk: 50 });
    const preview = await batches.preview(ENV, { by: 'kill-set', killSet: 'minimum' }, NEVER);
    expect(preview.items.map(({ connection, flag, problem }) => [connection, flag, problem?.message ?? null])).toEqual([
      ['us', 'recs', null],
      ['us', 'both', null],
      ['eu', 'cart', null],
      ['', 'both', 'flag both is in eu and us'],
      ['', 'crat', 'there is no flag crat'],
    ]);
    const { hash, changes } = batches.propose(preview.hash, 'INC-1');
    const done = await batches.execute(hash, NEVER);
    expect(done).toMatchObject({ state: 'done', batch: { name: 'minimum' } });
    expect([second.requests, first.requests]).toEqual([[['recs', 'both']], [['cart']]]);
    expect(entries('change.intent').map((entry) => entry.hash)).toEqual(changes);
  });

  it('B4: a service’s flags are those that it lists, then the switches of what it depends on', async () => {
    const { batches } = await makeBatchWorld({ systems: [eu(), us()], config });
    const { name, items } = await batches.preview(ENV, { by: 'service', service: 'checkout' }, NEVER);
    expect([name, items.map(({ flag }) => flag)]).toEqual(['checkout', ['other', 'cart', 'recs']]);
  });

  it('names what is near where there is none of the name', async () => {
    const { batches } = await makeBatchWorld({ systems: [eu(), us()], config });
    const preview = (target: BatchTarget, environment = ENV) => batches.preview(environment, target, NEVER);
    await expect(preview({ by: 'service', service: 'chekout' })).rejects.toMatchObject({
      code: 'not-found',
      action: 'did you mean checkout?',
    });
    await expect(preview({ by: 'kill-set', killSet: 'x' })).rejects.toMatchObject({ action: 'there are: minimum' });
    await expect(preview({ by: 'service', service: 'checkout' }, 'prod')).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('execution of a bulk kill (B4, D6)', () => {
  it('D6: writes the proposals and the batch in one piece, an intent before each write, a result after it', async () => {
    const { batches, eu, propose, stages, ledger } = await shop();
    const seen: string[][] = [];
    const kinds = () =>
      [...ledger.all()].map(({ body }) => body.data.kind).filter((kind) => /^(batch|change\.[ipr])/.test(kind));
    const batch = await propose('cart', 'search');
    expect(kinds()).toEqual(['change.proposed', 'change.proposed', 'batch.proposed']);
    eu.beforeWrite = () => void seen.push(kinds().slice(3));
    const progress = await batches.execute(batch.hash, NEVER);
    expect(stages(progress)).toEqual([
      ['cart', 'accepted'],
      ['search', 'accepted'],
    ]);
    expect(seen).toEqual([
      ['batch.began', 'change.intent'],
      ['batch.began', 'change.intent', 'change.result', 'change.intent'],
    ]);
    expect(kinds().filter((kind) => kind === 'batch.ended')).toHaveLength(1);
    expect(eu.reads.slice(0, 2)).toEqual([
      ['cart', 'search'],
      ['cart', 'search'],
    ]);
  });

  it('uses the provider’s bulk write, at most as many at once as it takes', async () => {
    const eu = new FakeSystem('eu', manyFlags(25));
    const { batches, entries } = await makeBatchWorld({ systems: [eu], bulk: 10 });
    const keys = [...eu.shares.keys()];
    const preview = await batches.preview(ENV, flagsOf('eu', ...keys), NEVER);
    const { state, items } = await batches.execute(batches.propose(preview.hash, 'INC-1').hash, NEVER);
    expect(eu.requests.map((request) => request.length)).toEqual([10, 10, 5]);
    expect(eu.written).toEqual(keys);
    expect([state, new Set(items.map(resultOf))]).toEqual(['done', new Set(['accepted'])]);
    expect(entries('change.result')).toHaveLength(25);
  });

  it('a bulk write that one flag keeps from being made is made for the others by themselves', async () => {
    const { batches, eu, propose, stages } = await shop({ bulk: 10 });
    eu.beforeWrite = (keys) => {
      if (keys.includes('search')) throw new ScramError('approval-required', 'search asks for an approval');
    };
    const { hash } = await propose('cart', 'search', 'recs');
    expect(stages(await batches.execute(hash, NEVER))).toEqual([
      ['cart', 'accepted'],
      ['search', 'approval-required'],
      ['recs', 'accepted'],
    ]);
  });

  it('B4: goes on past every kind of failure, each with its own words', async () => {
    const { batches, eu, propose, entries } = await shop();
    const { hash } = await propose('cart', 'search', 'recs', 'gone');
    eu.shares.delete('gone');
    eu.fate = (key) =>
      key === 'cart' ? new ScramError('approval-required', 'two reviewers at the provider') : 'unsent';
    eu.shares.set('recs', 70);
    const { items, state } = await batches.execute(hash, NEVER);
    expect(state).toBe('done');
    expect(items.map(({ flag, stage, problem }) => [flag, stage, problem])).toEqual([
      ['cart', 'approval-required', 'two reviewers at the provider'],
      ['search', 'failed', 'no answer about search; search in production is as it was'],
      ['recs', 'conflict', 'recs in production changed after the preview; nothing was written'],
      ['gone', 'conflict', 'there is no flag gone any more in production'],
    ]);
    expect(entries('change.result')).toHaveLength(4);
    expect(eu.written).toEqual([]);
  });

  it('settles in one read what was written and not answered', async () => {
    const { batches, eu, propose, entries } = await shop({ bulk: 10 });
    const { hash } = await propose('cart', 'search', 'recs');
    eu.fate = (key) => (key === 'search' ? 'unsent' : 'lost');
    eu.reads.length = 0;
    const { items } = await batches.execute(hash, NEVER);
    expect(items.map(resultOf)).toEqual(['accepted', 'failed', 'accepted']);
    expect(entries('change.result').map(({ reconciled }) => reconciled)).toEqual([true, true, true]);
    expect(eu.reads.slice(0, 2)).toEqual([
      ['cart', 'search', 'recs'],
      ['cart', 'search', 'recs'],
    ]);
  });

  it('B13: waits as long as the provider’s rate limit asks, says so, and tries that flag again', async () => {
    const { batches, eu, propose, clock, stages } = await shop();
    const { hash } = await propose('cart', 'search');
    const limit = new ScramError('rate-limited', 'too many requests', { retryAfterMs: 30_000 });
    eu.fate = (key, attempt) => (key === 'cart' && attempt < 3 ? limit : 'done');
    const told: (string | null)[] = [];
    batches.onProgress((progress) => void told.push(progress.waiting));
    const running = batches.execute(hash, NEVER);
    await clock.advance(1_000);
    expect(batches.progress(hash)).toMatchObject({
      state: 'running',
      waiting: 'eu limits requests: going on in 30 s',
      items: [{ stage: 'requested' }, { stage: 'proposed' }],
    });
    await clock.advance(60_000);
    expect(stages(await running).map(([, stage]) => stage)).not.toContain('failed');
    expect(eu.written).toEqual(['cart', 'search']);
    expect(told).toContain('eu limits requests: going on in 30 s');
    expect(told.at(-1)).toBeNull();
  });

  it('gives a flag up after two minutes of waiting, says when to try again, and goes on with the next', async () => {
    const { batches, eu, propose, clock, entries } = await shop();
    const { hash } = await propose('cart', 'search');
    const limit = new ScramError('rate-limited', 'too many requests', { retryAfterMs: 50_000 });
    eu.fate = (key) => (key === 'cart' ? limit : 'done');
    const running = batches.execute(hash, NEVER);
    await clock.advance(121_000);
    const { items } = await running;
    expect(items[0]).toMatchObject({
      stage: 'failed',
      problem: 'too many requests; nothing was written, try again in 50 s',
    });
    expect(items[1]?.acceptedAtMs).not.toBeNull();
    expect(entries('change.intent')).toHaveLength(2);
  });

  it('waits for the rate limit of reads too', async () => {
    const { batches, eu, propose, clock } = await shop();
    const { hash } = await propose('cart', 'search');
    let limited = 2;
    eu.beforeRead = () => {
      limited -= 1;
      if (limited >= 0) throw new ScramError('rate-limited', 'too many requests', { retryAfterMs: 5_000 });
    };
    const running = batches.execute(hash, NEVER);
    await clock.advance(11_000);
    expect((await running).items.every(({ acceptedAtMs }) => acceptedAtMs !== null)).toBe(true);
  });

  it('never runs twice: calls join, later ones tell what was done, also after a new configuration', async () => {
    const { batches, eu, propose, reopen, entries } = await shop();
    const { hash } = await propose('cart', 'search');
    const held = Promise.withResolvers<void>();
    eu.beforeWrite = () => held.promise;
    const first = batches.execute(hash, NEVER);
    await new Promise((resolve) => setImmediate(resolve));
    const other = reopen();
    const joined = [batches.execute(hash, NEVER), other.batches.execute(hash, NEVER)];
    expect(other.batches.progress(hash)?.state).toBe('running');
    held.resolve();
    for (const progress of await Promise.all([first, ...joined])) expect(progress.state).toBe('done');
    await batches.execute(hash, NEVER);
    expect(eu.written).toEqual(['cart', 'search']);
    expect(entries('batch.began')).toHaveLength(1);
    other.close();
  });

  it('C1: a new configuration in the middle lets it go on to its end, and its callers are told the truth', async () => {
    const { batches, changes, eu, propose, reopen, stages } = await shop();
    expect(changes.idle()).toBeNull();
    const { hash } = await propose('cart', 'search');
    const held = Promise.withResolvers<void>();
    eu.beforeWrite = () => held.promise;
    const running = batches.execute(hash, NEVER);
    await new Promise((resolve) => setImmediate(resolve));
    const next = reopen();
    batches.dispose();
    changes.dispose();
    const idle = changes.idle();
    held.resolve();
    const progress = await running;
    expect([progress.state, stages(progress).map(([, stage]) => stage)]).toEqual(['done', ['accepted', 'accepted']]);
    await idle;
    expect(changes.idle()).toBeNull();
    expect(next.batches.progress(hash)?.state).toBe('done');
    next.close();
  });

  it('the same preview proposed twice is the same batch', async () => {
    const { batches, entries } = await shop();
    const preview = await batches.preview(ENV, flagsOf('eu', 'cart', 'search'), NEVER);
    expect(batches.propose(preview.hash, 'INC-1')).toEqual(batches.propose(preview.hash, 'INC-1'));
    expect([entries('batch.proposed').length, entries('change.proposed').length]).toEqual([1, 2]);
  });

  it('a flag of it that runs by itself is not run again', async () => {
    const { batches, changes, eu, propose, entries } = await shop();
    const { hash, changes: hashes } = await propose('cart', 'search');
    await changes.execute(hashes[1] ?? '', NEVER);
    const { items } = await batches.execute(hash, NEVER);
    expect(items.every(({ acceptedAtMs }) => acceptedAtMs !== null)).toBe(true);
    expect(eu.written).toEqual(['search', 'cart']);
    expect(entries('change.result')).toHaveLength(2);
  });

  it('B4: what had not expired when it was confirmed may take longer than five minutes', async () => {
    const { batches, eu, propose, clock } = await shop();
    const { hash } = await propose('cart', 'search', 'recs');
    await clock.advance(250_000);
    eu.fate = (_key, attempt) =>
      attempt === 1 ? new ScramError('rate-limited', 'slow down', { retryAfterMs: 60_000 }) : 'done';
    const running = batches.execute(hash, NEVER);
    await clock.advance(200_000);
    expect((await running).items.every(({ acceptedAtMs }) => acceptedAtMs !== null)).toBe(true);
  });

  it('an expired one is refused, flag by flag, in the ledger', async () => {
    const { batches, eu, propose, clock, stages } = await shop();
    const { hash } = await propose('cart', 'search');
    await clock.advance(300_000);
    expect(stages(await batches.execute(hash, NEVER))).toEqual([
      ['cart', 'refused'],
      ['search', 'refused'],
    ]);
    expect(eu.requests).toEqual([]);
  });

  it('does nothing for a batch that is not what its hash names', async () => {
    const { ledger, propose, batches, eu } = await shop();
    const batch = await propose('cart', 'search');
    ledger.append({
      kind: 'batch.proposed',
      batch: { ...batch, hash: 'f'.repeat(64), changes: batch.changes.slice(1) },
    });
    await expect(batches.execute('f'.repeat(64), NEVER)).rejects.toMatchObject({ code: 'ledger' });
    expect(eu.requests).toEqual([]);
  });
});

describe('a bulk kill that was cut off (D6)', () => {
  it('cancelled: what was not begun stays so, and is not begun by a second call', async () => {
    const { batches, eu, propose } = await shop();
    const { hash } = await propose('cart', 'search', 'recs');
    const stop = new AbortController();
    eu.beforeWrite = (keys) => {
      if (keys.includes('search')) stop.abort();
    };
    const progress = await batches.execute(hash, stop.signal);
    expect(progress.state).toBe('interrupted');
    expect(progress.items.map((item) => [resultOf(item), item.problem])).toEqual([
      ['accepted', null],
      ['accepted', null],
      ['proposed', 'not begun: the console stopped before it'],
    ]);
    expect((await batches.execute(hash, NEVER)).state).toBe('interrupted');
    expect(eu.written).toEqual(['cart', 'search']);
  });

  it('cancelled while it waits: nothing was written, and that is what it says', async () => {
    const { batches, eu, propose, clock } = await shop();
    const { hash } = await propose('cart', 'search');
    eu.fate = () => new ScramError('rate-limited', 'too many requests', { retryAfterMs: 60_000 });
    const stop = new AbortController();
    const running = batches.execute(hash, stop.signal);
    await clock.advance(1_000);
    stop.abort();
    expect((await running).items.map(({ stage }) => stage)).toEqual(['failed', 'proposed']);
  });

  it('crashed: after a restart each flag tells the truth, found by reading, and the rest is not begun', async () => {
    const { batches, changes, eu, propose, ledger, reopen, entries } = await shop();
    const { hash, changes: hashes } = await propose('cart', 'search', 'recs', 'gone');
    batches.dispose();
    changes.dispose();
    const [cart = '', search = '', recs = ''] = hashes;
    ledger.append({ kind: 'batch.began', hash });
    ledger.append({ kind: 'change.intent', hash: cart });
    ledger.append({ kind: 'change.result', hash: cart, outcome: 'accepted', reconciled: false, detail: null });
    ledger.appendAll([
      { kind: 'change.intent', hash: search },
      { kind: 'change.intent', hash: recs },
    ]);
    eu.shares.set('search', 0);
    const next = reopen();
    expect(next.batches.progress(hash)?.state).toBe('interrupted');
    eu.reads.length = 0;
    await next.changes.reconcile(NEVER);
    expect(eu.reads[0]).toEqual(['search', 'recs']);
    expect(entries('change.result').map(({ outcome, reconciled }) => [outcome, reconciled])).toEqual([
      ['accepted', false],
      ['accepted', true],
      ['not-applied', true],
    ]);
    const after = next.batches.progress(hash);
    expect(after?.state).toBe('interrupted');
    expect(after?.items.map(resultOf)).toEqual(['accepted', 'accepted', 'failed', 'proposed']);
    expect(eu.requests).toEqual([]);
    next.close();
  });
});
