import type { EntryData } from '../../../shared/model/entry.ts';
import type { ApprovalService } from '../approvals/api.ts';
import type { BatchService } from '../batches/api.ts';
import type { ChangeService } from '../changes/api.ts';
import type { IncidentService } from '../incidents/api.ts';
import type { NotifyLookups } from './triggers.ts';

export interface LookupSources {
  readonly changes: Pick<ChangeService, 'progress'>;
  readonly batches: Pick<BatchService, 'progress'>;
  readonly approvals: Pick<ApprovalService, 'item' | 'glass'>;
  readonly incidents: Pick<IncidentService, 'list'>;
  /** A person's name; null when the roster does not know them. */
  personName(operator: string): string | null;
  /** Hashes of the bulk kills that a change is of. */
  batchesOf(change: string): readonly string[];
  anchorLine(anchor: Extract<EntryData, { kind: 'anchor.made' }>): string;
}

/** What the messages need to know beside the entry; who began what is kept by the notify service itself. */
export type StandingLookups = Omit<NotifyLookups, 'began'>;

export function lookupsOf(sources: LookupSources): StandingLookups {
  const { changes, batches, approvals, incidents, personName, batchesOf, anchorLine } = sources;
  return {
    nameOf: (operator) => personName(operator) ?? operator,
    change: (hash) => changes.progress(hash)?.change ?? null,
    batchesOf,
    batch: (hash) => batches.progress(hash),
    approval: (request) => approvals.item(request),
    glass: (id) => approvals.glass().find(({ glass }) => glass.id === id) ?? null,
    incident: (id) => incidents.list().find((incident) => incident.id === id) ?? null,
    anchorLine,
  };
}
