import type { ConnectionStatus } from '../../../shared/model/connection.ts';
import type { Flag, FlagRow, FlagState, Variant } from '../../../shared/model/flag.ts';
import type { Marker } from '../../../shared/model/marker.ts';
import type { Disposable } from '../ports.ts';
import type { ProbeReport } from '../../../shared/model/probe.ts';
import type { FlagObserver } from './observer.ts';
import type { FlagProvider, ProviderFlag } from './provider.ts';

export interface FlagRef {
  readonly connection: string;
  readonly key: string;
}

export interface RowsDelta {
  readonly upserts: readonly FlagRow[];
  readonly removals: readonly FlagRef[];
}

/** One flag connection as `compose.ts` wires it. */
export interface FlagConnection {
  readonly id: string;
  readonly provider: FlagProvider;
  readonly observers: readonly FlagObserver[];
  /** Worst case of propagation from the SDKs' refresh, milliseconds; null when not configured. */
  readonly refreshMs: number | null;
  /** Age past which what is shown counts as stale, milliseconds. */
  readonly staleAfterMs: number;
}

/** One flag of one environment, as last read. */
export interface HeldFlag {
  readonly state: FlagState;
  readonly variants: readonly Variant[];
  /** Last change that is known of, epoch ms, and its author. */
  readonly changedAtMs: number | null;
  readonly changedBy: string | null;
}

/** What is held of one environment of one connection. */
export interface HeldFlags {
  /** When its source last answered in full, epoch ms; null while only the cache of an earlier run is known. */
  readonly readAtMs: number | null;
  readonly flags: ReadonlyMap<string, HeldFlag>;
}

/** Live flags of every connection: status, age, cache, normalisation, changes seen. */
export interface FlagService {
  statuses(): ConnectionStatus[];
  onStatus(listener: () => void): Disposable;
  rows(environment: string): FlagRow[];
  onRows(environment: string, listener: (delta: RowsDelta) => void): Disposable;
  flag(ref: FlagRef): Flag | null;
  onFlag(ref: FlagRef, listener: (flag: Flag) => void): Disposable;
  /** Flag changes seen or made, oldest first. */
  markers(filter: { environment?: string; flag?: FlagRef }): Marker[];
  onMarker(listener: (marker: Marker) => void): Disposable;
  /** Throws `not-found` with the ids that exist. */
  connection(id: string): FlagConnection;
  /** Finds a flag by key alone; throws `not-found` (with near names), or `conflict` when two connections have it. */
  find(key: string, connection?: string): FlagRef;
  /** Reads one flag at its source now, past the cache, and refreshes the rows with it. */
  readNow(ref: FlagRef, environment: string, signal: AbortSignal): Promise<ProviderFlag>;
  /**
   * Reads several flags of one environment at their source now, past the cache, and refreshes their rows at once. Those
   * that are gone are absent from the answer. Throws when any of them could not be read.
   */
  readManyNow(
    connection: string,
    keys: readonly string[],
    environment: string,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, ProviderFlag>>;
  /** The state was just written by this console: read it back and mark the change as ours. */
  noteOurChange(ref: FlagRef, environment: string, atMs: number): Promise<void>;
  /** The same for several, with one read and one refresh for each connection. Throws the first failure of any. */
  noteOurChanges(refs: readonly FlagRef[], environment: string, atMs: number): Promise<void>;
  /** Throws `not-found`, as `connection`, also for an environment that the connection has not. */
  held(connection: string, environment: string): HeldFlags;
  retry(connection: string): Promise<void>;
  /** Tries the connection out, writing nothing. Throws `not-found` alone. */
  probe(connection: string, signal: AbortSignal): Promise<ProbeReport>;
  /** Resolves when every connection has answered or failed once. */
  settled(): Promise<void>;
  dispose(): void;
}
