import { afterEach, describe, expect, it } from 'vitest';
import type { NotifyTargetEntry } from '../../../electron/services/notify/api.ts';
import { createNotifyBacklog, type NotifyBacklog } from '../../../electron/services/notify/backlog.ts';
import { createNotifyService } from '../../../electron/services/notify/notify-service.ts';
import type { BreakGlassItem } from '../../../shared/model/approval.ts';
import type { Entry, EntryData } from '../../../shared/model/entry.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { type NotifyEvent, type NotifyMessage, notifyEventSchema } from '../../../shared/model/notify.ts';
import { memoryLedger } from '../../support/ledger.ts';
import { aMessage } from '../../support/notify.ts';
import { GOOD_PROBE } from '../../support/provider-parts.ts';
import { manualClock, NEVER, settled } from '../changes/world.ts';
import { aGlass, entryOf, HASH, incident, lookups } from './facts.ts';

const EVERYTHING = notifyEventSchema.options;

/** A target that does as the test says. */
function fakeTarget(id: string, events: readonly NotifyEvent[] = EVERYTHING) {
  const got: NotifyMessage[] = [];
  const world = { tries: 0, answer: async (_message: NotifyMessage): Promise<void> => undefined, disposed: 0 };
  const entry: NotifyTargetEntry = {
    id,
    events,
    target: {
      kind: 'slack',
      async send(message) {
        world.tries += 1;
        await world.answer(message);
        got.push(message);
      },
      probe: async () => GOOD_PROBE,
      dispose: () => {
        world.disposed += 1;
      },
    },
  };
  return { entry, got, world };
}

const down = async (): Promise<never> => {
  throw new ScramError('unreachable', 'nothing listens there');
};

const open: { dispose(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.dispose();
});

interface Parts {
  glass?: () => readonly BreakGlassItem[];
  random?: number;
  backlog?: NotifyBacklog;
  ledger?: ReturnType<typeof memoryLedger>['ledger'];
}

function start(targets: ReturnType<typeof fakeTarget>[], parts: Parts = {}) {
  const clock = manualClock();
  const ledger = parts.ledger ?? memoryLedger(1).ledger;
  const logged: string[] = [];
  const line = (event: string, fields?: unknown) => void logged.push(`${event} ${JSON.stringify(fields)}`);
  const foreign = new Set<(entry: Entry) => void>();
  const service = createNotifyService({
    targets: targets.map(({ entry }) => entry),
    ledger: {
      ...ledger,
      device: ledger.device,
      onAppend(listener) {
        foreign.add(listener);
        return ledger.onAppend(listener);
      },
    },
    clock,
    log: { info: line, warn: line, error: line },
    device: ledger.device,
    lookups: lookups(),
    glass: parts.glass ?? (() => []),
    random: () => parts.random ?? 1,
    ...(parts.backlog === undefined ? {} : { backlog: parts.backlog }),
  });
  open.push(service);
  const sent = (): Extract<EntryData, { kind: 'notify.sent' }>[] =>
    [...ledger.all()].flatMap(({ body: { data } }) => (data.kind === 'notify.sent' ? [data] : []));
  /** An entry of another console, as it comes over the team store. */
  const receive = (data: EntryData) => {
    for (const listener of foreign) listener(entryOf(data, 'sam', 'dev-other'));
  };
  return { service, clock, ledger, logged, sent, receive };
}

describe('the notify service', () => {
  it('sends to every target that takes the event, and records each result', async () => {
    const all = fakeTarget('all');
    const some = fakeTarget('some', ['incident']);
    const { service, sent } = start([all, some]);
    expect(await service.send(aMessage(), NEVER)).toEqual([{ target: 'all', ok: true, detail: null }]);
    expect([all.got.length, some.got.length]).toEqual([1, 0]);
    expect(sent()).toEqual([{ kind: 'notify.sent', target: 'all', event: 'change', ok: true, detail: null }]);
    expect(service.targets()).toMatchObject([
      { id: 'all', state: 'ready', waiting: 0, lastSentAtMs: 1_700_000_000_000, problem: null },
      { id: 'some', state: 'ready', lastSentAtMs: null },
    ]);
  });

  it('a test message is not recorded', async () => {
    const { service, sent } = start([fakeTarget('all')]);
    await service.send(aMessage({ event: 'test' }), NEVER);
    expect(sent()).toEqual([]);
  });

  it('entries of this device are sent, those of others are not: their own console does', async () => {
    const all = fakeTarget('all');
    const { ledger, receive } = start([all]);
    receive({ kind: 'incident.opened', incident });
    await settled();
    expect(all.got).toEqual([]);
    ledger.append({ kind: 'incident.opened', incident });
    await settled();
    expect(all.got).toMatchObject([{ event: 'incident', key: 'incident/i1' }]);
  });

  it('a target that fails or hangs holds up no other, and no change', async () => {
    const hangs = fakeTarget('hangs');
    hangs.world.answer = () => new Promise(() => undefined);
    const fails = fakeTarget('fails');
    fails.world.answer = down;
    const good = fakeTarget('good');
    const { service, ledger, clock } = start([hangs, fails, good]);
    const before = performance.now();
    for (let count = 0; count < 20; count += 1) ledger.append({ kind: 'incident.opened', incident });
    expect(performance.now() - before).toBeLessThan(1000);
    await settled();
    expect(good.got).toHaveLength(20);
    // Hanging ends too: the message counts as failed for now.
    await clock.advance(121_000);
    expect(service.targets()[0]).toMatchObject({ id: 'hangs', waiting: 20, problem: expect.stringContaining('120 s') });
  });

  it('tries again with longer and longer pauses, and keeps the order', async () => {
    const one = fakeTarget('one');
    one.world.answer = down;
    const { service, clock, sent } = start([one]);
    const [first] = await service.send(aMessage({ key: 'a' }), NEVER);
    expect(first).toMatchObject({
      ok: false,
      detail: expect.stringContaining('tried again at 2023-11-14 22:13:22 UTC'),
    });
    expect(service.targets()).toMatchObject([{ state: 'failing', waiting: 1, problem: 'nothing listens there' }]);
    expect(sent()).toEqual([]);
    await clock.advance(1_999);
    expect(one.world.tries).toBe(1);
    await clock.advance(1);
    expect(one.world.tries).toBe(2);
    await clock.advance(3_999);
    expect(one.world.tries).toBe(2);
    await clock.advance(1);
    expect(one.world.tries).toBe(3);
    one.world.answer = async () => undefined;
    // A new message is reason enough to try now.
    await service.send(aMessage({ key: 'b' }), NEVER);
    expect(one.got.map(({ key }) => key)).toEqual(['a', 'b']);
    expect(sent().map(({ ok }) => ok)).toEqual([true, true]);
    expect(service.targets()).toMatchObject([{ state: 'ready', waiting: 0, problem: null }]);
  });

  it('waits as long as the target asks for, whatever else is to be sent', async () => {
    const one = fakeTarget('one');
    one.world.answer = async () => {
      throw new ScramError('rate-limited', 'too many', { retryAfterMs: 60_000 });
    };
    const { service, clock } = start([one]);
    await service.send(aMessage(), NEVER);
    expect(await service.send(aMessage({ key: 'b' }), NEVER)).toMatchObject([
      { ok: false, detail: expect.stringContaining('asked for patience') },
    ]);
    one.world.answer = async () => undefined;
    await clock.advance(59_999);
    expect(one.world.tries).toBe(1);
    await clock.advance(1);
    expect(one.got).toHaveLength(2);
  });

  it('gives up after half an hour, and says so', async () => {
    const one = fakeTarget('one');
    one.world.answer = down;
    const { service, clock, sent } = start([one]);
    await service.send(aMessage(), NEVER);
    await clock.advance(31 * 60_000);
    expect(sent()).toMatchObject([
      { target: 'one', ok: false, detail: expect.stringMatching(/^nothing listens there \(tried \d+ times\)$/) },
    ]);
    expect(service.targets()).toMatchObject([{ state: 'error', waiting: 0 }]);
    const { tries } = one.world;
    expect(tries).toBeGreaterThan(8);
    expect(tries).toBeLessThan(30);
    await clock.advance(60 * 60_000);
    expect(one.world.tries).toBe(tries);
  });

  it('what cannot help is not tried again, and the next message is', async () => {
    const one = fakeTarget('one');
    one.world.answer = async () => {
      throw new ScramError('credential', 'not accepted', { action: 'Check it' });
    };
    const { service, sent } = start([one]);
    expect(await service.send(aMessage(), NEVER)).toEqual([
      { target: 'one', ok: false, detail: 'not accepted. Check it' },
    ]);
    expect(sent()).toMatchObject([{ ok: false, detail: 'not accepted. Check it' }]);
    one.world.answer = async () => undefined;
    expect(await service.send(aMessage(), NEVER)).toMatchObject([{ ok: true }]);
  });

  it('E2: words of an unexpected error go nowhere', async () => {
    const one = fakeTarget('one');
    one.world.answer = async () => {
      throw new TypeError('CANARY');
    };
    const { service, sent, logged } = start([one]);
    const results = await service.send(aMessage(), NEVER);
    expect(JSON.stringify([results, sent(), logged, service.targets()])).not.toContain('CANARY');
    expect(logged.join()).toContain('TypeError');
  });

  it('a full queue gives up what matters least, and says so', async () => {
    const one = fakeTarget('one');
    one.world.answer = down;
    const { service, sent } = start([one]);
    for (let count = 0; count < 400; count += 1)
      void service.send(aMessage({ severity: 'critical', key: `c${count}` }), NEVER);
    for (let count = 0; count < 150; count += 1) void service.send(aMessage({ key: `i${count}` }), NEVER);
    await settled();
    expect(service.targets()[0]?.waiting).toBe(500);
    expect(sent()).toHaveLength(50);
    expect(sent()[0]).toMatchObject({ ok: false, detail: expect.stringContaining('too many') });
    one.world.answer = async () => undefined;
    await service.send(aMessage({ severity: 'critical', key: 'last' }), NEVER);
    expect(one.got.filter(({ severity }) => severity === 'critical')).toHaveLength(401);
  });

  it('whoever leaves is let go, and the message is sent all the same', async () => {
    const one = fakeTarget('one');
    const gate = Promise.withResolvers<void>();
    one.world.answer = () => gate.promise;
    const { service } = start([one]);
    const leave = new AbortController();
    const sending = service.send(aMessage(), leave.signal);
    leave.abort(new ScramError('cancelled', 'left'));
    await expect(sending).rejects.toThrow('left');
    gate.resolve();
    await settled();
    expect(one.got).toHaveLength(1);
  });

  it('what waits when the console stops is told as not sent, and nothing is tried after', async () => {
    const one = fakeTarget('one');
    one.world.answer = down;
    const { service, clock, sent, ledger } = start([one]);
    await service.send(aMessage(), NEVER);
    service.dispose();
    expect(sent()).toMatchObject([{ ok: false, detail: expect.stringContaining('not known to be sent') }]);
    expect(one.world.disposed).toBe(1);
    ledger.append({ kind: 'incident.opened', incident });
    await clock.advance(3_600_000);
    expect(one.world.tries).toBe(1);
    expect(sent()).toHaveLength(1);
  });

  it('D3: what waits is sent by the next configuration, which unlocking or saving scram.yaml brings', async () => {
    const lost: string[] = [];
    const backlog = createNotifyBacklog((target, { key }) => void lost.push(`${target} ${key}`));
    const one = fakeTarget('one');
    one.world.answer = async () => {
      throw new ScramError('locked', 'the vault is locked');
    };
    const before = start([one, fakeTarget('gone')], { backlog });
    await before.service.send(aMessage({ key: 'a' }), NEVER);
    await before.service.send(aMessage({ key: 'b' }), NEVER);
    one.world.answer = async () => undefined;
    // As compose.ts has it: the next set is there before the one in force ends.
    const after = start([one], { backlog });
    before.service.dispose();
    expect(before.sent().filter(({ target }) => target === 'one')).toEqual([]);
    await after.clock.advance(0);
    expect(one.got.map(({ key }) => key)).toEqual(['a', 'b']);
    expect(after.sent()).toMatchObject([{ ok: true }, { ok: true }]);

    one.world.answer = down;
    await after.service.send(aMessage({ key: 'c' }), NEVER);
    after.service.dispose();
    expect(lost).toEqual([]);
    backlog.dispose();
    expect(lost).toEqual(['one c']);
    backlog.put('one', [{ message: aMessage({ key: 'd' }), sinceMs: 0 }]);
    expect(lost).toEqual(['one c', 'one d']);
  });

  it('says who began a change, also when that was before this service', async () => {
    const { ledger } = memoryLedger(1);
    ledger.append({ kind: 'change.intent', hash: HASH, breakGlass: 'g1' });
    const one = fakeTarget('one');
    start([one], { ledger });
    ledger.append({ kind: 'change.result', hash: HASH, outcome: 'accepted', reconciled: true, detail: null });
    await settled();
    expect(one.got).toMatchObject([
      { event: 'change', facts: expect.arrayContaining([{ label: 'Alone', text: 'under break-glass' }]) },
    ]);
  });

  it('a console that stops waits for what it has just said, and not for what cannot be said now', async () => {
    const one = fakeTarget('one');
    const gate = Promise.withResolvers<void>();
    one.world.answer = () => gate.promise;
    const failing = fakeTarget('failing');
    failing.world.answer = down;
    const { service, ledger, clock } = start([one, failing]);
    await service.settled(5_000);
    ledger.append({ kind: 'incident.opened', incident });
    const done: string[] = [];
    void service.settled(5_000).then(() => done.push('all'));
    void service.settled(1_000).then(() => done.push('limit'));
    await clock.advance(999);
    expect(done).toEqual([]);
    await clock.advance(1);
    expect(done).toEqual(['limit']);
    gate.resolve();
    await settled();
    expect(done).toEqual(['limit', 'all']);
    expect([one.got.length, service.targets()[1]?.waiting]).toEqual([1, 1]);
  });

  it('a listener that fails keeps nothing from being sent', async () => {
    const one = fakeTarget('one');
    const { service, logged } = start([one]);
    const listening = service.onChange(() => {
      throw new Error('CANARY');
    });
    void service.send(aMessage({ key: 'a' }), NEVER);
    await settled();
    expect(logged).toEqual([expect.stringContaining('notify.broken')]);
    expect(logged.join()).not.toContain('CANARY');
    listening.dispose();
    await service.send(aMessage({ key: 'b' }), NEVER);
    expect(one.got.map(({ key }) => key)).toEqual(['a', 'b']);
  });

  it('tells of each change of its state, until nobody listens', async () => {
    const one = fakeTarget('one');
    const { service } = start([one]);
    const states: (string | undefined)[] = [];
    const subscription = service.onChange(() => void states.push(service.targets()[0]?.state));
    await service.send(aMessage(), NEVER);
    await settled();
    expect(states).toEqual(['sending', 'ready']);
    subscription.dispose();
    await service.send(aMessage(), NEVER);
    expect(states).toHaveLength(2);
  });

  it('D10: an anchor goes to the target that it names, and to no other', async () => {
    const room = fakeTarget('room', ['incident']);
    const other = fakeTarget('other');
    const { ledger } = start([room, other]);
    ledger.append({ kind: 'anchor.made', place: 'notify', where: 'room', digest: 'f'.repeat(64), heads: [] });
    await settled();
    expect(room.got).toMatchObject([{ event: 'anchor', text: `scram-anchor-v1 ${'f'.repeat(64)}` }]);
    expect(other.got).toEqual([]);
  });

  it('a probe of an unknown target names those that exist', async () => {
    const { service } = start([fakeTarget('one')]);
    expect(await service.probe('one', NEVER)).toEqual(GOOD_PROBE);
    await expect(service.probe('two', NEVER)).rejects.toMatchObject({ code: 'not-found', action: 'Targets: one' });
  });
});

describe('D3: a review that nobody made', () => {
  const dayMs = 86_400_000;

  it('is told of once, when it is overdue, by the console that broke the glass', async () => {
    const one = fakeTarget('one');
    const items: BreakGlassItem[] = [];
    const { clock, ledger } = start([one], { glass: () => items });
    const mine = aGlass({ device: ledger.device, reviewByMs: clock.now() + dayMs });
    items.push(mine, aGlass({ id: 'g2', device: 'dev-other', reviewByMs: clock.now() + dayMs }));
    ledger.append({ kind: 'breakglass.opened', glass: mine.glass });
    await clock.advance(dayMs - 1);
    expect(one.got.map(({ event }) => event)).toEqual(['break-glass']);
    await clock.advance(1);
    expect(one.got.map(({ event }) => event)).toEqual(['break-glass', 'break-glass-overdue']);
    expect(one.got[1]).toMatchObject({ severity: 'critical', key: 'break-glass/g1' });
    await clock.advance(10 * dayMs);
    expect(one.got).toHaveLength(2);
  });

  it('is not told of when somebody reviewed it, on whichever console', async () => {
    const one = fakeTarget('one');
    const items: BreakGlassItem[] = [];
    const { clock, ledger, receive } = start([one], { glass: () => items });
    items.push(aGlass({ device: ledger.device, reviewByMs: clock.now() + dayMs }));
    ledger.append({ kind: 'breakglass.opened', glass: items[0]!.glass });
    await settled();
    items[0] = { ...items[0]!, review: { verdict: 'accepted', note: '', by: 'sam', byName: 'Sam', atMs: 0 } };
    receive({ kind: 'breakglass.reviewed', id: 'g1', verdict: 'accepted', note: '' });
    await clock.advance(2 * dayMs);
    expect(one.got.map(({ event }) => event)).toEqual(['break-glass']);
  });

  it('is told of after a restart, unless the run before has done so', async () => {
    const one = fakeTarget('one');
    const items: BreakGlassItem[] = [];
    const { clock, ledger } = start([one], { glass: () => items });
    items.push(aGlass({ device: ledger.device, reviewByMs: clock.now() - 1 }));
    await clock.advance(0);
    expect(one.got.map(({ event }) => event)).toEqual(['break-glass-overdue']);

    const told = fakeTarget('one');
    const again = start([told], { glass: () => items });
    items[0] = aGlass({ device: again.ledger.device, reviewByMs: again.clock.now() - 1 });
    again.ledger.append({ kind: 'notify.sent', target: 'one', event: 'break-glass-overdue', ok: true, detail: null });
    await again.clock.advance(0);
    expect(told.got).toEqual([]);
  });
});
