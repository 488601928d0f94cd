import type { ChangePayload } from '../../../shared/model/change.ts';
import type { FlagState } from '../../../shared/model/flag.ts';
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
