import { useMemo } from 'react';
import { useStream } from '../../client/index.ts';
import { SliChart, useAxis } from '../../kit/charts/index.ts';
import { EmptyState, ErrorState, Skeleton } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './flag-page.module.css';

export interface FlagChartsProps {
  readonly environment: string;
  readonly connection: string;
  readonly flag: string;
}

const NONE: readonly never[] = [];

/** The SLIs of the flag's services, its cohorts apart (A6), with its own changes as lines (A3). */
export function FlagCharts({ environment, connection, flag }: FlagChartsProps) {
  const t = useText();
  const { data, status, receivedAtMs, error } = useStream('slis.watch', { environment, flag });
  const now = useStream('now.watch', { environment }).data;
  const views = data?.slis ?? NONE;
  const axis = useAxis(views);
  const all = now?.markers ?? NONE;
  const markers = useMemo(
    () => all.filter((each) => each.kind === 'deploy' || (each.subject === flag && each.connection === connection)),
    [all, flag, connection],
  );
  if (!data) {
    if (error) return <ErrorState title={t('flags.chartsFailed')} detail={error.message} action={error.action} />;
    return <Skeleton lines={6} height={20} />;
  }
  if (views.length === 0) return <EmptyState title={t('flags.chartsEmpty')} />;
  return (
    <div className={styles.charts}>
      {views.map((view) => (
        <SliChart
          key={view.sli.id}
          view={view}
          axis={axis}
          markers={markers}
          stale={status !== 'live'}
          asOfMs={receivedAtMs}
        />
      ))}
    </div>
  );
}
