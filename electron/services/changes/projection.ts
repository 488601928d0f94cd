import type { Change, ChangeStage, Observation } from '../../../shared/model/change.ts';
import type { Entry, EntryKind } from '../../../shared/model/entry.ts';
import type { Recovery } from '../../../shared/model/recovery.ts';
import type { BatchRecords } from './batch-projection.ts';
import { approvalWords, type ProviderApprovalData } from './provider-approval-words.ts';

/** What the ledger says about one change. History, undo and a restart are rebuilt from this alone (D6). */
export interface ChangeRecord {
  readonly change: Change;
  readonly stage: ChangeStage;
  readonly problem: string | null;
  readonly requestedAtMs: number | null;
  readonly acceptedAtMs: number | null;
  readonly servedAtMs: number | null;
  readonly observedAtMs: number | null;
  readonly observations: readonly Observation[];
  /** Final verdicts. */
  readonly recoveries: readonly Recovery[];
  readonly undoneBy: string | null;
  /** When the provider asked for an approval of its own, epoch ms; null when it did not. */
  readonly heldAtMs: number | null;
  /** The provider's own approval, once it was asked for (B2). */
  readonly approval: Pick<ProviderApprovalData, 'id' | 'url' | 'status' | 'detail'> | null;
}

const STAGE_OF_OUTCOME = {
  accepted: 'accepted',
  conflict: 'conflict',
  failed: 'failed',
  refused: 'refused',
  'approval-required': 'approval-required',
  'not-applied': 'failed',
} as const satisfies Record<string, ChangeStage>;

/**
 * Pure reducer: the records that `entry` changes, in their new form; empty for entries of other things. Entries that
 * make no sense after what came before (a second proposal, a result after an accepted one) change nothing.
 */
export function recordsAfter(find: (hash: string) => ChangeRecord | undefined, entry: Entry): ChangeRecord[] {
  const { data, atMs, device } = entry.body;
  if (data.kind === 'change.proposed') {
    const own = data.change.payload.device === device;
    return own && find(data.change.hash) === undefined ? [proposed(data.change)] : [];
  }
  if (!('hash' in data) || data.kind === 'batch.began' || data.kind === 'batch.ended') return [];
  const record = find(data.hash);
  // What becomes of a change is told by the console that it runs on, and by no other (D8).
  if (record === undefined || record.change.payload.device !== device) return [];
  switch (data.kind) {
    case 'change.intent':
      return record.stage === 'proposed' ? [{ ...record, stage: 'requested', requestedAtMs: atMs }] : [];
    case 'change.result': {
      if (record.acceptedAtMs !== null) return [];
      const stage = STAGE_OF_OUTCOME[data.outcome];
      const acceptedAtMs = stage === 'accepted' ? atMs : null;
      const heldAtMs = stage === 'approval-required' ? atMs : record.heldAtMs;
      const after = { ...record, stage, acceptedAtMs, heldAtMs, problem: data.detail };
      const undone = record.change.payload.undoes;
      const original = stage === 'accepted' && undone !== null ? find(undone) : undefined;
      return original === undefined ? [after] : [after, { ...original, undoneBy: data.hash }];
    }
    case 'change.provider-approval': {
      if (record.stage !== 'approval-required') return [];
      const { id, url, status, detail } = data;
      return [{ ...record, approval: { id, url, status, detail }, problem: approvalWords(data) }];
    }
    case 'change.served':
      if (record.acceptedAtMs === null || record.servedAtMs !== null) return [];
      return [{ ...record, stage: 'served', servedAtMs: atMs }];
    case 'change.observed':
      if (record.acceptedAtMs === null || record.observedAtMs !== null) return [];
      return [{ ...record, stage: 'observed', observedAtMs: atMs, observations: data.observations }];
    case 'change.recovery':
      if (record.recoveries.some((recovery) => recovery.sli === data.recovery.sli)) return [];
      return [{ ...record, recoveries: [...record.recoveries, data.recovery] }];
    default:
      return [];
  }
}

function proposed(change: Change): ChangeRecord {
  return {
    change,
    stage: 'proposed',
    problem: null,
    requestedAtMs: null,
    acceptedAtMs: null,
    servedAtMs: null,
    observedAtMs: null,
    observations: [],
    recoveries: [],
    undoneBy: null,
    heldAtMs: null,
    approval: null,
  };
}

/** The kinds of entries that records are made of. */
export const PROJECTED = [
  'change.proposed',
  'change.intent',
  'change.result',
  'change.served',
  'change.observed',
  'change.recovery',
  'change.provider-approval',
  'batch.proposed',
  'batch.began',
  'batch.ended',
] as const satisfies readonly EntryKind[];

/** Records of a whole ledger, in the order of their proposals, and in the same walk those of its batches. */
export function projectChanges(entries: Iterable<Entry>, batches?: BatchRecords): Map<string, ChangeRecord> {
  const records = new Map<string, ChangeRecord>();
  for (const entry of entries) {
    batches?.apply(entry);
    for (const record of recordsAfter((hash) => records.get(hash), entry)) records.set(record.change.hash, record);
  }
  return records;
}
