import type { ChangeProgress } from '../../../shared/model/change.ts';
import type { Recovery, Verdict } from '../../../shared/model/recovery.ts';

/** It was fine before the change and still is: nothing to recover from, and nothing that says it helped. */
export function wasNeverWorse(recovery: Pick<Recovery, 'verdict' | 'reason'>): boolean {
  return recovery.verdict === 'cannot-tell' && recovery.reason.id === 'recovery.was-not-worse';
}

type Judged = Pick<Recovery, 'verdict' | 'reason' | 'goodSamples'>;

const SEVERITY: readonly Verdict[] = ['not-recovered', 'watching', 'cannot-tell', 'recovered'];

/** Those that had something to recover from, the least reassuring first. */
export function judged<R extends Judged>(recoveries: readonly R[]): R[] {
  return recoveries
    .filter((each) => !wasNeverWorse(each))
    .sort((a, b) => SEVERITY.indexOf(a.verdict) - SEVERITY.indexOf(b.verdict) || a.goodSamples - b.goodSamples);
}

/**
 * One word over several SLIs: recovered only when each that was worse is (A4). SLIs that never left their limits do
 * not count, and when there are no others it cannot be told.
 */
export function overallVerdict(recoveries: readonly Judged[]): Verdict {
  return judged(recoveries)[0]?.verdict ?? 'cannot-tell';
}

/** Time until the last of them had recovered, milliseconds; null when not all have. */
export function slowestRecovery(recoveries: readonly Recovery[]): number | null {
  if (overallVerdict(recoveries) !== 'recovered') return null;
  return Math.max(...judged(recoveries).map((each) => each.tookMs ?? 0));
}

/** Whether the provider took it, so that there is something to watch and to undo. */
export function wasAccepted(progress: ChangeProgress): boolean {
  return progress.propagation.acceptedAtMs !== null;
}

export function canUndo(progress: ChangeProgress): boolean {
  return wasAccepted(progress) && progress.undoneBy === null;
}

/** Still going on: the provider, the services or the SLIs have not said their last word. */
export function isActive(progress: ChangeProgress): boolean {
  if (progress.stage === 'requested') return true;
  if (!wasAccepted(progress)) return false;
  const { propagation, recoveries } = progress;
  const spreading = propagation.observers && propagation.observed < propagation.expected && progress.undoneBy === null;
  return spreading || recoveries.some((each) => each.verdict === 'watching');
}
