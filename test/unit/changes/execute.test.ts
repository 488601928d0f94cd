import { describe, expect, it } from 'vitest';
import { type ErrorCode, ScramError } from '../../../shared/model/error.ts';
import { KEY, makeWorld, NEVER, START } from './world.ts';

const code = (wanted: ErrorCode) => expect.objectContaining({ code: wanted });

describe('preview (B2)', () => {
  it('B2: says exactly what would happen, is hashed whole, and writes nothing', async () => {
    const { previewKill, world, kinds, ports } = makeWorld({ slis: ['checkout/p99', 'search/p99'] });
    const { hash, payload } = await previewKill();
    expect(payload).toMatchObject({
      action: 'kill',
      flag: KEY,
      providerEnvironment: '/etc/flags.json',
      tone: 'production',
      before: { revision: 'r20', percentage: 20, definition: { on: 20 } },
      after: { revision: 'r0', killed: true },
      write: { to: 0 },
      affectedServices: ['checkout'],
      affectedSlis: ['checkout/p99'],
      demand: { people: 1, typed: false, rationale: false },
      expiresAtMs: START + 300_000,
    });
    expect(hash).toBe(ports.hash(payload));
    expect(world.applied).toBe(0);
    expect(kinds()).toEqual([]);
  });

  it('refuses to kill what is killed already, saying so', async () => {
    const { previewKill, world } = makeWorld();
    world.percentage = 0;
    await expect(previewKill()).rejects.toThrow(`${KEY} is already killed in production`);
  });

  it('names near environments where there is none of the name', async () => {
    const { changes } = makeWorld();
    const request = { action: 'kill', connection: 'local', flag: KEY, environment: 'producton' } as const;
    await expect(changes.preview(request, NEVER)).rejects.toMatchObject({
      code: 'not-found',
      action: 'did you mean production?',
    });
  });

  it('affects services that depend on the flag as their kill switch', async () => {
    const services = [{ id: 'cart', dependencies: [{ id: 'pricing', killSwitch: KEY }] }];
    const { previewKill } = makeWorld({ config: { services }, slis: ['cart/errors'] });
    expect((await previewKill()).payload).toMatchObject({
      affectedServices: ['cart', 'checkout'],
      affectedSlis: ['cart/errors'],
    });
  });
});

describe('propose', () => {
  it('writes the change with its rationale; the same again is the same change', async () => {
    const { changes, previewKill, kinds, ports } = makeWorld();
    const { hash } = await previewKill();
    const change = changes.propose(hash, 'p99 tripled');
    expect(change.hash).toBe(ports.hash({ payload: change.payload, rationale: 'p99 tripled' }));
    expect(changes.propose(hash, 'p99 tripled')).toEqual(change);
    expect(kinds()).toEqual(['change.proposed']);
    expect(changes.progress(change.hash)?.stage).toBe('proposed');
  });

  it('B16: is no kill when not everyone would be served the safe value', async () => {
    const { changes, ports, proposeKill, world } = makeWorld();
    const { provider } = ports.flags.connection('local');
    provider.planKill = (flag) => provider.planRollout!(flag, 5);
    await expect(proposeKill()).rejects.toThrow(code('refused'));
    expect(changes.recent({})).toEqual([]);
    expect(world.applied).toBe(0);
  });

  it('takes no preview that is unknown or older than five minutes', async () => {
    const { changes, previewKill, clock, kinds } = makeWorld();
    const { hash } = await previewKill();
    expect(() => changes.propose('0'.repeat(64), '')).toThrow(code('not-found'));
    await clock.advance(300_000);
    expect(() => changes.propose(hash, '')).toThrow(code('expired'));
    expect(kinds()).toEqual([]);
  });

  it('C1: a preview that is being looked at outlives a new configuration', async () => {
    const { changes, previewKill, restart, world } = makeWorld();
    const { hash } = await previewKill();
    const second = restart();
    changes.dispose();
    const change = second.propose(hash, 'p99 tripled');
    expect((await second.execute(change.hash, NEVER)).propagation.acceptedAtMs).toBe(START);
    expect(world.applied).toBe(1);
  });

  it('D7: asks for a reason where policy does', async () => {
    const { changes, previewKill } = makeWorld({ config: { policy: { production: { kill: { rationale: true } } } } });
    const { hash } = await previewKill();
    expect(() => changes.propose(hash, '  ')).toThrow(code('refused'));
    expect(changes.propose(hash, 'p99 tripled').rationale).toBe('p99 tripled');
  });
});

describe('execute (B2, D6)', () => {
  it('journals the intent before the write and the result after it', async () => {
    const { changes, proposeKill, world, kinds, noted } = makeWorld();
    const { hash } = await proposeKill();
    const order: string[][] = [];
    world.beforeApply = async () => void order.push(kinds());
    const progress = await changes.execute(hash, NEVER);
    expect(order).toEqual([['change.proposed', 'change.intent']]);
    expect(kinds().slice(0, 3)).toEqual(['change.proposed', 'change.intent', 'change.result']);
    expect(progress).toMatchObject({
      stage: 'accepted',
      problem: null,
      propagation: { requestedAtMs: START, acceptedAtMs: START, servedAtMs: null },
    });
    expect(world.percentage).toBe(0);
    expect(noted).toEqual([START]);
  });

  it('tells the write when the reading before it began, however long that took', async () => {
    const { changes, proposeKill, world, clock } = makeWorld();
    const { hash } = await proposeKill();
    await clock.advance(5_000);
    world.beforeRead = () => clock.advance(700);
    await changes.execute(hash, NEVER);
    expect(world.readAtMs).toBe(START + 5_000);
  });

  it('executes one hash once, one after the other and at the same time', async () => {
    const { changes, proposeKill, world, kinds } = makeWorld();
    const { hash } = await proposeKill();
    const [a, b] = await Promise.all([changes.execute(hash, NEVER), changes.execute(hash, NEVER)]);
    expect(a.stage).toBe('accepted');
    expect(b.stage).toBe('accepted');
    world.percentage = 20;
    await changes.execute(hash, NEVER);
    expect(world).toMatchObject({ applied: 1, percentage: 20 });
    expect(kinds().filter((kind) => kind === 'change.intent')).toHaveLength(1);
  });

  it('executes once though a new configuration has built a second service meanwhile', async () => {
    const { changes, proposeKill, world, entries, restart } = makeWorld();
    const { hash } = await proposeKill();
    const held = Promise.withResolvers<void>();
    world.beforeApply = () => held.promise;
    const first = changes.execute(hash, NEVER);
    await new Promise((resolve) => setImmediate(resolve));
    const second = restart();
    await second.reconcile(NEVER);
    const again = second.execute(hash, NEVER);
    changes.dispose();
    held.resolve();
    await Promise.all([first, again]);
    expect(world.applied).toBe(1);
    expect(entries('change.result')).toMatchObject([{ outcome: 'accepted', reconciled: false }]);
    expect(second.progress(hash)?.propagation.acceptedAtMs).toBe(START);
  });

  it('takes nothing but a hash that was proposed', async () => {
    const { changes, previewKill } = makeWorld();
    const { hash } = await previewKill();
    await expect(changes.execute(hash, NEVER)).rejects.toThrow(code('not-found'));
  });

  it('B2: a state that moved since the preview is a conflict, journalled, and nothing is written', async () => {
    const { changes, proposeKill, world, entries, kinds } = makeWorld();
    const { hash } = await proposeKill();
    world.percentage = 50;
    await expect(changes.execute(hash, NEVER)).rejects.toThrow(code('conflict'));
    expect(world).toMatchObject({ percentage: 50, applied: 0 });
    expect(kinds()).toEqual(['change.proposed', 'change.result']);
    expect(entries('change.result')).toMatchObject([{ outcome: 'conflict', reconciled: false }]);
    expect((await changes.execute(hash, NEVER)).stage).toBe('conflict');
  });

  it('B2: a state that moves between the look and the write is a conflict too', async () => {
    const { changes, proposeKill, world, entries } = makeWorld();
    const { hash } = await proposeKill();
    world.beforeApply = async () => {
      world.percentage = 50;
    };
    await expect(changes.execute(hash, NEVER)).rejects.toThrow(code('conflict'));
    expect(world).toMatchObject({ percentage: 50, applied: 0 });
    expect(entries('change.result')).toMatchObject([{ outcome: 'conflict' }]);
  });

  it('B3: a connection that now leads elsewhere is a conflict', async () => {
    const { changes, proposeKill, world } = makeWorld();
    const { hash } = await proposeKill();
    world.place = '/etc/other.json';
    await expect(changes.execute(hash, NEVER)).rejects.toThrow(/is now \/etc\/other\.json/);
    expect(world.applied).toBe(0);
  });

  it('a flag that is gone is a conflict; a provider that does not answer is a failure with its words', async () => {
    const gone = makeWorld();
    const first = await gone.proposeKill();
    gone.world.gone = true;
    await expect(gone.changes.execute(first.hash, NEVER)).rejects.toThrow(code('not-found'));
    expect(gone.entries('change.result')).toMatchObject([{ outcome: 'conflict' }]);

    const down = makeWorld();
    const second = await down.proposeKill();
    down.world.beforeRead = async () => {
      throw new ScramError('unreachable', 'connection refused');
    };
    await expect(down.changes.execute(second.hash, NEVER)).rejects.toThrow(code('unreachable'));
    expect(down.entries('change.result')).toMatchObject([{ outcome: 'failed', detail: 'connection refused' }]);
    expect(down.kinds()).not.toContain('change.intent');
  });

  it('refuses an expired change, journalled; what waits for a second person stays as it was proposed (D1)', async () => {
    const late = makeWorld();
    const first = await late.proposeKill();
    await late.clock.advance(300_000);
    await expect(late.changes.execute(first.hash, NEVER)).rejects.toThrow(code('expired'));
    expect(late.entries('change.result')).toMatchObject([{ outcome: 'refused' }]);

    const two = makeWorld({ config: { policy: { production: { kill: { people: 2 } } } } });
    const second = await two.proposeKill();
    await expect(two.changes.execute(second.hash, NEVER)).rejects.toThrow(/policy asks for two people/);
    expect(two.entries('change.result')).toEqual([]);
    expect(two.entries('change.intent')).toEqual([]);
    expect([late.world.applied, two.world.applied]).toEqual([0, 0]);
  });

  it('holds to the policy of now, though the preview was made under a milder one', async () => {
    const { changes, proposeKill, ports, world } = makeWorld();
    const { hash } = await proposeKill('');
    ports.config.policy.production = { kill: { people: 1, rationale: true } };
    await expect(changes.execute(hash, NEVER)).rejects.toThrow(/asks for a reason/);
    const typed = makeWorld();
    const change = await typed.proposeKill('p99 tripled');
    typed.ports.config.policy.production = { kill: { people: 1, typed: true } };
    await expect(typed.changes.execute(change.hash, NEVER)).rejects.toThrow(/asks to type the flag's name/);
    expect([world.applied, typed.world.applied]).toEqual([0, 0]);
  });

  it('does nothing for a change that is not what its hash names', async () => {
    const { proposeKill, ledger, restart, world, kinds } = makeWorld();
    const change = await proposeKill();
    ledger.append({
      kind: 'change.proposed',
      change: { ...change, hash: 'f'.repeat(64), payload: { ...change.payload, write: { to: 99 } } },
    });
    await expect(restart().execute('f'.repeat(64), NEVER)).rejects.toThrow(code('ledger'));
    expect(world.applied).toBe(0);
    expect(kinds()).not.toContain('change.intent');
  });

  it('can be cancelled before the intent, leaving the change as proposed, and not after it', async () => {
    const { changes, proposeKill, world } = makeWorld();
    const { hash } = await proposeKill();
    const early = new AbortController();
    early.abort();
    await expect(changes.execute(hash, early.signal)).rejects.toThrow(code('cancelled'));
    expect(changes.progress(hash)?.stage).toBe('proposed');
    const caller = new AbortController();
    world.beforeApply = async (signal) => {
      caller.abort();
      signal.throwIfAborted();
    };
    expect((await changes.execute(hash, caller.signal)).stage).toBe('accepted');
  });

  it('writes nothing when the intent cannot be journalled', async () => {
    const { changes, proposeKill, world, store } = makeWorld();
    const { hash } = await proposeKill();
    store.append = () => {
      throw new Error('disk full');
    };
    await expect(changes.execute(hash, NEVER)).rejects.toThrow(code('ledger'));
    expect(world.applied).toBe(0);
  });
});

describe('answers that say that nothing was written', () => {
  it('B2: an approval that the provider asks for is a stage of its own, journalled with where to give it', async () => {
    const { changes, proposeKill, world, entries } = makeWorld();
    const { hash } = await proposeKill();
    world.beforeApply = async () => {
      throw new ScramError('approval-required', 'two reviewers at flags.example/pricing');
    };
    await expect(changes.execute(hash, NEVER)).rejects.toThrow(code('approval-required'));
    expect(entries('change.result')).toMatchObject([{ outcome: 'approval-required', reconciled: false }]);
    expect(changes.progress(hash)).toMatchObject({
      stage: 'approval-required',
      problem: 'two reviewers at flags.example/pricing',
    });
    expect(world.applied).toBe(0);
  });

  const limited = (retryAfterMs?: number) =>
    new ScramError('rate-limited', 'too many requests', retryAfterMs === undefined ? {} : { retryAfterMs });

  it('a short rate limit is waited for, and the write tried again under the same intent', async () => {
    const { changes, proposeKill, world, clock, kinds } = makeWorld();
    const { hash } = await proposeKill();
    let tries = 0;
    world.beforeApply = async () => {
      tries += 1;
      if (tries < 3) throw limited(tries === 1 ? 4_000 : undefined);
    };
    const running = changes.execute(hash, NEVER);
    await clock.advance(3_900);
    expect(tries).toBe(1);
    await clock.advance(2_200);
    expect((await running).propagation.acceptedAtMs).not.toBeNull();
    expect(kinds().slice(0, 3)).toEqual(['change.proposed', 'change.intent', 'change.result']);
    expect(world.applied).toBe(1);
  });

  it('a long one is a failure that says when to try again', async () => {
    const { changes, proposeKill, world, entries } = makeWorld();
    const { hash } = await proposeKill();
    world.beforeApply = async () => {
      throw limited(60_000);
    };
    await expect(changes.execute(hash, NEVER)).rejects.toMatchObject({ code: 'rate-limited', retryAfterMs: 60_000 });
    expect(entries('change.result')).toMatchObject([
      { outcome: 'failed', detail: 'too many requests; nothing was written, try again in 60 s' },
    ]);
  });
});

describe('a rollout', () => {
  it('D2: lowering a share asks no more than a kill, raising it asks to type the name', async () => {
    const { proposeRollout } = makeWorld();
    expect((await proposeRollout(5)).payload).toMatchObject({
      action: 'rollout',
      before: { percentage: 20 },
      after: { percentage: 5 },
      demand: { typed: false },
    });
    expect((await proposeRollout(50)).payload.demand).toMatchObject({ typed: true });
  });

  it('B7: is executed, and undone to the exact share of before', async () => {
    const { changes, proposeRollout, proposeUndo, world } = makeWorld();
    const { hash } = await proposeRollout(50);
    await changes.execute(hash, NEVER);
    expect(world.percentage).toBe(50);
    const undo = await proposeUndo(hash);
    expect(undo.payload).toMatchObject({ after: { percentage: 20 }, demand: { typed: false } });
    await changes.execute(undo.hash, NEVER);
    expect(world.percentage).toBe(20);
  });

  it('D6: is settled by reading after a lost answer', async () => {
    const { changes, proposeRollout, world, entries } = makeWorld();
    const { hash } = await proposeRollout(5);
    world.afterApply = async () => {
      throw new ScramError('timeout', 'no answer');
    };
    await changes.execute(hash, NEVER);
    expect(entries('change.result')).toMatchObject([{ outcome: 'accepted', reconciled: true }]);
  });

  it('holds to the policy of now: a share that is given must have been typed', async () => {
    const { changes, proposeRollout, ports, world } = makeWorld({
      config: { policy: { production: { restore: { typed: false } } } },
    });
    const { hash } = await proposeRollout(50);
    ports.config.policy.production = { restore: { people: 1, typed: true } };
    await expect(changes.execute(hash, NEVER)).rejects.toThrow(code('refused'));
    expect(world.applied).toBe(0);
  });
});

describe('a write whose outcome is not known is looked up (D6)', () => {
  it('was made: accepted', async () => {
    const { changes, proposeKill, world, entries } = makeWorld();
    const { hash } = await proposeKill();
    world.afterApply = async () => {
      throw new ScramError('timeout', 'no answer');
    };
    expect((await changes.execute(hash, NEVER)).propagation.acceptedAtMs).toBe(START);
    expect(entries('change.result')).toMatchObject([{ outcome: 'accepted', reconciled: true }]);
  });

  it('was not made: failed, with the provider’s words', async () => {
    const { changes, proposeKill, world, entries } = makeWorld();
    const { hash } = await proposeKill();
    world.beforeApply = async () => {
      throw new ScramError('provider', 'no space left on device');
    };
    await expect(changes.execute(hash, NEVER)).rejects.toThrow('no space left on device');
    expect(entries('change.result')).toMatchObject([
      { outcome: 'failed', detail: expect.stringContaining('no space left') },
    ]);
    expect(changes.progress(hash)).toMatchObject({ stage: 'failed', problem: expect.stringContaining('it') });
  });

  it('was made in part: failed, with the provider’s words, and no conflict, which says that nothing was written', async () => {
    const { changes, proposeKill, world, entries } = makeWorld();
    const { hash } = await proposeKill();
    world.afterApply = async () => {
      world.percentage = 7;
      throw new ScramError('provider', '1 of 2 steps were written, then: too many requests');
    };
    await expect(changes.execute(hash, NEVER)).rejects.toThrow(/1 of 2 steps.*in part, or someone else changed it/);
    expect(entries('change.result')).toMatchObject([
      { outcome: 'failed', reconciled: true, detail: expect.stringContaining('1 of 2 steps were written') },
    ]);
  });

  it('E2: keeps the words of foreign errors out of the ledger', async () => {
    const { changes, proposeKill, world, ledger } = makeWorld();
    const { hash } = await proposeKill();
    world.beforeApply = async () => {
      throw new Error('GET https://user:hunter2@flags.example');
    };
    await expect(changes.execute(hash, NEVER)).rejects.toThrow();
    expect(JSON.stringify([...ledger.all()])).not.toContain('hunter2');
  });

  it('cannot be told: stays open as requested, and is settled when the provider can be read', async () => {
    const { changes, proposeKill, world, entries, clock } = makeWorld();
    const { hash } = await proposeKill();
    const down = async (): Promise<void> => {
      throw new ScramError('unreachable', 'connection reset');
    };
    world.afterApply = async () => {
      world.beforeRead = down;
      await down();
    };
    await expect(changes.execute(hash, NEVER)).rejects.toThrow(/is not known/);
    expect(changes.progress(hash)?.stage).toBe('requested');
    await clock.advance(12_000);
    expect(entries('change.result')).toEqual([]);
    world.beforeRead = async () => {};
    await clock.advance(5_000);
    expect(entries('change.result')).toMatchObject([{ outcome: 'accepted', reconciled: true }]);
    expect(world.applied).toBe(1);
  });

  it('a provider that hangs is given up after a time limit and looked up', async () => {
    const { changes, proposeKill, world, clock, entries } = makeWorld();
    const { hash } = await proposeKill();
    world.afterApply = () => new Promise(() => {});
    const running = changes.execute(hash, NEVER);
    await clock.advance(15_000);
    expect((await running).stage).not.toBe('requested');
    expect(entries('change.result')).toMatchObject([{ outcome: 'accepted', reconciled: true }]);
  });
});
