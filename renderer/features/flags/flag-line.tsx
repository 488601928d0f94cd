// biome-ignore-all lint/a11y/useSemanticElements: lines are placed by hand, which a table element does not let one do
// biome-ignore-all lint/a11y/useFocusableInteractive: rows are read, their links and buttons take the focus
import { memo } from 'react';
import { Link } from 'wouter';
import { flagId, type FlagRow } from '../../../shared/model/flag.ts';
import { Badge, ActButton, Code, cx, flagPath, Time, usePage } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import { FlagStateLabel, Rollout } from './flag-state.tsx';
import styles from './flags.module.css';

export interface FlagLineProps {
  readonly row: FlagRow;
  readonly environment: string;
  /** Place in the list, from 0. */
  readonly index: number;
  readonly top: number;
  readonly selected: boolean;
}

/** One flag, named by its key. Drawn again only when it changed or moved. */
export const FlagLine = memo(function FlagLine({ row, environment, index, top, selected }: FlagLineProps) {
  const t = useText();
  const askKill = usePage((state) => state.askKill);
  const select = usePage((state) => state.select);
  const marked = usePage((state) => state.marked.has(flagId(row)));
  const toggleMark = usePage((state) => state.toggleMark);
  const { connection, key } = row;
  const offered = row.killable && !row.killed;
  return (
    <div
      role="row"
      aria-label={key}
      aria-rowindex={index + 2}
      data-selected={selected || undefined}
      className={cx(styles.line, styles.columns)}
      style={{ transform: `translateY(${top}px)` }}
      onFocus={() => select({ connection, key })}
    >
      <div role="cell">
        <input
          type="checkbox"
          className={styles.mark}
          aria-label={t('flags.mark', { flag: key })}
          checked={marked}
          onChange={() => toggleMark({ connection, key })}
        />
      </div>
      <div role="cell" className={styles.keyCell}>
        <Link href={flagPath(row)} className={styles.key} data-flag-index={index} title={`${connection} / ${key}`}>
          <Code>{key}</Code>
        </Link>
        {row.critical ? <Badge>{t('flags.critical')}</Badge> : null}
        {row.polarity === 'disables' ? <Badge title={t('flags.polarity.disables')}>{t('flags.disables')}</Badge> : null}
        {row.stale ? <Badge>{t('flags.stale')}</Badge> : null}
      </div>
      <div role="cell">
        <FlagStateLabel exposure={row.exposure} killed={row.killed} />
      </div>
      <div role="cell">
        <Rollout percentage={row.percentage} exposure={row.exposure} />
      </div>
      <div role="cell" className={cx(styles.clip, styles.targeting)} title={row.targeting ?? undefined}>
        {row.targeting === null ? <span className={styles.muted}>–</span> : <Code>{row.targeting}</Code>}
      </div>
      <div role="cell" className={cx(styles.clip, styles.services)} title={row.services.join(', ')}>
        {row.services.length === 0 ? <span className={styles.muted}>–</span> : row.services.join(', ')}
      </div>
      <div role="cell" className={cx(styles.clip, styles.owner)}>
        {row.owner ?? <span className={styles.muted}>–</span>}
      </div>
      <div role="cell" className={cx(styles.clip, styles.muted)}>
        {row.changedAtMs === null ? '–' : <Time atMs={row.changedAtMs} />}
      </div>
      <div role="cell" className={styles.action}>
        <ActButton
          size="s"
          aria-label={t('flags.killNamed', { flag: key })}
          aria-disabled={!offered}
          title={offered ? undefined : t(row.killed ? 'flags.alreadyKilled' : 'flags.notKillable')}
          onClick={() => offered && askKill({ connection, key, environment })}
        >
          {t('flags.kill')}
        </ActButton>
      </div>
    </div>
  );
});
