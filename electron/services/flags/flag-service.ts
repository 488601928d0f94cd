import type { Config } from '../../../shared/model/config/index.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { type Flag, type FlagRow, flagId } from '../../../shared/model/flag.ts';
import type { Marker } from '../../../shared/model/marker.ts';
import type { Ledger } from '../ledger/api.ts';
import type { Clock, Log } from '../ports.ts';
import type { FlagConnection, FlagRef, FlagService, RowsDelta } from './api.ts';
import { readCache } from './cache.ts';
import { CacheWriter, type FlagCache, flagsKey, readAtKey } from './cache-writer.ts';
import { type Cell, cellOf, Interner } from './cell.ts';
import { type CellChange, changeTime, diffCells, isStateChange, markerOf } from './diff.ts';
import { factsOf, hintsDigest } from './facts.ts';
import { findFlag } from './find.ts';
import { Holding } from './holding.ts';
import { Listeners } from './listeners.ts';
import { carryOver, datedByLedger } from './last-change.ts';
import { Markers } from './markers.ts';
import { flagOf, rowOf } from './normalise.ts';
import type { EnvironmentRead, ProviderFlag } from './provider.ts';
import { Reader, type ReaderEvents } from './reader.ts';
import { StatusBoard } from './status-board.ts';

export interface FlagServiceOptions {
  readonly connections: readonly FlagConnection[];
  readonly config: Config;
  readonly ledger: Ledger;
  readonly cache: FlagCache;
  readonly clock: Clock;
  readonly log: Log;
  /** Time until the sources are looked at for the first time; 0 when left out. */
  readonly firstLookMs?: number;
}

/** Entries are synced to disk one by one; a file in which everything changed must not stop the console meanwhile. */
const ENTRIES_AT_ONCE = 20;
/** A watcher may have seen our own change this long before we say that it is ours. */
const OURS_WITHIN_MS = 10_000;
/** How often the age of what is shown is looked at. */
const AGE_TICK_MS = 1_000;

/** When and by whom a change was made, as far as the read that found it can tell. */
interface Origin {
  readonly atMs: number;
  readonly approximate: boolean;
  readonly ours: boolean;
}

/** Live flags of every connection: status, age, cache, normalisation, changes seen (A3, B1, E1). */
export function createFlagService(options: FlagServiceOptions): FlagService {
  const { connections, config, ledger, clock, log } = options;
  const facts = factsOf(config);
  const interner = new Interner();
  const markers = new Markers(ledger);
  const hints = hintsDigest(config);
  const cacheWriter = new CacheWriter(options.cache, clock, log, hints);
  const onStatus = new Listeners<'status', []>();
  const onRows = new Listeners<string, [RowsDelta]>();
  const onFlag = new Listeners<string, [Flag]>();
  const onMarker = new Listeners<'marker', [Marker]>();
  const holdings = connections.flatMap((connection) =>
    connection.provider.environments.map((environment) => new Holding(connection, environment, load)),
  );
  const waiting: { marker: Marker; revision: string }[] = [];
  const board = new StatusBoard(connections, holdings, clock);
  let draining = false;
  let disposed = false;

  const events: ReaderEvents = {
    read: integrate,
    unchanged(holding, atMs) {
      holding.readAtMs = atMs;
      answered(holding);
      cacheWriter.confirmed(holding, atMs);
      tellStatus();
    },
    failed(holding, error) {
      if (holding.error?.message !== error.message) {
        log.warn('flags-not-read', {
          connection: holding.connection.id,
          environment: holding.environment,
          code: error.code,
          problem: error.message,
        });
      }
      holding.error = error;
      holding.failures += 1;
      holding.gap = true;
      tellStatus();
    },
  };
  const reader = new Reader(holdings, clock, events, options.firstLookMs ?? 0);
  const ageTick = clock.every(AGE_TICK_MS, tellStatus);

  function load(holding: Holding): void {
    const stored = options.cache.get(flagsKey(holding));
    const cached = stored && readCache(stored.text, hints, interner);
    if (cached) holding.load(cached, Number(options.cache.get(readAtKey(holding))?.text ?? 0) || 0);
  }

  function answered(holding: Holding): void {
    holding.error = null;
    holding.failures = 0;
    holding.gap = false;
  }

  /** Takes in a whole read: finds what changed, tells of it, keeps it. */
  function integrate(holding: Holding, read: EnvironmentRead): void {
    const cells = new Map(read.flags.map((flag) => [flag.key, cellOf(flag, interner)]));
    const before = holding.readAtMs ?? holding.cachedAtMs;
    const time = changeTime(read.sourceChangedAtMs, before, read.readAtMs);
    const watched = holding.connection.provider.capabilities.watch && !holding.gap;
    const origin = { atMs: time.atMs, approximate: !(watched && time.exact), ours: false };
    const first = !holding.known;
    carryOver(holding.cells, cells);
    if (first) datedByLedger(cells, markers.list({ environment: holding.environment }), holding.connection.id);
    const changes = diffCells(holding.cells, cells);
    holding.mark = read.mark ?? null;
    holding.readAtMs = read.readAtMs;
    holding.providerEnvironment = read.flags[0]?.providerEnvironment ?? holding.providerEnvironment;
    answered(holding);
    for (const change of changes) {
      const cell = change.after && !first && isStateChange(change) ? dated(change.after, origin) : change.after;
      if (cell) cells.set(change.key, cell);
    }
    holding.cells = cells;
    publish(holding, changes, first ? null : origin);
    cacheWriter.changed(holding);
    tellStatus();
  }

  function dated(cell: Cell, { atMs, ours }: Origin): Cell {
    return { ...cell, changedAtMs: atMs, changedBy: ours ? ledger.device : null };
  }

  /** Takes in one flag that was read by itself; null when it is gone. */
  function integrateOne(holding: Holding, key: string, flag: ProviderFlag | null, origin: Origin): void {
    const before = holding.cells.get(key) ?? null;
    const fresh = new Map(flag ? [[key, cellOf(flag, interner)]] : []);
    const old = new Map(before ? [[key, before]] : []);
    carryOver(old, fresh);
    const [change] = diffCells(old, fresh);
    if (!change) return;
    // The list is now newer than its source's mark.
    holding.mark = null;
    if (change.after) holding.cells.set(key, isStateChange(change) ? dated(change.after, origin) : change.after);
    else holding.cells.delete(key);
    publish(holding, [change], holding.known ? origin : null);
    cacheWriter.changed(holding);
  }

  function publish(holding: Holding, changes: readonly CellChange[], origin: Origin | null): void {
    if (changes.length === 0) return;
    const { connection, environment } = holding;
    board.recount(connection);
    const nowMs = clock.now();
    if (onRows.has(environment)) {
      const upserts: FlagRow[] = [];
      const removals: FlagRef[] = [];
      for (const { key } of changes) {
        const cell = holding.cells.get(key);
        if (cell) upserts.push(rowOf(connection.id, key, cell, facts(connection.id, key), nowMs));
        else removals.push({ connection: connection.id, key });
      }
      onRows.emit(environment, { upserts, removals });
    }
    for (const change of changes) {
      tellFlag({ connection: connection.id, key: change.key });
      if (!origin || !isStateChange(change)) continue;
      const seen = { connection: connection.id, environment, services: facts(connection.id, change.key).services };
      const marker = markerOf(change, { ...seen, ...origin, by: origin.ours ? ledger.device : null });
      waiting.push({ marker, revision: (change.after ?? change.before)?.state.revision ?? '' });
    }
    drain();
  }

  function tellFlag(ref: FlagRef): void {
    if (!onFlag.has(flagId(ref))) return;
    const found = flag(ref);
    if (found) onFlag.emit(flagId(ref), found);
  }

  /** Writes markers to the ledger and tells of them, a handful at a time. */
  function drain(): void {
    if (draining) return;
    draining = true;
    for (const { marker, revision } of waiting.splice(0, ENTRIES_AT_ONCE)) record(marker, revision);
    draining = false;
    if (waiting.length > 0 && !disposed) clock.after(0, drain);
  }

  function record(marker: Marker, revision: string): void {
    try {
      markers.add(marker, revision);
    } catch (error) {
      log.error('flag-change-not-recorded', {
        flag: marker.subject,
        error: error instanceof Error ? error.message : String(error),
      });
    }
    onMarker.emit('marker', marker);
  }

  function tellStatus(): void {
    if (board.moved()) onStatus.emit('status');
  }

  function holdingOf(connection: string, environment: string): Holding {
    const found = holdings.find((item) => item.connection.id === connection && item.environment === environment);
    if (found) return found;
    const has = connectionOf(connection).provider.environments.join(', ');
    throw new ScramError(
      'not-found',
      `connection ${connection} has no environment ${environment}: it has ${has || 'none'}`,
    );
  }

  function connectionOf(id: string): FlagConnection {
    const found = connections.find((connection) => connection.id === id);
    if (found) return found;
    const ids = connections.map((connection) => connection.id).join(', ');
    throw new ScramError('not-found', `there is no flag connection ${id}: there are ${ids || 'none'}`);
  }

  function flag(ref: FlagRef): Flag | null {
    const places = holdings.flatMap((holding) => {
      const cell = holding.connection.id === ref.connection ? holding.cells.get(ref.key) : undefined;
      const { environment, providerEnvironment } = holding;
      return cell ? [{ environment, providerEnvironment, cell }] : [];
    });
    return flagOf(ref.connection, ref.key, places, facts(ref.connection, ref.key), clock.now());
  }

  async function readOne(
    ref: FlagRef,
    environment: string,
    origin: Origin,
    signal: AbortSignal,
  ): Promise<ProviderFlag> {
    const holding = holdingOf(ref.connection, environment);
    try {
      const read = await holding.connection.provider.readFlag(ref.key, environment, signal);
      if (!disposed) integrateOne(holding, ref.key, read, origin);
      return read;
    } catch (error) {
      if (!disposed && error instanceof ScramError && error.code === 'not-found')
        integrateOne(holding, ref.key, null, origin);
      throw error;
    }
  }

  return {
    statuses: () => board.statuses(),
    onStatus: (listener) => onStatus.on('status', listener),
    rows(environment) {
      const nowMs = clock.now();
      const rows: FlagRow[] = [];
      for (const { connection, environment: own, cells } of holdings) {
        if (own !== environment) continue;
        for (const [key, cell] of cells) rows.push(rowOf(connection.id, key, cell, facts(connection.id, key), nowMs));
      }
      return rows;
    },
    onRows: (environment, listener) => onRows.on(environment, listener),
    flag,
    onFlag: (ref, listener) => onFlag.on(flagId(ref), listener),
    markers: (filter) => markers.list(filter),
    onMarker: (listener) => onMarker.on('marker', listener),
    connection: connectionOf,
    find: (key, connection) =>
      findFlag(holdings, key, connection === undefined ? undefined : connectionOf(connection).id),
    readNow: (ref, environment, signal) =>
      readOne(ref, environment, { atMs: clock.now(), approximate: true, ours: false }, signal),
    async noteOurChange(ref, environment, atMs) {
      await readOne(ref, environment, { atMs, approximate: false, ours: true }, new AbortController().signal);
      const seen = markers.latest(ref, environment);
      // The watcher was faster and took it for somebody else's: the same marker again, now ours.
      if (seen && !seen.ours && Math.abs(seen.atMs - atMs) <= OURS_WITHIN_MS) {
        const holding = holdingOf(ref.connection, environment);
        const cell = holding.cells.get(ref.key);
        if (cell) holding.cells.set(ref.key, { ...cell, changedBy: ledger.device });
        record({ ...seen, ours: true, approximate: false, atMs, by: ledger.device }, cell?.state.revision ?? '');
        tellFlag(ref);
      }
    },
    async retry(connection) {
      connectionOf(connection);
      await reader.retry(connection);
    },
    probe: (connection, signal) => connectionOf(connection).provider.probe(signal),
    settled: () => reader.settled,
    dispose() {
      disposed = true;
      reader.dispose();
      ageTick.dispose();
      cacheWriter.dispose();
      for (const { marker, revision } of waiting.splice(0)) record(marker, revision);
      for (const listeners of [onStatus, onRows, onFlag, onMarker]) listeners.clear();
      for (const connection of connections) {
        connection.provider.dispose();
        for (const observer of connection.observers) observer.dispose();
      }
    },
  };
}
