import type { Config } from '../../../shared/model/config/index.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { type Flag, type FlagRow, flagId } from '../../../shared/model/flag.ts';
import type { Marker } from '../../../shared/model/marker.ts';
import type { Ledger } from '../ledger/api.ts';
import type { Clock, Log } from '../ports.ts';
import type { FlagConnection, FlagRef, FlagService, RowsDelta } from './api.ts';
import { AuditTrail, type Foreign } from './audit.ts';
import { CacheWriter, type FlagCache } from './cache-writer.ts';
import { Interner } from './cell.ts';
import type { Origin } from './diff.ts';
import { factsOf, hintsDigest } from './facts.ts';
import { findFlag } from './find.ts';
import { Holding, type Store } from './holding.ts';
import { Intake } from './intake.ts';
import { Listeners } from './listeners.ts';
import { Markers } from './markers.ts';
import { flagOf, rowOf } from './normalise.ts';
import type { AuditEvent, ProviderFlag } from './provider.ts';
import { OwnChanges } from './own-changes.ts';
import { readMany } from './read-many.ts';
import { Reader, type ReaderEvents } from './reader.ts';
import { MarkerRecorder } from './recorder.ts';
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

/** A watcher may have seen our own change this long before we say that it is ours. */
const OURS_WITHIN_MS = 10_000;
/** How often the age of what is shown is looked at. */
const AGE_TICK_MS = 1_000;

/** Live flags of every connection: status, age, cache, normalisation, changes seen (A3, B1, E1, H4). */
export function createFlagService(options: FlagServiceOptions): FlagService {
  const { connections, config, ledger, clock, log } = options;
  const facts = factsOf(config);
  const interner = new Interner();
  const markers = new Markers(ledger);
  const cacheWriter = new CacheWriter(options.cache, clock, log, hintsDigest(config));
  const onStatus = new Listeners<'status', []>();
  const onRows = new Listeners<string, [RowsDelta]>();
  const onFlag = new Listeners<string, [Flag]>();
  const onMarker = new Listeners<'marker', [Marker]>();
  const store: Store = {
    peek: (holding) => cacheWriter.peek(holding),
    restore(holding) {
      cacheWriter.restore(holding, interner);
      board.recount(holding.connection);
    },
  };
  const holdings = connections.flatMap((connection) =>
    connection.provider.environments.map((environment) => new Holding(connection, environment, store)),
  );
  const byId = new Map(holdings.map((holding) => [holding.id, holding]));
  const connectionsById = new Map(connections.map((connection) => [connection.id, connection]));
  const board = new StatusBoard(connections, holdings, clock);
  const recorder = new MarkerRecorder(markers, clock, log, (marker) => onMarker.emit('marker', marker));
  const trail = new AuditTrail(clock, log, credit);
  const own = new OwnChanges(ledger, clock);
  const intake = new Intake({
    own,
    device: ledger.device,
    clock,
    facts,
    interner,
    markers,
    recorder,
    cacheWriter,
    onRows,
    onFlag,
    flag,
    counted: ({ connection }) => board.recount(connection),
    foreign: ({ connection }, marker, revision, sinceMs) => trail.add(connection, { marker, revision, sinceMs }),
  });
  let disposed = false;

  const events: ReaderEvents = {
    read(holding, read, readings) {
      intake.whole(holding, read, readings);
      tellStatus(holding.connection);
    },
    changed(holding, changes, readings) {
      const quiet = changes.upserts.length + changes.removals.length === 0;
      if (quiet && holding.touched.size === 0 && changes.mark === holding.mark && holding.readAtMs !== null) {
        holding.readAtMs = changes.readAtMs;
        holding.error = null;
        holding.failures = 0;
        holding.gap = false;
      } else {
        intake.some(holding, changes, readings);
      }
      if (quiet) cacheWriter.confirmed(holding, changes.readAtMs);
      tellStatus(holding.connection);
    },
    reread(holding, flags) {
      for (const key of flags.keys()) holding.touched.delete(key);
      intake.several(holding, flags, noticed());
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
      tellStatus(holding.connection);
    },
  };
  const tones = config.environments;
  const reader = new Reader({
    holdings,
    clock,
    events,
    firstLookMs: options.firstLookMs ?? 0,
    urgent: (environment) => Object.hasOwn(tones, environment) && tones[environment]?.tone === 'production',
  });
  const ageTick = clock.every(AGE_TICK_MS, () => tellStatus());

  function noticed(): Origin {
    return { atMs: clock.now(), approximate: true, ours: false, by: null };
  }

  function tellStatus(connection?: FlagConnection): void {
    if (board.moved(connection)) onStatus.emit('status');
  }

  /** The provider's own record tells who made a change that was seen, and when exactly (D6). */
  function credit(connection: FlagConnection, { marker, revision }: Foreign, event: AuditEvent): boolean {
    const current = markers.get(marker.id);
    if (current === null) return false;
    if (current.ours) return true;
    const atMs = Math.min(event.atMs, clock.now());
    const holding = byId.get(`${connection.id}/${marker.environment}`);
    if (holding && holding.cells.get(marker.subject)?.changedAtMs === current.atMs) {
      intake.credited(holding, marker.subject, { changedAtMs: atMs, changedBy: event.by });
    }
    recorder.record({ ...current, atMs, approximate: false, by: event.by }, revision);
    return true;
  }

  function holdingOf(connection: string, environment: string): Holding {
    const found = byId.get(`${connection}/${environment}`);
    if (found) return found;
    const has = connectionOf(connection).provider.environments.join(', ');
    throw new ScramError(
      'not-found',
      `connection ${connection} has no environment ${environment}: it has ${has || 'none'}`,
    );
  }

  function connectionOf(id: string): FlagConnection {
    const found = connectionsById.get(id);
    if (found) return found;
    const ids = connections.map((connection) => connection.id).join(', ');
    throw new ScramError('not-found', `there is no flag connection ${id}: there are ${ids || 'none'}`);
  }

  function flag(ref: FlagRef): Flag | null {
    const places = (connectionsById.get(ref.connection)?.provider.environments ?? []).flatMap((environment) => {
      const holding = byId.get(`${ref.connection}/${environment}`);
      const cell = holding?.cells.get(ref.key);
      return holding && cell ? [{ environment, providerEnvironment: holding.providerEnvironment, cell }] : [];
    });
    return flagOf(ref.connection, ref.key, places, facts(ref.connection, ref.key), clock.now());
  }

  async function readSeveral(
    connection: string,
    keys: readonly string[],
    environment: string,
    origin: Origin,
    signal: AbortSignal,
  ): Promise<Map<string, ProviderFlag | null>> {
    const holding = holdingOf(connection, environment);
    const read = await readMany(holding.connection.provider, keys, environment, signal);
    if (!disposed) intake.several(holding, read, origin);
    return read;
  }

  async function noteOurs(
    connection: string,
    keys: readonly string[],
    environment: string,
    atMs: number,
  ): Promise<Map<string, ProviderFlag | null>> {
    const by = ledger.device;
    const origin = { atMs, approximate: false, ours: true, by };
    const read = await readSeveral(connection, keys, environment, origin, new AbortController().signal);
    const holding = holdingOf(connection, environment);
    if (disposed) return read;
    // The watcher was faster and took it for somebody else's: the same marker again, now ours.
    const mistaken = (seen: Marker): boolean => !seen.ours && Math.abs(seen.atMs - atMs) <= OURS_WITHIN_MS;
    const ours = (seen: Marker): Marker => {
      intake.credited(holding, seen.subject, { changedAtMs: atMs, changedBy: by });
      return { ...seen, ours: true, approximate: false, atMs, by };
    };
    for (const key of keys) {
      const seen = markers.latest({ connection, key }, environment);
      if (seen && mistaken(seen)) recorder.record(ours(seen), holding.cells.get(key)?.state.revision ?? '');
    }
    const written = new Set(keys);
    recorder.amend((seen) => {
      const here = seen.connection === connection && seen.environment === environment && written.has(seen.subject);
      return here && mistaken(seen) ? ours(seen) : seen;
    });
    return read;
  }

  return {
    statuses: () => board.statuses(),
    onStatus: (listener) => onStatus.on('status', listener),
    rows(environment) {
      const nowMs = clock.now();
      const rows: FlagRow[] = [];
      for (const { connection, cells } of holdings.filter((holding) => holding.environment === environment)) {
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
    held(connection, environment) {
      const { readAtMs, cells } = holdingOf(connection, environment);
      return { readAtMs, flags: cells };
    },
    find: (key, connection) =>
      findFlag(holdings, key, connection === undefined ? undefined : connectionOf(connection).id),
    async readNow(ref, environment, signal) {
      return present(await readSeveral(ref.connection, [ref.key], environment, noticed(), signal), ref, environment);
    },
    async readManyNow(connection, keys, environment, signal) {
      const read = await readSeveral(connection, keys, environment, noticed(), signal);
      return new Map([...read].flatMap(([key, found]) => (found ? [[key, found] as const] : [])));
    },
    async noteOurChange(ref, environment, atMs) {
      present(await noteOurs(ref.connection, [ref.key], environment, atMs), ref, environment);
    },
    async noteOurChanges(refs, environment, atMs) {
      const notes = [...Map.groupBy(refs, (ref) => ref.connection)].map(([connection, own]) =>
        noteOurs(
          connection,
          own.map(({ key }) => key),
          environment,
          atMs,
        ),
      );
      for (const note of await Promise.allSettled(notes)) if (note.status === 'rejected') throw note.reason;
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
      trail.dispose();
      own.dispose();
      ageTick.dispose();
      cacheWriter.dispose();
      recorder.dispose();
      for (const listeners of [onStatus, onRows, onFlag, onMarker]) listeners.clear();
      for (const connection of connections) {
        connection.provider.dispose();
        for (const observer of connection.observers) observer.dispose();
      }
    },
  };
}

function present(read: ReadonlyMap<string, ProviderFlag | null>, ref: FlagRef, environment: string): ProviderFlag {
  const found = read.get(ref.key);
  if (found) return found;
  throw new ScramError('not-found', `there is no flag ${ref.key} in ${environment} of connection ${ref.connection}`, {
    action: 'Look for it at its flag system: it may have been renamed or deleted.',
  });
}
