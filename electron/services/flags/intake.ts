import { type Flag, type FlagRow, flagId } from '../../../shared/model/flag.ts';
import type { Marker } from '../../../shared/model/marker.ts';
import type { Clock } from '../ports.ts';
import type { FlagRef, RowsDelta } from './api.ts';
import type { CacheWriter } from './cache-writer.ts';
import { type Cell, cellOf, type Interner } from './cell.ts';
import { type CellChange, changeTime, diffCells, isStateChange, markerOf, type Origin, originOf } from './diff.ts';
import type { FactsOf } from './facts.ts';
import type { Holding } from './holding.ts';
import { carryOver, datedByLedger } from './last-change.ts';
import type { Listeners } from './listeners.ts';
import type { Markers } from './markers.ts';
import { rowOf } from './normalise.ts';
import type { OwnChanges } from './own-changes.ts';
import type { EnvironmentChanges, EnvironmentRead, ProviderFlag } from './provider.ts';
import type { MarkerRecorder } from './recorder.ts';

export interface IntakePorts {
  readonly clock: Clock;
  readonly facts: FactsOf;
  readonly interner: Interner;
  readonly markers: Markers;
  readonly recorder: MarkerRecorder;
  readonly cacheWriter: CacheWriter;
  readonly own: OwnChanges;
  /** Name of this console as an author. */
  readonly device: string;
  readonly onRows: Listeners<string, [RowsDelta]>;
  readonly onFlag: Listeners<string, [Flag]>;
  flag(ref: FlagRef): Flag | null;
  /** The number of flags may be another than before. */
  counted(holding: Holding): void;
  /** Somebody else's change was found, between `sinceMs` and now. */
  foreign(holding: Holding, marker: Marker, revision: string, sinceMs: number | null): void;
}

/** Takes in what was read: finds what changed, tells of it, keeps it (A3, H4). */
export class Intake {
  readonly #ports: IntakePorts;

  constructor(ports: IntakePorts) {
    this.#ports = ports;
  }

  /** A whole list, asked for when `readings` single flags had been read. */
  whole(holding: Holding, read: EnvironmentRead, readings: number): void {
    const { interner, markers } = this.#ports;
    const cells = new Map(read.flags.map((flag) => [flag.key, cellOf(flag, interner)]));
    for (const [key, reading] of holding.touched) {
      if (reading <= readings) {
        holding.touched.delete(key);
        continue;
      }
      const newer = holding.cells.get(key);
      if (newer) cells.set(key, newer);
      else cells.delete(key);
    }
    const first = !holding.known;
    carryOver(holding.cells, cells);
    if (first) datedByLedger(cells, markers.list({ environment: holding.environment }), holding.connection.id);
    const changes = diffCells(holding.cells, cells);
    const found = first ? null : this.#originOf(holding, read);
    const since = this.#answered(holding, read);
    holding.providerEnvironment =
      read.flags[0]?.providerEnvironment ??
      holding.connection.provider.providerEnvironment?.(holding.environment) ??
      holding.providerEnvironment;
    const dated = this.#dated(holding, changes, found, since);
    for (const { change } of dated) if (change.after) cells.set(change.key, change.after);
    holding.cells = cells;
    this.#publish(holding, dated, since);
  }

  /** What is other than at an earlier mark, without a look at the rest. */
  some(holding: Holding, changes: EnvironmentChanges, readings: number): void {
    const { interner } = this.#ports;
    const newer = (key: string): boolean => (holding.touched.get(key) ?? 0) > readings;
    const fresh = new Map<string, Cell>();
    const old = new Map<string, Cell>();
    for (const flag of changes.upserts) if (!newer(flag.key)) fresh.set(flag.key, cellOf(flag, interner));
    for (const key of [...fresh.keys(), ...changes.removals]) {
      if (newer(key)) continue;
      holding.touched.delete(key);
      const cell = holding.cells.get(key);
      if (cell) old.set(key, cell);
    }
    carryOver(old, fresh);
    const found = holding.known ? this.#originOf(holding, changes) : null;
    const since = this.#answered(holding, changes);
    this.#put(holding, diffCells(old, fresh), found, since);
  }

  /** Flags that were read by themselves; null: gone. They are newer than the list's mark. */
  several(holding: Holding, read: ReadonlyMap<string, ProviderFlag | null>, found: Origin): void {
    const { interner } = this.#ports;
    const fresh = new Map<string, Cell>();
    const old = new Map<string, Cell>();
    for (const [key, flag] of read) {
      if (flag) fresh.set(key, cellOf(flag, interner));
      const cell = holding.cells.get(key);
      if (cell) old.set(key, cell);
    }
    carryOver(old, fresh);
    const changes = diffCells(old, fresh);
    if (changes.length === 0) return;
    holding.touch(changes.map(({ key }) => key));
    this.#put(holding, changes, holding.known ? found : null, holding.readAtMs ?? holding.cachedAtMs);
  }

  /** A flag of which nothing moved but who changed it, and when. */
  credited(holding: Holding, key: string, by: { changedAtMs: number; changedBy: string | null }): void {
    const cell = holding.cells.get(key);
    if (!cell) return;
    const after = { ...cell, ...by };
    this.#put(holding, [{ key, before: cell, after }], null, null);
  }

  #put(holding: Holding, changes: readonly CellChange[], found: Origin | null, since: number | null): void {
    const dated = this.#dated(holding, changes, found, since);
    for (const { change } of dated) {
      if (change.after) holding.cells.set(change.key, change.after);
      else holding.cells.delete(change.key);
    }
    this.#publish(holding, dated, since);
  }

  /** Notes that the source answered; gives the time of the answer before. */
  #answered(holding: Holding, { readAtMs, mark }: Pick<EnvironmentRead, 'readAtMs' | 'mark'>): number | null {
    const before = holding.readAtMs ?? holding.cachedAtMs;
    holding.mark = mark;
    holding.readAtMs = readAtMs;
    holding.error = null;
    holding.failures = 0;
    holding.gap = false;
    return before;
  }

  #originOf(holding: Holding, read: Pick<EnvironmentRead, 'readAtMs' | 'sourceChangedAtMs'>): Origin {
    const time = changeTime(read.sourceChangedAtMs, holding.readAtMs ?? holding.cachedAtMs, read.readAtMs);
    const watched = holding.connection.provider.capabilities.watch && !holding.gap;
    return { atMs: time.atMs, approximate: !(watched && time.exact), ours: false, by: null };
  }

  /** Gives each change of state its time and author; `found` null: nothing is known of the time before. */
  #dated(holding: Holding, changes: readonly CellChange[], found: Origin | null, since: number | null): Dated[] {
    const nowMs = this.#ports.clock.now();
    return changes.map((change) => {
      if (found === null || !isStateChange(change)) return { change, origin: null };
      const origin = this.#ours(holding, change, found) ?? originOf(change, found, since, nowMs);
      const after = change.after && { ...change.after, changedAtMs: origin.atMs, changedBy: origin.by };
      return { change: { ...change, after }, origin };
    });
  }

  /** Ours by the ledger, although nobody has said so yet. */
  #ours({ connection, environment }: Holding, { key, after }: CellChange, found: Origin): Origin | null {
    const atMs = after && this.#ports.own.claim(connection.id, environment, key, after.state);
    if (atMs === null || found.ours) return null;
    return { atMs, approximate: false, ours: true, by: this.#ports.device };
  }

  #publish(holding: Holding, dated: readonly Dated[], since: number | null): void {
    const { cacheWriter, recorder, facts, clock, onRows } = this.#ports;
    cacheWriter.changed(
      holding,
      dated.map(({ change }) => change.key),
    );
    if (dated.length === 0) return;
    const { connection, environment } = holding;
    this.#ports.counted(holding);
    const nowMs = clock.now();
    if (onRows.has(environment)) {
      const upserts: FlagRow[] = [];
      const removals: FlagRef[] = [];
      for (const { change } of dated) {
        const { key, after } = change;
        if (after) upserts.push(rowOf(connection.id, key, after, facts(connection.id, key), nowMs));
        else removals.push({ connection: connection.id, key });
      }
      onRows.emit(environment, { upserts, removals });
    }
    const seen: { marker: Marker; revision: string }[] = [];
    for (const { change, origin } of dated) {
      this.#tellFlag({ connection: connection.id, key: change.key });
      if (origin === null) continue;
      const { services } = facts(connection.id, change.key);
      const marker = markerOf(change, { connection: connection.id, environment, services, ...origin });
      seen.push({ marker, revision: (change.after ?? change.before)?.state.revision ?? '' });
    }
    recorder.add(seen);
    for (const { marker, revision } of seen) {
      if (!marker.ours) this.#ports.foreign(holding, marker, revision, since);
    }
  }

  #tellFlag(ref: FlagRef): void {
    const { onFlag } = this.#ports;
    if (!onFlag.has(flagId(ref))) return;
    const flag = this.#ports.flag(ref);
    if (flag) onFlag.emit(flagId(ref), flag);
  }
}

interface Dated {
  readonly change: CellChange;
  /** Null for what is no news on the time axis. */
  readonly origin: Origin | null;
}
