import { ChevronDown, ChevronUp, X } from 'lucide-react';
import { useState } from 'react';
import { useStream } from '../../client/index.ts';
import { IconButton, StatusPill, usePage } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import { BulkResults, countsOf } from './bulk-progress.tsx';
import styles from './changes.module.css';
import { environment as named, Sentence } from '../../kit/change/index.ts';

export interface BatchWatchProps {
  readonly hash: string;
  /** How it was called when it was asked for. */
  readonly name: string;
}

/** The bulk kill that was confirmed last, on one line of the dock, until it is put away; unfolds to its results. */
export function BatchWatch({ hash, name }: BatchWatchProps) {
  const t = useText();
  const followBatch = usePage((state) => state.followBatch);
  const tone = usePage((state) => state.tone);
  const [open, setOpen] = useState(false);
  const { data } = useStream('changes.watchBatch', { hash });
  if (!data) return null;
  const { failed, ...counts } = countsOf(data);
  return (
    <div className={styles.dockBatch} data-tone={tone} data-open={open || undefined}>
      <div className={styles.dockLine}>
        <IconButton
          icon={open ? ChevronDown : ChevronUp}
          size="s"
          variant="ghost"
          label={t('changes.bulkShow', { name })}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        />
        <strong>
          <Sentence id="changes.bulkDid" params={{ name, environment: named(data.batch.environment, tone) }} />
        </strong>
        <span role="status" aria-label={t('changes.propagation')} className={styles.short}>
          {t('changes.bulkCounts', { ...counts })}
          {failed === 0 ? null : <StatusPill tint="red">{t('changes.bulkFailed', { count: failed })}</StatusPill>}
          {data.waiting === null ? null : <StatusPill tint="amber">{data.waiting}</StatusPill>}
          {data.state === 'interrupted' ? (
            <StatusPill tint="amber">{t('changes.bulkInterruptedShort')}</StatusPill>
          ) : null}
        </span>
        <IconButton
          icon={X}
          size="s"
          variant="ghost"
          label={t('changes.dismiss', { flag: name })}
          onClick={() => followBatch(null)}
        />
      </div>
      {open ? <BulkResults progress={data} /> : null}
    </div>
  );
}
