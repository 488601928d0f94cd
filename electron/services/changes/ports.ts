import type { Change, ChangePayload, ChangeProgress } from '../../../shared/model/change.ts';
import type { Config } from '../../../shared/model/config/index.ts';
import type { Environment } from '../../../shared/model/environment.ts';
import type { FlagConnection, FlagRef, FlagService } from '../flags/api.ts';
import type { FlagObserver } from '../flags/observer.ts';
import type { ProviderFlag } from '../flags/provider.ts';
import type { FourEyes } from '../approvals/api.ts';
import type { IncidentService } from '../incidents/api.ts';
import type { Ledger } from '../ledger/api.ts';
import type { Clock, Ids, Log } from '../ports.ts';
import type { SliService } from '../slis/api.ts';

/** What the change pipeline needs; `compose.ts` gives it. */
export interface ChangePorts {
  readonly flags: FlagService;
  readonly slis: SliService;
  readonly ledger: Ledger;
  readonly config: Config;
  readonly environments: readonly Environment[];
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** SHA-256 over the canonical JSON (RFC 8785) of the value, lower-case hex. Properties that are undefined do not count. */
  readonly hash: (value: unknown) => string;
  /** Who may, and with whom (D1, D5). */
  readonly fourEyes: FourEyes;
  /** What an open incident holds (D9). */
  readonly incidents: Pick<IncidentService, 'heldBy'>;
}

export type ProgressListener = (progress: ChangeProgress) => void;

export function refOf(payload: ChangePayload): FlagRef {
  return { connection: payload.connection, key: payload.flag };
}

/** The name of a change: payload and rationale, so that neither can be altered after an approval (D7). */
export function hashOfChange(ports: ChangePorts, change: Pick<Change, 'payload' | 'rationale'>): string {
  return ports.hash({ payload: change.payload, rationale: change.rationale });
}

/** True when the provider holds exactly this side of the change. */
export function isAt(ports: ChangePorts, read: ProviderFlag, side: ChangePayload['before']): boolean {
  return (
    read.state.revision === side.revision ||
    // A provider that counts versions gives a new revision to an old definition.
    ports.hash(read.definition) === ports.hash(side.definition)
  );
}

/** Observers that can see the environment. */
export function observersOf({ observers }: FlagConnection, environment: string): readonly FlagObserver[] {
  return observers.filter(({ environments }) => environments === null || environments.includes(environment));
}
