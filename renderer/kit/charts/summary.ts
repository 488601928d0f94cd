import type { SliView } from '../../../shared/contract/slis.ts';
import type { Translate } from '../../messages/index.ts';
import { clockTime, durationText } from '../time.tsx';
import { formatValue } from '../units.ts';
import { lastValue } from './buckets.ts';

/** The chart in words, for those who cannot see it (H1): latest value, objective, state, cohorts, normal. */
export function summary(view: SliView, t: Translate, language: string): string {
  const { sli, status, baseline, series } = view;
  const value = (number: number) => formatValue(number, sli.unit, language);
  const on = lastValue(series, 'on');
  const off = lastValue(series, 'off');
  const parts: (string | null)[] = [
    status.latest
      ? t('charts.summary.latest', { value: value(status.latest.value), time: clockTime(status.latest.atMs, true) })
      : t('charts.noData'),
    t(`charts.state.${status.state}`, {
      duration:
        status.breachedSinceMs !== null && status.latest
          ? durationText(status.latest.atMs - status.breachedSinceMs)
          : '',
    }),
    sli.objective
      ? 'below' in sli.objective
        ? t('charts.below', { value: value(sli.objective.below) })
        : t('charts.above', { value: value(sli.objective.above) })
      : t('charts.noObjective'),
    on !== null && off !== null ? t('charts.summary.cohorts', { on: value(on), off: value(off) }) : null,
    baseline ? t('charts.normally', { value: value(baseline.median) }) : null,
    status.problem,
  ];
  return parts.filter((part) => part !== null).join('. ');
}
