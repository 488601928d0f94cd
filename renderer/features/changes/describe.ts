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
  return t('changes.stateServes', { variant, exposure: exposureText(t, state) });
}

export function affectedText(t: Translate, payload: ChangePayload): string {
  if (payload.affectedServices.length === 0) return t('changes.affectsUnknown');
  return t('changes.affectsServices', {
    count: payload.affectedServices.length,
    services: payload.affectedServices.join(', '),
  });
}

/** One word over several SLIs, the least reassuring first: recovered only when each of them is (A4). */
export function overallVerdict(recoveries: readonly Pick<Recovery, 'verdict'>[]): Verdict {
  const order: readonly Verdict[] = ['not-recovered', 'watching', 'cannot-tell'];
  for (const verdict of order) if (recoveries.some((each) => each.verdict === verdict)) return verdict;
  return recoveries.length === 0 ? 'cannot-tell' : 'recovered';
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
