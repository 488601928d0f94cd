import type { SliStatus } from '../../../shared/model/sli.ts';
import { useText } from '../../messages/index.ts';
import styles from './chart.module.css';

const WORDS = {
  'no-data': 'charts.noData',
  unknown: 'charts.unknown',
  error: 'charts.error',
  stale: 'charts.unknown',
  ok: 'charts.unknown',
  breached: 'charts.unknown',
} as const;

/** In place of the lines when there is nothing to draw: why, in the source's own words. */
export function ChartState({ status }: { readonly status: SliStatus }) {
  const t = useText();
  return (
    <div className={styles.nothing}>
      <p>{t(WORDS[status.state])}</p>
      {status.problem ? <p className={styles.problem}>{status.problem}</p> : null}
    </div>
  );
}
