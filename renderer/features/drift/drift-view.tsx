import { ArrowLeft, CircleCheck } from 'lucide-react';
import { Link } from 'wouter';
import { useStream } from '../../client/index.ts';
import { EmptyState, EnvironmentName, ErrorState, Panel, Skeleton, usePage } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import { DriftTable } from './drift-table.tsx';
import styles from './drift.module.css';
import { Observers } from './observers.tsx';

/** Flags whose intended, actual and observed states are not the same, with since when (B5, B6). */
export function DriftView({ environment }: { readonly environment: string }) {
  const t = useText();
  const tone = usePage((state) => state.tone);
  const { data, status, receivedAtMs, error } = useStream('flags.drift', { environment });
  const stale = status === 'stale' || (status === 'error' && data !== undefined);
  const age = { stale, asOfMs: stale ? receivedAtMs : null };
  return (
    <div className={styles.view}>
      <header>
        <Link href="/health" className={styles.back}>
          <ArrowLeft aria-hidden size={14} /> {t('drift.back')}
        </Link>
        <div className={styles.head}>
          <h1 className={styles.title}>{t('drift.title')}</h1>
          <EnvironmentName name={environment} tone={tone} />
        </div>
        <p className={styles.lead}>{t('drift.lead')}</p>
      </header>
      {data === undefined ? (
        error ? (
          <ErrorState title={t('drift.failed')} detail={error.message} action={error.action} />
        ) : (
          <Skeleton lines={8} height={20} />
        )
      ) : (
        <>
          <Panel title={t('drift.flags', { count: data.drifts.length })} flush {...age}>
            {data.drifts.length > 0 ? (
              <DriftTable drifts={data.drifts} environment={environment} />
            ) : data.observers.length === 0 ? (
              <EmptyState title={t('drift.blindTitle')}>{t('drift.blind')}</EmptyState>
            ) : data.observers.some(({ problem, lastSeenAtMs }) => problem !== null || lastSeenAtMs === null) ? (
              // Who is not seen is not said to agree (B14).
              <EmptyState title={t('drift.partTitle')}>{t('drift.part')}</EmptyState>
            ) : (
              <EmptyState title={t('drift.noneTitle')} icon={CircleCheck} tint="green">
                {t('drift.none')}
              </EmptyState>
            )}
          </Panel>
          {data.observers.length === 0 ? null : (
            <Panel title={t('drift.observers')} flush {...age}>
              <Observers observers={data.observers} />
            </Panel>
          )}
        </>
      )}
    </div>
  );
}
