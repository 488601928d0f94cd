import type { SliDelta, SliView } from '../../../shared/contract/slis.ts';
import type { Config } from '../../../shared/model/config/index.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { SeriesName } from '../../../shared/model/sli.ts';
import type { Clock, Disposable, Log } from '../ports.ts';
import type { MetricConnection, SliFilter, SliService, SliUpdate } from './api.ts';
import { placeSlis } from './lines.ts';
import { ConnectionPoller } from './poller.ts';
import { SliSlot } from './slot.ts';

/** Lines of many charts answer within moments of one another: one frame for the page, not thirty. */
const FLUSH_MS = 40;
/** Time alone makes an SLI stale, so all are looked at again this often. */
const REASSESS_MS = 5_000;

export interface SliServiceOptions {
  readonly config: Config;
  /** The service polls them; whoever made their sources disposes of them. */
  readonly connections: readonly MetricConnection[];
  readonly clock: Clock;
  readonly log: Log;
}

interface Watcher {
  readonly filter: SliFilter;
  readonly listener: (update: SliUpdate) => void;
  /** First place of each line that the watcher has not been told of. */
  readonly pending: Map<SliSlot, { lines: Map<SeriesName, number>; baseline: boolean }>;
  reset: boolean;
}

export function createSliService({ config, connections, clock, log }: SliServiceOptions): SliService {
  const steps = new Map(connections.map(({ id, stepMs }) => [id, stepMs]));
  const slots = placeSlis(config).map(
    (placed) => new SliSlot(placed, steps.get(placed.sli.connection) ?? 1000, clock.now()),
  );
  for (const slot of slots) {
    if (steps.has(slot.placed.sli.connection)) continue;
    slot.status = { ...slot.status, state: 'error', problem: `no metric connection "${slot.placed.sli.connection}"` };
  }
  const watchers = new Set<Watcher>();
  const breachListeners = new Set<(view: SliView) => void>();
  const statusListeners = new Set<() => void>();
  let flushing: Disposable | null = null;

  const pollers = new Map(
    connections.map((connection) => {
      const own = slots.filter((slot) => slot.placed.sli.connection === connection.id);
      const poller: ConnectionPoller = new ConnectionPoller(
        connection,
        own,
        isWatched,
        { clock, log },
        {
          onLine(slot, name, fromMs) {
            if (fromMs !== null)
              tell(slot, (note) => note.lines.set(name, Math.min(fromMs, note.lines.get(name) ?? fromMs)));
            // Cohorts have no say in the state, unless there is a problem to tell or to take back.
            if (name === 'all' || fromMs === null || slot.status.problem !== null) reassess(slot, poller);
          },
          onCleared() {
            for (const watcher of watchers) if (own.some((slot) => matches(slot, watcher.filter))) watcher.reset = true;
            flushSoon();
          },
          onStatus() {
            for (const slot of own) reassess(slot, poller);
            call(statusListeners, undefined);
          },
        },
      );
      return [connection.id, poller] as const;
    }),
  );
  const aging = clock.every(REASSESS_MS, () => {
    for (const poller of pollers.values()) {
      for (const slot of poller.slots) if (clock.now() - slot.assessedMs >= REASSESS_MS) reassess(slot, poller);
    }
  });
  for (const poller of pollers.values()) poller.tick();

  function isWatched(slot: SliSlot): boolean {
    for (const { filter } of watchers) if (matches(slot, filter)) return true;
    return false;
  }

  function reassess(slot: SliSlot, poller: ConnectionPoller): void {
    const changed = slot.assess(clock.now(), poller.health.problem);
    if (changed.baseline) {
      tell(slot, (note) => {
        note.baseline = true;
      });
    } else if (changed.status) tell(slot, () => {});
    if (changed.breach && breachListeners.size > 0) call(breachListeners, slot.view());
  }

  function tell(slot: SliSlot, note: (pending: { lines: Map<SeriesName, number>; baseline: boolean }) => void): void {
    for (const watcher of watchers) {
      if (!matches(slot, watcher.filter)) continue;
      const pending = watcher.pending.get(slot) ?? { lines: new Map(), baseline: false };
      note(pending);
      watcher.pending.set(slot, pending);
      flushSoon();
    }
  }

  function flushSoon(): void {
    flushing ??= clock.after(FLUSH_MS, flush);
  }

  function flush(): void {
    flushing = null;
    for (const watcher of watchers) {
      const { pending, reset } = watcher;
      if (pending.size === 0 && !reset) continue;
      const update: SliUpdate = reset
        ? { updates: [], reset: views(watcher.filter) }
        : { updates: [...pending].map(([slot, note]) => deltaOf(slot, note)) };
      pending.clear();
      watcher.reset = false;
      call([watcher.listener], update);
    }
  }

  function call<T>(listeners: Iterable<(value: T) => void>, value: T): void {
    for (const listener of [...listeners]) {
      try {
        listener(value);
      } catch (error) {
        log.error('sli-listener-failed', { error: String(error) });
      }
    }
  }

  function views(filter: SliFilter): SliView[] {
    return slots.filter((slot) => matches(slot, filter)).map((slot) => slot.view());
  }

  function pollerOf(connection: string): ConnectionPoller {
    const poller = pollers.get(connection);
    if (poller) return poller;
    throw new ScramError('not-found', `no metric connection "${connection}"`, {
      action: `There are: ${[...pollers.keys()].join(', ') || 'none'}.`,
    });
  }

  return {
    views,
    statuses: () => [...pollers.values()].map((poller) => poller.status()),
    onStatus: (listener) => subscribe(statusListeners, listener),
    onBreach: (listener) => subscribe(breachListeners, listener),
    slis: (environment) => slots.filter((slot) => matches(slot, { environment })).map((slot) => slot.placed.sli),
    view: (sliId, environment) =>
      slots.find(({ placed: { sli } }) => sli.id === sliId && sli.environment === environment)?.view() ?? null,
    watch(filter, listener) {
      const subscription = subscribe(watchers, { filter, listener, pending: new Map(), reset: false });
      for (const poller of pollers.values()) poller.tick();
      return subscription;
    },
    retry: async (connection) => pollerOf(connection).retry(),
    probe: async (connection, signal) => pollerOf(connection).report(signal),
    dispose() {
      aging.dispose();
      flushing?.dispose();
      for (const poller of pollers.values()) poller.dispose();
      watchers.clear();
      breachListeners.clear();
      statusListeners.clear();
    },
  };
}

function matches({ placed: { sli, flags } }: SliSlot, filter: SliFilter): boolean {
  if (sli.environment !== filter.environment) return false;
  if (filter.service !== undefined && sli.service !== filter.service) return false;
  return filter.flag === undefined || flags.has(filter.flag);
}

function deltaOf(slot: SliSlot, note: { lines: Map<SeriesName, number>; baseline: boolean }): SliDelta {
  const append: SliDelta['append'] = {};
  for (const line of slot.lines) {
    const fromMs = note.lines.get(line.name);
    if (fromMs !== undefined) append[line.name] = line.ring.tail(fromMs);
  }
  return {
    sli: slot.placed.sli.id,
    status: slot.status,
    append,
    ...(note.baseline ? { baseline: slot.baseline } : {}),
  };
}

function subscribe<T>(set: Set<T>, member: T): Disposable {
  set.add(member);
  return { dispose: () => void set.delete(member) };
}
