import { X } from 'lucide-react';
import { useStream } from '../../client/index.ts';
import { IconButton, StatusPill, usePage } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import { countsOf } from './bulk-progress.tsx';
import styles from './changes.module.css';

/** The bulk kill that was confirmed last, on one line of the dock, until it is put away. */
export function BatchWatch({ hash }: { readonly hash: string }) {
  const t = useText();
  const followBatch = usePage((state) => state.followBatch);
  const { data } = useStream('changes.watchBatch', { hash });
  if (!data) return null;
  const { total, accepted, served, observed, failed } = countsOf(data);
  const { name, environment } = data.batch;
  return (
    <div className={styles.dockBatch}>
      <strong>{t('changes.bulkDid', { name, environment })}</strong>
      <span role="status" aria-label={t('changes.propagation')} className={styles.short}>
        {t('changes.bulkCounts', { total, accepted, served, observed })}
        {failed === 0 ? null : <StatusPill tint="red">{t('changes.bulkFailed', { count: failed })}</StatusPill>}
        {data.waiting === null ? null : <StatusPill tint="amber">{data.waiting}</StatusPill>}
      </span>
      <IconButton
        icon={X}
        size="s"
        variant="ghost"
        label={t('changes.dismiss', { flag: name })}
        onClick={() => followBatch(null)}
      />
    </div>
  );
}
