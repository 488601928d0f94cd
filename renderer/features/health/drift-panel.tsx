import { Link } from 'wouter';
import { useStream } from '../../client/index.ts';
import { Panel, Skeleton, StatusPill } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './health.module.css';

export interface DriftPanelProps {
  readonly environment: string;
  readonly stale: boolean;
  readonly asOfMs: number | null;
}

/** Whether services use what is intended, in one line; the drift view has the rest (B6). */
export function DriftPanel({ environment, ...age }: DriftPanelProps) {
  const t = useText();
  const { data } = useStream('flags.drift', { environment });
  const overdue = data?.drifts.filter((drift) => drift.overdue).length ?? 0;
  const silent = data?.observers.filter((observer) => observer.problem !== null).length ?? 0;
  const waiting = data?.observers.some((observer) => observer.lastSeenAtMs === null) ?? false;
  const drifts = data?.drifts.length ?? 0;
  return (
    <Panel title={t('health.drift')} {...age} actions={<Link href="/drift">{t('health.driftShow')}</Link>}>
      {data === undefined ? (
        <Skeleton lines={1} />
      ) : data.observers.length === 0 ? (
        <p className={styles.muted}>{t('health.driftBlind')}</p>
      ) : (
        <p className={styles.buttons}>
          {drifts === 0 && (silent > 0 || waiting) ? (
            // Who is not seen is not said to agree (B14).
            <StatusPill tint="grey">{t('health.driftPart')}</StatusPill>
          ) : (
            <StatusPill tint={overdue > 0 ? 'red' : drifts > 0 ? 'amber' : 'green'}>
              {t('health.driftCount', { count: drifts })}
            </StatusPill>
          )}
          {silent === 0 ? null : <StatusPill tint="amber">{t('health.driftSilent', { count: silent })}</StatusPill>}
        </p>
      )}
    </Panel>
  );
}
