import type { SliView } from '../../../shared/contract/slis.ts';
import type { Marker } from '../../../shared/model/marker.ts';
import { SliChart, useAxis } from '../../kit/charts/index.ts';
import { cx } from '../../kit/index.ts';
import styles from './now.module.css';

export interface ChartGridProps {
  readonly label: string;
  readonly views: readonly SliView[];
  /** Every SLI of the view: all charts share one time axis. */
  readonly all: readonly SliView[];
  readonly markers: readonly Marker[];
  readonly stale: boolean;
  readonly asOfMs: number | null;
  /** The charts of the service in breach: higher, two in a row. */
  readonly lead?: boolean;
  /** Shows the label above the charts. */
  readonly heading?: boolean;
}

export function ChartGrid({
  label,
  views,
  all,
  markers,
  stale,
  asOfMs,
  lead = false,
  heading = false,
}: ChartGridProps) {
  const axis = useAxis(all);
  if (views.length === 0) return null;
  return (
    <section aria-label={label} className={styles.charts}>
      {heading ? <h2 className={styles.heading}>{label}</h2> : null}
      <div className={cx(styles.grid, lead && styles.lead)}>
        {views.map((view) => (
          <SliChart
            key={view.sli.id}
            view={view}
            axis={axis}
            markers={markers}
            stale={stale}
            asOfMs={stale ? asOfMs : null}
            height={lead ? 224 : 166}
          />
        ))}
      </div>
    </section>
  );
}
