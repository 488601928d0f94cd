import type { ChangePayload, ChangeProgress } from '../../../shared/model/change.ts';
import type { FlagState } from '../../../shared/model/flag.ts';
import type { Recovery, Verdict } from '../../../shared/model/recovery.ts';
import type { Translate } from '../../messages/index.ts';

/** "feature on for 20 %": polarity is already applied, so it reads the same for every kind of flag. */
export function exposureText(t: Translate, state: Pick<FlagState, 'exposure' | 'percentage'>): string {
  if (state.exposure === 'some' && state.percentage !== null) {
    return t('changes.state.somePercent', { percent: Math.round(state.percentage * 100) / 100 });
  }
  return t(`changes.state.${state.exposure}`);
}

/** "serves off, feature off for everyone". */
export function stateText(t: Translate, state: FlagState, mark: (text: string) => string = (text) => text): string {
  const variant = state.serves === null ? t('changes.codeDefault') : mark(state.serves);
  return t(state.targeting === null ? 'changes.stateServes' : 'changes.stateServesRules', {
    variant,
    exposure: exposureText(t, state),
  });
}

export function affectedText(t: Translate, payload: ChangePayload): string {
  if (payload.affectedServices.length === 0) return t('changes.affectsUnknown');
  return t('changes.affectsServices', {
    count: payload.affectedServices.length,
    services: payload.affectedServices.join(', '),
  });
}

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
