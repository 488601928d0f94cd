import { useMemo } from 'react';
import type { SliView } from '../../../shared/contract/slis.ts';
import { useNow } from '../clock.ts';
import { axisOf, type TimeAxis } from './axis.ts';

/** The axis that these charts share; the same object until it moves on by a bucket. */
export function useAxis(views: readonly SliView[]): TimeAxis {
  const { fromMs, toMs, widthMs } = axisOf(views, useNow(15_000));
  return useMemo(() => ({ fromMs, toMs, widthMs }), [fromMs, toMs, widthMs]);
}
