import type { Change, ChangeStage, Observation } from '../../../shared/model/change.ts';
import type { Entry } from '../../../shared/model/entry.ts';
import type { Recovery } from '../../../shared/model/recovery.ts';
import type { BatchRecords } from './batch-projection.ts';

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
  const { data, atMs } = entry.body;
  if (data.kind === 'change.proposed') {
    return find(data.change.hash) === undefined ? [proposed(data.change)] : [];
  }
  if (!('hash' in data) || data.kind === 'batch.began' || data.kind === 'batch.ended') return [];
  const record = find(data.hash);
  if (record === undefined) return [];
  switch (data.kind) {
    case 'change.intent':
      return record.stage === 'proposed' ? [{ ...record, stage: 'requested', requestedAtMs: atMs }] : [];
    case 'change.result': {
      if (record.acceptedAtMs !== null) return [];
      const stage = STAGE_OF_OUTCOME[data.outcome];
      const acceptedAtMs = stage === 'accepted' ? atMs : null;
      const after = { ...record, stage, acceptedAtMs, problem: data.detail };
      const undone = record.change.payload.undoes;
      const original = stage === 'accepted' && undone !== null ? find(undone) : undefined;
      return original === undefined ? [after] : [after, { ...original, undoneBy: data.hash }];
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
  };
}

/** Records of a whole ledger, in the order of their proposals, and in the same walk those of its batches. */
export function projectChanges(entries: Iterable<Entry>, batches?: BatchRecords): Map<string, ChangeRecord> {
  const records = new Map<string, ChangeRecord>();
  for (const entry of entries) {
    batches?.apply(entry);
    for (const record of recordsAfter((hash) => records.get(hash), entry)) records.set(record.change.hash, record);
  }
  return records;
}
