import type { SliView } from '../../../shared/contract/slis.ts';
import type { ApprovalItem } from '../../../shared/model/approval.ts';
import type { Marker } from '../../../shared/model/marker.ts';
import { useStream } from '../../client/index.ts';
import { SliChart, useAxis } from '../../kit/charts/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './approvals.module.css';

const NO_VIEWS: readonly SliView[] = [];
const NO_MARKERS: readonly Marker[] = [];
const MOST_CHARTS = 2;
const HEIGHT_PX = 152;

/** How the SLIs that the change is judged by are now: breached ones first (D1). */
export function SlisNow({ item }: { readonly item: ApprovalItem }) {
  const t = useText();
  const { environment } = item.request.body;
  const slis = useStream('slis.watch', { environment });
  const markers = useStream('now.watch', { environment }).data?.markers ?? NO_MARKERS;
  const all = slis.data?.slis ?? NO_VIEWS;
  const axis = useAxis(all);
  const wanted = new Set(item.changes.flatMap(({ payload }) => payload.affectedSlis));
  const views = all
    .filter(({ sli }) => wanted.has(sli.id))
    .sort((a, b) => Number(b.status.state === 'breached') - Number(a.status.state === 'breached'));
  const stale = slis.status !== 'live';
  return (
    <section aria-label={t('approvals.slisNow')} className={styles.slis}>
      <h4 className={styles.label}>{t('approvals.slisNow')}</h4>
      {views.length === 0 ? (
        <p className={styles.muted}>{t(wanted.size === 0 ? 'approvals.noSlis' : 'approvals.slisElsewhere')}</p>
      ) : (
        <div className={styles.charts}>
          {views.slice(0, MOST_CHARTS).map((view) => (
            <SliChart
              key={view.sli.id}
              view={view}
              axis={axis}
              markers={markers}
              stale={stale}
              asOfMs={stale ? slis.receivedAtMs : null}
              height={HEIGHT_PX}
            />
          ))}
        </div>
      )}
      {views.length > MOST_CHARTS ? (
        <p className={styles.muted}>
          {t('approvals.moreSlis', {
            slis: views
              .slice(MOST_CHARTS)
              .map(({ sli, status }) => `${sli.service} ${sli.name} (${t(`approvals.sli.${status.state}`)})`)
              .join(', '),
          })}
        </p>
      ) : null}
    </section>
  );
}
