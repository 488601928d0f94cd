import { afterEach, expect, it } from 'vitest';
import type { Refusal, Trust } from '../../../electron/services/ledger/api.ts';
import type { TeamService } from '../../../electron/services/team/api.ts';
import type { TeamStore } from '../../../electron/services/team/store.ts';
import { createTeamService } from '../../../electron/services/team/team-service.ts';
import type { Entry } from '../../../shared/model/entry.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { memoryChains, PEOPLE, rowOf } from '../../support/memory-chains.ts';
import { type MemoryTeam, memoryTeam } from '../../support/memory-team-store.ts';
import { manualClock, settled } from '../changes/world.ts';

const NEVER = new AbortController().signal;
const AWAY = new ScramError('unreachable', 'PostgreSQL is away');
const services: TeamService[] = [];
afterEach(() => {
  for (const service of services.splice(0)) service.dispose();
});

function consoleOn(team: MemoryTeam, device: string, more: { store?: TeamStore; trust?: Trust } = {}) {
  const chains = memoryChains(device);
  const clock = manualClock();
  const listeners = new Set<(entry: Entry) => void>();
  const refusals: Refusal[] = [];
  const lines: string[] = [];
  const log = {
    info: (event: string) => void lines.push(event),
    warn: (event: string, fields = {}) => void lines.push(`${event} ${JSON.stringify(fields)}`),
    error: (event: string, fields = {}) => void lines.push(`${event} ${JSON.stringify(fields)}`),
  };
  const store = team.store();
  const service = createTeamService({
    store: more.store ?? store,
    chains,
    trust: more.trust ?? PEOPLE,
    ledger: {
      onAppend(listener) {
        listeners.add(listener);
        return { dispose: () => void listeners.delete(listener) };
      },
    },
    device,
    pollMs: 15_000,
    clock,
    log,
    onQuarantine: (refusal) => void refusals.push(refusal),
    random: () => 0.5,
  });
  services.push(service);
  const tell = (kind: string): void => {
    for (const listener of listeners) listener({ body: { device, data: { kind } } } as unknown as Entry);
  };
  return {
    service,
    chains,
    clock,
    refusals,
    lines,
    store,
    tell,
    append(count: number) {
      chains.grow(device, count);
      tell('note.added');
    },
    state: () => service.state(),
    sequences: (of: string) => (chains.rows.get(of) ?? []).map((row) => row.sequence),
  };
}

it('D8: a console alone says so, and tells its own chain', async () => {
  const chains = memoryChains('a');
  chains.grow('a', 2);
  const clock = manualClock();
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const ledger = { onAppend: () => ({ dispose: () => {} }) };
  const service = createTeamService({ store: null, chains, trust: PEOPLE, ledger, device: 'a', pollMs: 1, clock, log });
  expect(service.state()).toMatchObject({ configured: false, state: 'none', waiting: 0, chains: [{ entries: 2 }] });
  await expect(service.syncNow(NEVER)).rejects.toMatchObject({ code: 'refused' });
});

it('D8: what one console appends is at the other, by a notification and in pages', async () => {
  const team = memoryTeam();
  const [a, b] = [consoleOn(team, 'a'), consoleOn(team, 'b')];
  a.chains.grow('a', 1203);
  expect(a.state().state).toBe('connecting');
  await a.clock.advance(0);
  await b.clock.advance(0);
  expect(a.state()).toMatchObject({ state: 'synced', waiting: 0, problem: null });
  expect(b.sequences('a')).toHaveLength(1203);
  expect(team.calls.filter((call) => call.startsWith('push a'))).toEqual([
    'push a 1-500',
    'push a 501-1000',
    'push a 1001-1203',
  ]);
  a.append(2);
  await settled();
  expect(b.sequences('a').at(-1)).toBe(1205);
  expect(team.calls).toContain('push a 1204-1205');
  // Nobody sends back what came from the store.
  expect(team.calls.filter((call) => call.startsWith('push') && !call.startsWith('push a'))).toEqual([]);
});

it('D8: a burst is sent together', async () => {
  const team = memoryTeam();
  const a = consoleOn(team, 'a');
  await a.clock.advance(0);
  for (let index = 0; index < 50; index += 1) a.append(1);
  await settled();
  expect(team.calls.filter((call) => call.startsWith('push')).length).toBeLessThan(5);
  expect(team.rows).toHaveLength(50);
});

it('D8: a lost notification costs one poll', async () => {
  const team = memoryTeam();
  const [a, b] = [consoleOn(team, 'a'), consoleOn(team, 'b')];
  await a.clock.advance(0);
  await b.clock.advance(0);
  team.deaf = true;
  a.append(3);
  await settled();
  await b.clock.advance(14_000);
  expect(b.sequences('a')).toEqual([]);
  await b.clock.advance(1_000);
  expect(b.sequences('a')).toEqual([1, 2, 3]);
});

it('D8: alone while the store is away, counting what waits; then it catches up, trying ever less often', async () => {
  const team = memoryTeam();
  team.down = AWAY;
  const a = consoleOn(team, 'a');
  a.append(4);
  await a.clock.advance(0);
  expect(a.state()).toMatchObject({ state: 'away', waiting: 4, problem: 'PostgreSQL is away' });
  await a.clock.advance(120_000);
  const tries = team.calls.filter((call) => call === 'connect').length;
  expect(tries).toBeGreaterThan(7);
  expect(tries).toBeLessThan(13);
  expect(a.lines.filter((line) => line.startsWith('team-store.away'))).toHaveLength(1);
  team.down = null;
  a.append(1);
  await a.clock.advance(30_000);
  expect(a.state()).toMatchObject({ state: 'synced', waiting: 0, problem: null });
  expect(team.rows).toHaveLength(5);
  team.down = AWAY;
  a.append(2);
  await settled();
  expect(a.state()).toMatchObject({ state: 'away', waiting: 2 });
});

it('a wrong password is not tried more than twice a minute', async () => {
  const team = memoryTeam();
  team.down = new ScramError('credential', 'wrong', { action: 'Correct it.' });
  const a = consoleOn(team, 'a');
  await a.clock.advance(60_000 - 1);
  expect(team.calls.filter((call) => call === 'connect').length).toBeLessThanOrEqual(2);
  expect(a.state().problem).toBe('wrong. Correct it.');
});

it('D8: what the store lost when it was put back from a backup is given again by whoever has it', async () => {
  const team = memoryTeam();
  const [a, b] = [consoleOn(team, 'a'), consoleOn(team, 'b')];
  a.chains.grow('a', 20);
  await a.clock.advance(0);
  await b.clock.advance(0);
  expect(b.sequences('a')).toHaveLength(20);
  a.service.dispose();
  team.rows.splice(7);
  await b.clock.advance(15_000);
  expect(team.rows).toHaveLength(20);
});

it('D8: rows that were taken out of the middle are put back when a console next connects', async () => {
  const team = memoryTeam();
  const a = consoleOn(team, 'a');
  a.chains.grow('a', 20);
  await a.clock.advance(0);
  team.rows.splice(7, 3);
  team.down = AWAY;
  await a.clock.advance(15_000);
  team.down = null;
  await a.clock.advance(30_000);
  expect(new Set(team.rows.map((row) => row.sequence)).size).toBe(20);
});

it('D8: a made-up row beyond the end does not keep a console from sending, nor others from taking', async () => {
  const team = memoryTeam();
  team.rows.push(rowOf('a', 5, 'made-up'), rowOf('a', 1_000_000, 'made-up'));
  const [a, b] = [consoleOn(team, 'a'), consoleOn(team, 'b')];
  a.chains.grow('a', 10);
  await a.clock.advance(0);
  await b.clock.advance(0);
  expect(a.state().waiting).toBe(0);
  expect(b.sequences('a')).toHaveLength(10);
  expect(b.refusals.map(({ row }) => row.sequence)).toEqual([5]);
  // However long it has been asked in vain: what is new is there at once.
  await b.clock.advance(60 * 60_000 + 7_000);
  a.append(1);
  await settled();
  expect(b.sequences('a')).toHaveLength(11);
});

it('D8: a forged row in the place of the next one delays that by one short look', async () => {
  const team = memoryTeam();
  const [a, b] = [consoleOn(team, 'a'), consoleOn(team, 'b')];
  a.chains.grow('a', 3);
  await a.clock.advance(0);
  team.rows.push(rowOf('a', 4, 'made-up'));
  await b.clock.advance(60 * 60_000 + 7_000);
  expect(b.refusals).toHaveLength(1);
  a.append(1);
  await settled();
  expect(b.sequences('a')).toEqual([1, 2, 3, 4]);
});

it('D8: a chain that is refused is told once, asked for ever more seldom, and holds up no other', async () => {
  const team = memoryTeam();
  for (let sequence = 1; sequence <= 40; sequence += 1) team.rows.push(rowOf('unknown', sequence));
  for (let sequence = 1; sequence <= 700; sequence += 1) team.rows.push(rowOf('z', sequence));
  const b = consoleOn(team, 'b');
  await b.clock.advance(0);
  expect(b.sequences('z')).toHaveLength(700);
  expect(b.refusals).toHaveLength(1);
  await b.clock.advance(60 * 60_000);
  expect(b.refusals).toHaveLength(1);
  const pulls = team.calls.filter((call) => call === 'pull unknown').length;
  expect(pulls).toBeGreaterThan(3);
  expect(pulls).toBeLessThan(25);
  expect(b.state().state).toBe('synced');
});

it('D8: a flood of forgeries is told of a thousand times, not more', async () => {
  const team = memoryTeam();
  const b = consoleOn(team, 'b');
  for (let chain = 0; chain < 1_200; chain += 1) team.rows.push(rowOf(`unknown${chain}`, 1));
  await b.clock.advance(0);
  await b.service.syncNow(NEVER);
  expect(b.refusals).toHaveLength(1_000);
  expect(b.chains.kept.length).toBeGreaterThanOrEqual(1_200);
});

it('D8: once the roster names the device, its chain is taken', async () => {
  const team = memoryTeam();
  team.rows.push(rowOf('unknown', 1));
  let named = false;
  const b = consoleOn(team, 'b', { trust: { knowsDevice: () => named, signedBy: () => true } });
  await b.clock.advance(0);
  expect(b.refusals).toHaveLength(1);
  named = true;
  b.tell('roster.accepted');
  await settled();
  expect(b.sequences('unknown')).toEqual([1]);
});

it('D8: the other end of a fork is found below what is held, and told', async () => {
  const team = memoryTeam();
  const [a, b] = [consoleOn(team, 'a'), consoleOn(team, 'b')];
  a.chains.grow('a', 10);
  await a.clock.advance(0);
  await b.clock.advance(0);
  await a.store.push([rowOf('a', 4, 'forked')], NEVER);
  await b.clock.advance(15_000);
  await a.clock.advance(15_000);
  expect(b.refusals.map(({ row }) => row.hash)).toEqual(['forked']);
  expect(a.refusals.map(({ row }) => row.hash)).toEqual(['forked']);
  // The chain goes on, and what was judged is not judged again.
  a.append(1);
  await settled();
  const judged = b.chains.received.length;
  await b.clock.advance(60_000);
  expect(b.chains.received.length).toBe(judged);
});

it('D8: entries of this console that its folder does not have are given to the ledger to judge', async () => {
  const team = memoryTeam();
  for (let sequence = 1; sequence <= 9; sequence += 1) team.rows.push(rowOf('a', sequence));
  const a = consoleOn(team, 'a');
  a.chains.grow('a', 6);
  await a.clock.advance(0);
  expect(a.refusals.map(({ row }) => row.sequence)).toEqual([7, 8, 9]);
  expect(a.sequences('a')).toHaveLength(6);
});

it.each([
  ['no rows at all', 'nonsense'],
  ['rows of another device', [rowOf('c', 1)]],
  ['rows that are none', [null, 3, { device: 'z' }]],
  ['sequences that are no numbers', [{ ...rowOf('z', 1), sequence: '1' }]],
  ['a field too many', [{ ...rowOf('z', 1), admin: true }]],
])('D8: a store that answers nonsense (%s) is a problem told, and others go on', async (_what, answer) => {
  const team = memoryTeam();
  team.rows.push(rowOf('y', 1), rowOf('z', 1));
  const honest = team.store();
  const store: TeamStore = {
    ...honest,
    pull: async (device, after, limit, signal) =>
      device === 'z' ? (answer as never) : honest.pull(device, after, limit, signal),
  };
  const b = consoleOn(team, 'b', { store });
  await b.clock.advance(0);
  expect(b.state()).toMatchObject({ state: 'synced', problem: expect.stringContaining('the team store') });
  expect(b.sequences('y')).toEqual([1]);
  expect(b.sequences('z')).toEqual([]);
});

it.each(['heads', 'held', 'presence'] as const)('D8: nonsense for %s is a state, never a crash', async (name) => {
  const team = memoryTeam();
  const store = { ...team.store(), [name]: async () => 'nonsense' } as unknown as TeamStore;
  const a = consoleOn(team, 'a', { store });
  a.chains.grow('a', 3);
  team.rows.push(rowOf('a', 1));
  await a.clock.advance(0);
  await a.clock.advance(20_000);
  expect(a.state()).toMatchObject(name === 'presence' ? { state: 'synced', presence: [] } : { state: 'away' });
});

it('D8: a gap in the store is told', async () => {
  const team = memoryTeam();
  team.rows.push(rowOf('z', 1), rowOf('z', 3));
  const b = consoleOn(team, 'b');
  await b.clock.advance(0);
  expect(b.state().problem).toBe('the team store lacks entry 2 of z, and has later ones');
  team.rows.push(rowOf('z', 2));
  await b.clock.advance(30_000);
  expect(b.sequences('z')).toEqual([1, 2, 3]);
  expect(b.state().problem).toBeNull();
});

it('D8: a store that hangs is left after its time, and asked again', async () => {
  const team = memoryTeam();
  let hangs = true;
  const honest = team.store();
  const store: TeamStore = {
    ...honest,
    heads: (signal) => (hangs ? new Promise(() => {}) : honest.heads(signal)),
  };
  const a = consoleOn(team, 'a', { store });
  await a.clock.advance(14_000);
  expect(a.state().state).toBe('connecting');
  await a.clock.advance(1_000);
  expect(a.state()).toMatchObject({ state: 'away', problem: 'no answer within 15 s' });
  hangs = false;
  await a.clock.advance(2_000);
  expect(a.state().state).toBe('synced');
});

it('D8: without notifications it says how late it sees, and listens again', async () => {
  const team = memoryTeam();
  const a = consoleOn(team, 'a');
  await a.clock.advance(0);
  a.store.loseListening();
  await settled();
  expect(a.state()).toMatchObject({ state: 'synced', problem: expect.stringContaining('only seen every 15 s') });
  await a.clock.advance(1_000);
  expect(a.state().problem).toBeNull();
  expect(team.calls.filter((call) => call === 'listen')).toHaveLength(2);
});

it('D8: who is here and what they are at; those who left are gone after two minutes', async () => {
  const team = memoryTeam();
  const [a, b] = [consoleOn(team, 'a'), consoleOn(team, 'b')];
  await a.clock.advance(0);
  await b.clock.advance(0);
  a.service.setDoing('alex', 'kill of recommendations');
  await settled();
  await b.clock.advance(20_000);
  expect(b.state().presence).toMatchObject([
    { device: 'a', operator: 'alex', doing: 'kill of recommendations' },
    { device: 'b', operator: null, doing: '' },
  ]);
  const before = team.calls.filter((call) => call === 'setPresence').length;
  a.service.setDoing('alex', 'kill of recommendations');
  await settled();
  expect(team.calls.filter((call) => call === 'setPresence').length).toBe(before);
  await b.clock.advance(125_000);
  expect(b.state().presence.map(({ device }) => device)).toEqual(['b']);
  team.down = AWAY;
  await b.clock.advance(200_000);
  expect(b.state().presence).toEqual([]);
});

it('D8: syncNow resolves when both sides have what the other had, and rejects while the store is away', async () => {
  const team = memoryTeam();
  const a = consoleOn(team, 'a');
  await a.clock.advance(0);
  for (let sequence = 1; sequence <= 1200; sequence += 1) team.rows.push(rowOf('z', sequence));
  await a.service.syncNow(NEVER);
  expect(a.sequences('z')).toHaveLength(1200);
  team.down = AWAY;
  await expect(a.service.syncNow(NEVER)).rejects.toBe(AWAY);
  team.down = null;
  // It does not wait for the next attempt.
  await a.service.syncNow(NEVER);
  const stop = new AbortController();
  const cancelled = a.service.syncNow(stop.signal);
  stop.abort();
  await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
});

it('tells of changes, and of nothing once it is disposed of', async () => {
  const team = memoryTeam();
  const a = consoleOn(team, 'a');
  let told = 0;
  a.service.onChange(() => {
    told += 1;
  });
  await a.clock.advance(0);
  expect(told).toBeGreaterThan(0);
  const waiting = a.service.syncNow(NEVER);
  a.service.dispose();
  await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
  expect(team.calls).toContain('dispose');
  const [before, calls] = [told, team.calls.length];
  a.append(1);
  await a.clock.advance(60_000);
  expect([told, team.calls.length]).toEqual([before, calls]);
});
