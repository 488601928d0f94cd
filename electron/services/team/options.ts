import type { Chains, Ledger, Refusal, Trust } from '../ledger/api.ts';
import type { Clock, Log } from '../ports.ts';
import type { TeamStore } from './store.ts';

export interface TeamServiceOptions {
  /** Null when none is configured: everything is as for a console alone. */
  readonly store: TeamStore | null;
  readonly chains: Chains;
  readonly trust: Trust;
  readonly ledger: Pick<Ledger, 'onAppend'>;
  readonly device: string;
  /** How often the store is looked at besides its notifications, milliseconds. */
  readonly pollMs: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Once for each row that was refused. */
  readonly onQuarantine?: (refusal: Refusal) => void;
  /** People who unlock a console, by the roster. */
  readonly peopleOf?: (device: string) => readonly string[];
  readonly random?: () => number;
}
