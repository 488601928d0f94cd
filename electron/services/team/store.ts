import type { Presence } from '../../../shared/model/team.ts';
import type { LedgerRow } from '../ledger/store.ts';
import type { Disposable } from '../ports.ts';

export type { LedgerRow } from '../ledger/store.ts';

/** An entry, told by its place and its hash. */
export interface RowMark {
  readonly device: string;
  readonly sequence: number;
  readonly hash: string;
}

/** Where chains meet: implemented on PostgreSQL by `electron/providers/team/postgres/`. Rows are never altered (D8). */
export interface TeamStore {
  /** Connects, runs missing migrations where the role may, and checks the privileges. Throws `unreachable`, `credential`. */
  connect(signal: AbortSignal): Promise<void>;
  /** Highest sequence of each chain that the store holds. */
  heads(signal: AbortSignal): Promise<ReadonlyMap<string, number>>;
  /** Devices of the marks whose very entry is there, with none missing before it: a made-up row proves nothing. */
  held(marks: readonly RowMark[], signal: AbortSignal): Promise<ReadonlySet<string>>;
  /** Adds rows of one device in order; those that are there already are left alone. */
  push(rows: readonly LedgerRow[], signal: AbortSignal): Promise<void>;
  /** Rows of a device after a sequence, in order, at most `limit`. Untrusted: whoever reads verifies. */
  pull(device: string, after: number, limit: number, signal: AbortSignal): Promise<readonly LedgerRow[]>;
  /** Rows of a device, not long before its end, that share their place with another: the ends of a fork, or a forgery. */
  doubles(device: string, limit: number, signal: AbortSignal): Promise<readonly LedgerRow[]>;
  /** Calls back with a device whose chain may have grown, or null for any; and with the loss of the connection. */
  listen(onMore: (device: string | null) => void, onLost: (error: unknown) => void): Disposable;
  setPresence(presence: Presence, signal: AbortSignal): Promise<void>;
  presence(sinceMs: number, signal: AbortSignal): Promise<readonly Presence[]>;
  dispose(): Promise<void>;
}
