import { ScramError } from '../../../shared/model/error.ts';
import type { FlagConnection } from '../flags/api.ts';
import type { FlagObserver } from '../flags/observer.ts';
import type { Disposable } from '../ports.ts';
import { Lane } from './lane.ts';
import { type ChangePorts, isAt, observersOf, refOf } from './ports.ts';
import type { ChangeRecord } from './projection.ts';
import { PROPAGATION_LIMIT_MS, PropagationWatch } from './propagation.ts';
import { answerLimitMs } from './read-each.ts';
import { within } from '../time-limit.ts';

/** At first what happens is seen almost at once, milliseconds. */
const FAST_MS = 100;
const FAST_FOR_MS = 5_000;
/** Then each second, and past the environment's objective each fifth, milliseconds. */
const PACE_MS = 1_000;
const SLOW_MS = 5_000;
/** An observer may take this long before its look counts as failed, milliseconds; more for many flags. */
const LOOK_LIMIT_MS = 5_000;
const MORE_PER_FLAG_MS = 100;
/** Flags of one look, where each costs the observer a request of its own. */
const MOST_BY_ONE = 50;

/**
 * Follows accepted changes to what is served and to what instances use (B5, B14), and journals both when seen. The
 * provider's word that it accepted a change is never taken for either. All changes of one connection and environment
 * share their reads and looks: five hundred kills are watched as cheaply as one.
 */
export class PropagationBoard implements Disposable {
  readonly #ports: ChangePorts;
  readonly #onNews: (hash: string) => void;
  readonly #areas = new Map<string, Area>();
  /** The newest watch of each flag and environment, and where each change is watched. */
  readonly #byFlag = new Map<string, PropagationWatch>();
  readonly #byHash = new Map<string, PropagationWatch>();

  constructor(ports: ChangePorts, onNews: (hash: string) => void) {
    this.#ports = ports;
    this.#onNews = onNews;
  }

  get(hash: string): PropagationWatch | undefined {
    return this.#byHash.get(hash);
  }

  /**
   * Takes the place of an earlier watch of the same flag. `noted`: the flag may be read from then on, true when it has
   * been read back. Throws `not-found` when the connection is gone.
   */
  add(record: ChangeRecord, noted: Promise<boolean>): void {
    const { payload } = record.change;
    const { environment } = payload;
    const connection = this.#ports.flags.connection(payload.connection);
    const acceptedAtMs = record.acceptedAtMs ?? this.#ports.clock.now();
    const observers = observersOf(connection, environment).map(({ id }) => id);
    const watch = new PropagationWatch(record, acceptedAtMs, observers);
    this.supersede(record);
    const flag = flagPlace(record);
    this.#byFlag.set(flag, watch);
    this.#byHash.set(watch.hash, watch);
    const place = `${connection.id}/${environment}`;
    const area = this.#areas.get(place) ?? new Area(this.#ports, connection, environment, this.#onNews);
    this.#areas.set(place, area);
    area.add(watch, noted);
  }

  /** What was to be seen of an earlier change of the same flag no longer holds. */
  supersede(record: ChangeRecord): void {
    const earlier = this.#byFlag.get(flagPlace(record));
    if (earlier === undefined) return;
    const { payload } = record.change;
    this.#byHash.delete(earlier.hash);
    this.#areas.get(`${payload.connection}/${payload.environment}`)?.remove(earlier);
  }

  dispose(): void {
    for (const area of this.#areas.values()) area.dispose();
  }
}

function flagPlace({ change: { payload } }: ChangeRecord): string {
  return JSON.stringify([payload.connection, payload.environment, payload.flag]);
}

/** The watches of one connection and environment. */
class Area implements Disposable {
  readonly #ports: ChangePorts;
  readonly #connection: FlagConnection;
  readonly #environment: string;
  readonly #onNews: (hash: string) => void;
  readonly #objectiveMs: number;
  readonly #watches = new Map<PropagationWatch, Disposable>();
  readonly #stop = new AbortController();
  readonly #served: Lane<PropagationWatch>;
  readonly #lanes: readonly Lane<PropagationWatch>[];

  constructor(ports: ChangePorts, connection: FlagConnection, environment: string, onNews: (hash: string) => void) {
    this.#ports = ports;
    this.#connection = connection;
    this.#environment = environment;
    this.#onNews = onNews;
    this.#objectiveMs = ports.environments.find(({ name }) => name === environment)?.propagationObjectiveMs ?? 0;
    this.#served = new Lane({
      clock: ports.clock,
      paceMs: FAST_MS,
      most: Number.POSITIVE_INFINITY,
      open: () => this.#open((watch) => !watch.served && watch.noted),
      look: (watches) => this.#lookAtServed(watches),
      // The provider that accepted it mostly serves it by then: it is not pestered.
      delayMs: (watch, looks) => Math.max(this.#delayMs(watch), Math.min(PACE_MS, FAST_MS * 2 ** looks)),
    });
    this.#lanes = observersOf(connection, environment).map(
      (observer) =>
        new Lane({
          clock: ports.clock,
          paceMs: observer.paceMs,
          most: observer.bulk === true ? Number.POSITIVE_INFINITY : MOST_BY_ONE,
          open: () => this.#open((watch) => !watch.observed),
          look: (watches) => this.#lookAtInstances(observer, watches),
          delayMs: (watch) => Math.max(this.#delayMs(watch), watch.hasProblem(observer.id) ? PACE_MS : 0),
        }),
    );
  }

  add(watch: PropagationWatch, noted: Promise<boolean>): void {
    const overdueInMs = watch.acceptedAtMs + this.#objectiveMs + 1 - this.#ports.clock.now();
    const alarm = this.#ports.clock.after(Math.max(0, overdueInMs), () => {
      if (watch.open && !this.#stop.signal.aborted) this.#onNews(watch.hash);
    });
    this.#watches.set(watch, alarm);
    void noted.then((readBack) => {
      watch.noted = true;
      watch.readBack = readBack;
      this.#served.poke();
    });
    for (const lane of this.#lanes) lane.poke();
  }

  remove(watch: PropagationWatch): void {
    this.#watches.get(watch)?.dispose();
    this.#watches.delete(watch);
  }

  dispose(): void {
    this.#stop.abort(new ScramError('cancelled', 'the watch ended'));
    for (const lane of [this.#served, ...this.#lanes]) lane.dispose();
    for (const alarm of this.#watches.values()) alarm.dispose();
    this.#watches.clear();
  }

  *#open(wanted: (watch: PropagationWatch) => boolean): Generator<PropagationWatch> {
    const nowMs = this.#ports.clock.now();
    for (const watch of this.#watches.keys()) {
      if (!watch.open || nowMs - watch.acceptedAtMs > PROPAGATION_LIMIT_MS) this.remove(watch);
      else if (wanted(watch)) yield watch;
    }
  }

  #delayMs({ acceptedAtMs }: PropagationWatch): number {
    const age = this.#ports.clock.now() - acceptedAtMs;
    if (age < FAST_FOR_MS) return FAST_MS;
    return age <= this.#objectiveMs ? PACE_MS : SLOW_MS;
  }

  async #lookAtServed(watches: readonly PropagationWatch[]): Promise<number | null> {
    const seen = watches.filter((watch) => this.#wasReadBack(watch));
    const unread = watches.filter((watch) => !seen.includes(watch));
    const { id } = this.#connection;
    let notBeforeMs: number | null = null;
    if (unread.length > 0) {
      const keys = unread.map(({ payload }) => payload.flag);
      const { flags, clock } = this.#ports;
      try {
        const read = await within(clock, answerLimitMs(keys.length), [this.#stop.signal], (limited) =>
          flags.readManyNow(id, keys, this.#environment, limited),
        );
        for (const watch of unread) {
          const flag = read.get(watch.payload.flag);
          if (flag && isAt(this.#ports, flag, watch.payload.after)) seen.push(watch);
          else watch.failed(id, flag ? 'serves another state than the one accepted' : 'the flag is gone');
        }
      } catch (error) {
        notBeforeMs = this.#failed(unread, id, error);
      }
    }
    for (const watch of seen) watch.failed(id, null);
    this.#journal(seen);
    this.#tell(watches);
    return notBeforeMs;
  }

  /** True when the flag was read back at its source since the change, and is as it was to be. */
  #wasReadBack(watch: PropagationWatch): boolean {
    if (!watch.readBack) return false;
    watch.readBack = false;
    const { connection, environment, flag, after } = watch.payload;
    try {
      return this.#ports.flags.held(connection, environment).flags.get(flag)?.state.revision === after.revision;
    } catch {
      return false;
    }
  }

  async #lookAtInstances(observer: FlagObserver, watches: readonly PropagationWatch[]): Promise<number | null> {
    const keys = watches.map(({ payload }) => payload.flag);
    const limitMs = LOOK_LIMIT_MS + MORE_PER_FLAG_MS * keys.length;
    let notBeforeMs: number | null = null;
    try {
      const seen = await within(this.#ports.clock, limitMs, [this.#stop.signal], (limited) =>
        observer.observe(keys, this.#environment, limited),
      );
      const byKey = Map.groupBy(seen, ({ key }) => key);
      for (const watch of watches) {
        const variants = this.#ports.flags.flag(refOf(watch.payload))?.variants ?? [];
        watch.take(observer.id, byKey.get(watch.payload.flag) ?? [], variants);
      }
      this.#journal([]);
    } catch (error) {
      notBeforeMs = this.#failed(watches, observer.id, error);
    }
    this.#tell(watches);
    return notBeforeMs;
  }

  /** Says what is wrong with the source; the time before which it wants no look, epoch ms. */
  #failed(watches: readonly PropagationWatch[], source: string, error: unknown): number | null {
    const words = error instanceof ScramError ? error.message : 'unexpected error';
    for (const watch of watches) watch.failed(source, words);
    const waitMs = error instanceof ScramError ? error.retryAfterMs : null;
    return waitMs === null ? null : this.#ports.clock.now() + waitMs;
  }

  /** Writes what was newly seen, in one go. What could not be written is seen again at the next look. */
  #journal(served: readonly PropagationWatch[]): void {
    if (this.#stop.signal.aborted) return;
    const { ledger, log } = this.#ports;
    try {
      const newly = served.filter((watch) => this.#watches.has(watch));
      ledger.appendAll(newly.map(({ hash }) => ({ kind: 'change.served', hash })));
      for (const watch of newly) watch.served = true;
      const observed = [...this.#watches.keys()].filter(
        (watch) => watch.served && !watch.observed && watch.seenEverywhere(),
      );
      ledger.appendAll(
        observed.map((watch) => ({
          kind: 'change.observed',
          hash: watch.hash,
          observations: [...watch.observations()],
        })),
      );
      for (const watch of observed) watch.observed = true;
    } catch (error) {
      log.error('change.watch-failed', { connection: this.#connection.id, error: String(error) });
    }
  }

  #tell(watches: readonly PropagationWatch[]): void {
    if (this.#stop.signal.aborted) return;
    const nowMs = this.#ports.clock.now();
    for (const watch of watches) {
      if (!watch.hasNews(nowMs)) continue;
      try {
        this.#onNews(watch.hash);
      } catch (error) {
        this.#ports.log.error('change.news-failed', { hash: watch.hash, error: String(error) });
      }
    }
  }
}
