import { CloudCheck, CloudOff, RefreshCw } from 'lucide-react';
import { useStream } from '../../client/index.ts';
import { clockTime, cx, relativeTime, useNow } from '../../kit/index.ts';
import { useLanguage, useText } from '../../messages/index.ts';
import styles from './team.module.css';

/** Whether the record of this console has reached the others (D8); nothing where there is no store to reach. */
export function TeamStatus() {
  const t = useText();
  const language = useLanguage((state) => state.language);
  const { data: team, status } = useStream('team.watch', {});
  const now = useNow();
  if (!team?.configured) return null;
  const { state, lastSyncAtMs, waiting, problem } = team;
  if (state === 'synced') {
    const when = lastSyncAtMs === null ? t('team.justNow') : relativeTime(Math.min(lastSyncAtMs, now), now, language);
    return (
      <span className={cx(styles.status, status === 'live' && styles.synced)}>
        <CloudCheck aria-hidden size={13} />
        {t('team.synced', { when })}
      </span>
    );
  }
  if (state === 'away') {
    const words =
      lastSyncAtMs === null
        ? t('team.awayNever', { waiting })
        : t('team.away', { time: clockTime(lastSyncAtMs), waiting });
    return (
      <span className={cx(styles.status, styles.away)} title={problem ?? undefined}>
        <CloudOff aria-hidden size={13} />
        {words}
      </span>
    );
  }
  return (
    <span className={styles.status} title={problem ?? undefined}>
      <RefreshCw aria-hidden size={13} />
      {t('team.connecting')}
    </span>
  );
}
