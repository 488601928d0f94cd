import { expect, it } from 'vitest';
import type { CallContext } from '../../../electron/rpc/handlers/types.ts';
import { teamHandlers } from '../../../electron/rpc/handlers/team.ts';
import type { TeamService } from '../../../electron/services/team/api.ts';
import { type TeamState, teamStateSchema } from '../../../shared/model/team.ts';
import { manualClock } from '../changes/world.ts';

const STATE: TeamState = {
  configured: true,
  state: 'synced',
  lastSyncAtMs: 1,
  waiting: 0,
  problem: null,
  chains: [],
  quarantined: [],
  presence: [],
};

function world(operator: string | null = 'alex') {
  const listeners = new Set<() => void>();
  const asked: unknown[] = [];
  const clock = manualClock();
  let waiting = 0;
  const team: TeamService = {
    state: () => ({ ...STATE, waiting }),
    onChange(listener) {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
    setDoing: (who, doing) => void asked.push([who, doing]),
    syncNow: async () => void asked.push('sync'),
    dispose: () => {},
  };
  const person = { me: () => (operator === null ? null : { operator }) };
  const context = {
    backend: { clock },
    services: { team },
    session: { person },
    signal: new AbortController().signal,
  } as unknown as CallContext;
  return {
    context,
    asked,
    clock,
    listeners,
    change(count: number) {
      waiting = count;
      for (const listener of listeners) listener();
    },
  };
}

it('D8: team.watch tells a burst of changes once, the last of them, and nothing after it has ended', async () => {
  const { context, clock, listeners, change } = world();
  const told: TeamState[] = [];
  const started = teamHandlers['team.watch']({}, context, (state) => void told.push(state));
  expect(teamStateSchema.parse(started.snapshot)).toEqual(STATE);
  for (let count = 1; count <= 50; count += 1) change(count);
  await clock.advance(1_000);
  expect(told.map(({ waiting }) => waiting)).toEqual([50]);
  change(51);
  started.dispose();
  await clock.advance(1_000);
  expect(told).toHaveLength(1);
  expect(listeners.size).toBe(0);
});

it('D5: team.doing says who is unlocked by the session, whatever the page says', async () => {
  const unlocked = world();
  await teamHandlers['team.doing']({ doing: 'flags' }, unlocked.context);
  expect(unlocked.asked).toEqual([['alex', 'flags']]);
  const locked = world(null);
  await teamHandlers['team.doing']({ doing: 'flags' }, locked.context);
  expect(locked.asked).toEqual([[null, 'flags']]);
});

it('D8: team.syncNow waits for the exchange', async () => {
  const { context, asked } = world();
  expect(await teamHandlers['team.syncNow']({}, context)).toEqual({});
  expect(asked).toEqual(['sync']);
});
