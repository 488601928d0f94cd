import type { Config } from '../../../shared/model/config/index.ts';
import type { Drift, ObserverStatus } from '../../../shared/model/drift.ts';
import type { Environment } from '../../../shared/model/environment.ts';
import type { FlagConnection, FlagService } from '../flags/api.ts';
import type { FlagObserver } from '../flags/observer.ts';
import type { Ledger } from '../ledger/api.ts';
import type { Clock, Disposable, Log } from '../ports.ts';
import type { DriftService } from './api.ts';
import { Area } from './area.ts';
import { DriftJournal } from './journal.ts';
import { LookOut } from './look-out.ts';
import { MadeChanges } from './made-changes.ts';

export interface DriftOptions {
  readonly connections: readonly FlagConnection[];
  readonly flags: Pick<FlagService, 'held' | 'onMarker'>;
  readonly ledger: Ledger;
  readonly config: Config;
  readonly environments: readonly Environment[];
  readonly clock: Clock;
  readonly log: Log;
}

/** An observer is asked no oftener than this, milliseconds: while a change is under way its own watch looks sooner. */
const PACE_MS = 10_000;
/** The flags are there, and the page is, milliseconds after the start. */
const FIRST_LOOK_MS = 1_000;
/** How often is looked at what needs no look: a grace that ended, an objective that passed, milliseconds. */
const TICK_MS = 5_000;
/** Drifts of one environment that are told at most, longest first. */
const MOST_TOLD = 500;
/** Objective of an environment that the configuration does not name, milliseconds. */
const OBJECTIVE_MS = 30_000;

/**
 * Watches every flag whose intended state is the same for everybody, always: against the provider, and against what each
 * observer sees (B5, B6). An observer that answers in bulk is asked for all of them; one that costs a request a flag, for
 * those that services list, that changed lately or that drift, fifty in one look.
 */
export function createDriftService(options: DriftOptions): DriftService {
  const { connections, flags, ledger, config, clock, log } = options;
  const made = new MadeChanges();
  const journal = new DriftJournal(ledger, clock, log);
  const listeners = new Set<(environment: string) => void>();
  const told = new Map<string, string>();
  const looking = new Set<FlagObserver>();
  const stop = new AbortController();
  const disposables: Disposable[] = [];
  for (const entry of ledger.of(['change.proposed', 'change.result', 'drift.began', 'drift.ended'])) {
    made.apply(entry);
    if (entry.body.device === ledger.device) journal.replay(entry.body.data, entry.body.atMs);
  }
  const areas = connections.flatMap((connection) =>
    connection.provider.environments.map((environment) => areaOf(connection, environment)),
  );

  function areaOf(connection: FlagConnection, environment: string): Area {
    const lookOuts = named(connection.observers).flatMap(({ observer, name }) =>
      observer.environments === null || observer.environments.includes(environment)
        ? [new LookOut({ observer, name, environment, clock, paceMs: paceOf(observer) })]
        : [],
    );
    const objectiveMs =
      options.environments.find(({ name }) => name === environment)?.propagationObjectiveMs ?? OBJECTIVE_MS;
    const ports = { flags, made, journal, clock, device: ledger.device };
    return new Area(connection, environment, { lookOuts, objectiveMs, listed: listedBy(config, connection.id), ports });
  }

  /** One observer looks at all its environments at once: one that hangs must not keep production waiting. */
  async function look(observer: FlagObserver): Promise<void> {
    if (looking.has(observer)) return;
    looking.add(observer);
    const looks = await Promise.allSettled(
      areas.flatMap((area) =>
        area.lookOuts.map(async (lookOut) => {
          if (lookOut.observer !== observer || stop.signal.aborted) return;
          await lookOut.look(() => area.candidates(observer.bulk === true), stop.signal);
          if (stop.signal.aborted) return;
          area.judge(lookOut);
          tell(area.environment);
        }),
      ),
    );
    looking.delete(observer);
    for (const done of looks) if (done.status === 'rejected') throw done.reason;
  }

  function drifts(environment: string): Drift[] {
    return areas
      .flatMap((area) => (area.environment === environment ? area.drifts() : []))
      .sort((a, b) => a.sinceMs - b.sinceMs || (a.flag < b.flag ? -1 : 1))
      .slice(0, MOST_TOLD);
  }

  function observers(environment: string): ObserverStatus[] {
    return areas.flatMap((area) =>
      area.environment === environment
        ? area.lookOuts.map(({ name, region, lastSeenAtMs, problem }) => ({
            connection: area.connection.id,
            observer: name,
            region,
            environment,
            lastSeenAtMs,
            problem,
          }))
        : [],
    );
  }

  function tell(environment: string): void {
    if (listeners.size === 0) return;
    const now = JSON.stringify([drifts(environment), observers(environment)]);
    if (now === told.get(environment)) return;
    told.set(environment, now);
    for (const listener of [...listeners]) listener(environment);
  }

  function evaluate(connection: string, environment: string, flag: string): void {
    for (const area of areas) {
      if (area.connection.id !== connection || area.environment !== environment) continue;
      area.evaluate(flag);
      tell(environment);
    }
  }

  disposables.push(
    ledger.onAppend((entry) => {
      const accepted = made.apply(entry);
      if (accepted) evaluate(accepted.connection, accepted.environment, accepted.flag);
    }),
    flags.onMarker(({ connection, environment, subject }) => evaluate(connection, environment, subject)),
    clock.every(TICK_MS, () => {
      for (const area of areas) area.judgeSuspects();
      for (const environment of new Set(areas.map((area) => area.environment))) tell(environment);
    }),
  );
  for (const observer of new Set(connections.flatMap((connection) => connection.observers))) {
    disposables.push(
      clock.after(FIRST_LOOK_MS, () => look(observer)),
      clock.every(paceOf(observer), () => look(observer)),
    );
  }

  return {
    drifts,
    observers,
    onChange(listener) {
      const own = (environment: string): void => listener(environment);
      listeners.add(own);
      return { dispose: () => void listeners.delete(own) };
    },
    dispose() {
      stop.abort();
      for (const disposable of disposables) disposable.dispose();
      journal.dispose();
      listeners.clear();
    },
  };
}

function paceOf(observer: FlagObserver): number {
  return Math.max(PACE_MS, observer.paceMs);
}

/** Observers with names of their own: the second of an id has a number behind it. */
function named(observers: readonly FlagObserver[]): { observer: FlagObserver; name: string }[] {
  const seen = new Map<string, number>();
  return observers.map((observer) => {
    const count = (seen.get(observer.id) ?? 0) + 1;
    seen.set(observer.id, count);
    return { observer, name: count === 1 ? observer.id : `${observer.id} (${count})` };
  });
}

/** Flags of one connection that services use, or that guard one of their dependencies. */
function listedBy(config: Config, connection: string): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const { flags, dependencies } of config.services) {
    for (const flag of flags) if (flag.connection === connection) keys.add(flag.key);
    for (const { killSwitch } of dependencies) if (killSwitch !== undefined) keys.add(killSwitch);
  }
  return keys;
}
