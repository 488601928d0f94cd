import { LineChart } from 'lucide-react';
import { useMemo } from 'react';
import { Link } from 'wouter';
import type { SliView } from '../../../shared/contract/slis.ts';
import type { FlagRow } from '../../../shared/model/flag.ts';
import { useStream } from '../../client/index.ts';
import { cx, EmptyState, ErrorState, Panel, Skeleton } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import { arrange } from './arrange.ts';
import { Breaches, Calm } from './breaches.tsx';
import { ChartGrid } from './chart-grid.tsx';
import { FlagsOfService } from './flags-of-service.tsx';
import styles from './now.module.css';
import { RecentChanges } from './recent-changes.tsx';
import { Suspects } from './suspects.tsx';
import { useNowKeys } from './use-now-keys.ts';

export interface NowViewProps {
  readonly environment: string;
}

const NO_ROWS: readonly FlagRow[] = [];
const NO_VIEWS: readonly SliView[] = [];
const TOP_CHARTS = 2;

/** What is burning, what changed, what can be switched off, did it help: in one glance (UI.md). */
export function NowView({ environment }: NowViewProps) {
  const t = useText();
  const now = useStream('now.watch', { environment });
  const slis = useStream('slis.watch', { environment });
  const flags = useStream('flags.watch', { environment });
  const views = slis.data?.slis ?? NO_VIEWS;
  const rows = flags.data?.rows ?? NO_ROWS;
  const breaches = now.data?.breaches ?? [];
  const worst = breaches[0];
  const markers = useMemo(() => now.data?.markers ?? [], [now.data?.markers]);
  const arranged = useMemo(() => arrange(views, worst?.sli ?? null, TOP_CHARTS), [views, worst?.sli]);
  const service = worst?.sli.service ?? null;
  const own = useMemo(
    () => (service === null ? NO_ROWS : rows.filter((row) => row.services.includes(service))),
    [rows, service],
  );
  useNowKeys(worst?.suspects ?? [], own);

  const failed = [now, slis].find((stream) => stream.status === 'error' && stream.data === undefined);
  if (failed) {
    return (
      <div className={styles.now}>
        <h1 className="visually-hidden">{t('now.title', { environment })}</h1>
        <Panel title={t('now.error.title')}>
          <ErrorState title={t('now.error.title')} detail={failed.error?.message} action={failed.error?.action} />
        </Panel>
      </div>
    );
  }
  if (slis.data && views.length === 0) {
    return (
      <div className={cx(styles.now, styles.bare)}>
        <h1 className="visually-hidden">{t('now.title', { environment })}</h1>
        <div className={styles.main}>
          <Panel title={t('now.charts.all')}>
            <EmptyState
              icon={LineChart}
              title={t('now.empty.title', { environment })}
              action={<Link href="/setup">{t('now.empty.setup')}</Link>}
            >
              {t('now.empty.action')}
            </EmptyState>
          </Panel>
        </div>
        <div className={styles.side}>
          <RecentChanges
            markers={markers}
            loading={!now.data}
            asOfMs={now.status === 'live' ? null : now.receivedAtMs}
          />
        </div>
      </div>
    );
  }

  const stale = slis.status !== 'live';
  const chart = { markers, stale, asOfMs: slis.receivedAtMs, all: views };
  return (
    <div className={styles.now}>
      <h1 className="visually-hidden">{t('now.title', { environment })}</h1>
      {/* Said once when it begins; the strip below counts each second, for the eye (H1). */}
      <p role="status" className="visually-hidden">
        {breaches.map(({ sli }) => t('now.breach.said', { sli: `${sli.service} ${sli.name}` })).join('. ')}
      </p>
      {worst ? (
        <Breaches breaches={breaches} views={views} stale={now.status !== 'live'} asOfMs={now.receivedAtMs} />
      ) : (
        <Calm
          views={views}
          loading={!now.data || !slis.data}
          asOfMs={stale || now.status !== 'live' ? slis.receivedAtMs : null}
        />
      )}
      <div className={styles.side}>
        {worst ? (
          <Suspects
            suspects={worst.suspects}
            rows={rows}
            environment={environment}
            stale={now.status !== 'live'}
            asOfMs={now.receivedAtMs}
          />
        ) : (
          <RecentChanges
            markers={markers}
            loading={!now.data}
            asOfMs={now.status === 'live' ? null : now.receivedAtMs}
          />
        )}
      </div>
      <div className={styles.main}>
        {slis.data ? null : <Loading />}
        {service === null ? (
          <ChartGrid {...chart} label={t('now.charts.all')} views={arranged.top} />
        ) : (
          <>
            <ChartGrid {...chart} label={t('now.charts', { service })} views={arranged.top} lead />
            <FlagsOfService
              service={service}
              rows={own}
              loading={!flags.data}
              suspects={worst?.suspects ?? []}
              markers={markers}
              environment={environment}
              stale={flags.status !== 'live' && flags.data !== undefined}
              asOfMs={flags.receivedAtMs}
            />
            <ChartGrid {...chart} label={t('now.charts.more', { service })} views={arranged.same} heading />
            <ChartGrid {...chart} label={t('now.charts.other')} views={arranged.others} heading />
          </>
        )}
      </div>
    </div>
  );
}

function Loading() {
  return (
    <div className={styles.grid}>
      <Skeleton lines={1} height={230} />
      <Skeleton lines={1} height={230} />
    </div>
  );
}
