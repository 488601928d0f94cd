import type { ConfigState } from '../../shared/contract/console.ts';
import type { Environment } from '../../shared/model/environment.ts';
import type { ApprovalService } from '../services/approvals/api.ts';
import type { BatchService } from '../services/batches/api.ts';
import type { ChangeService } from '../services/changes/api.ts';
import type { DriftService } from '../services/drift/api.ts';
import type { FlagService } from '../services/flags/api.ts';
import type { IncidentService } from '../services/incidents/api.ts';
import type { Chains, Evidence, Ledger, StepVerifier } from '../services/ledger/api.ts';
import type { NotifyService, StatusUpdates } from '../services/notify/api.ts';
import type { NowService } from '../services/now/api.ts';
import type { PeopleService } from '../services/operators/api.ts';
import type { Clock, Disposable, Ids, Log } from '../services/ports.ts';
import type { SliService } from '../services/slis/api.ts';
import type { TeamService } from '../services/team/api.ts';
import type { VaultService } from '../services/vault/vault-service.ts';

/** The services of one configuration. A reload builds a new set and disposes of the old one. */
export interface ServiceSet {
  readonly environments: readonly Environment[];
  readonly flags: FlagService;
  readonly slis: SliService;
  readonly changes: ChangeService;
  readonly batches: BatchService;
  readonly drift: DriftService;
  readonly now: NowService;
  readonly approvals: ApprovalService;
  readonly incidents: IncidentService;
  readonly notify: NotifyService;
  readonly status: StatusUpdates;
  readonly team: TeamService;
  readonly vault: VaultService;
}

/** What the handlers call. `compose.ts` makes it; each host holds one. */
export interface Backend {
  readonly product: { readonly name: string; readonly version: string };
  readonly host: 'desktop' | 'web' | 'terminal';
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** Walks a long chain in steps where it can, so that a page that is being served is not held up. */
  readonly ledger: Ledger & Chains & Evidence & StepVerifier;
  /** Who is here, whatever the configuration: a reload of it locks nobody out. */
  readonly people: PeopleService;
  /** Resolves when no set of services is being replaced: after an unlock, when connections have their credentials. */
  renewed(): Promise<void>;
  config(): ConfigState;
  /** The set in force now. Streams subscribe again when `onServices` tells of a new one. */
  services(): ServiceSet;
  onServices(listener: (services: ServiceSet) => void): Disposable;
  /** Anything that the frame around the views shows has changed: configuration, problems. */
  onConfig(listener: () => void): Disposable;
  configJsonSchema(): string;
  /** Writes the starter configuration into `directory` and switches to it; throws `refused` when a file is there. */
  initialise(directory: string): Promise<{ directory: string; files: string[] }>;
  dispose(): Promise<void>;
}
